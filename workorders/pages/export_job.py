"""A long export written by a worker. Safe to run twice."""

from __future__ import annotations

from workorders.pages import export_kept, export_rows
from workorders.pages.export_kept import Export, Step


def write(key: str) -> None:
    """Write the workbook, so that who asked can take it away."""
    export = export_kept.get(key)
    if export.is_over:
        return
    try:
        export.step = _write(export)
    except BaseException:
        export.step = Step.FAILED
        raise
    finally:
        export_kept.save(export)


def _write(export: Export) -> Step:
    export.done = 0
    with export_kept.workshop() as folder, export_rows.Workbook() as book:
        for rows in export_rows.rows(export.asked, export.reading):
            book.add(rows)
            export.done += len(rows)
            export_kept.save(export)
            if export_kept.is_to_stop(export.key):
                return Step.STOPPED
        book.save(folder / "book.xlsx")
        export_kept.seal(export, folder / "book.xlsx")
    return Step.DONE
