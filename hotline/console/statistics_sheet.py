"""Tables of figures: the same rows on the page, in the CSV and in the XLSX."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Response
from sqlmodel import Session

from hotline import audit
from hotline.booking.exporting import as_csv
from hotline.console.filters import duration, percent
from hotline.labels import Labelled

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Holds(Labelled):
    """What the cells of a column are."""

    TEXT = "text", "文字"
    COUNT = "count", "个数"
    SHARE = "share", "比例"
    CHANGE = "change", "增减"
    SECONDS = "seconds", "秒"


_FORMATS = {
    Holds.COUNT: "#,##0",
    Holds.SHARE: "0.0%",
    Holds.CHANGE: "+0.0%;-0.0%",
    Holds.SECONDS: "0",
}


@dataclass(frozen=True)
class Cell:
    """A number that is of another kind than its column."""

    value: float | None
    holds: Holds


@dataclass(frozen=True)
class Column:
    """``why`` stands at the head when the pointer rests on it."""

    label: str
    holds: Holds = Holds.COUNT
    why: str = ""

    @property
    def is_number(self) -> bool:
        """Whether its cells stand on the right."""
        return self.holds is not Holds.TEXT


@dataclass
class Sheet:
    """Cells are numbers, None where there is nothing to say, a ``Cell``, or a text in place of a
    number."""

    title: str
    columns: list[Column]
    rows: list[list[Any]] = field(default_factory=list)
    note: str = ""

    def shown(self, row: int, column: int) -> str:
        """A cell as people read it."""
        cell = self.rows[row][column]
        return cell if isinstance(cell, str) else written(_bare(cell), self.holds(cell, column))

    def holds(self, cell: Any, column: int) -> Holds:
        """What a cell of a column is."""
        return cell.holds if isinstance(cell, Cell) else self.columns[column].holds

    @property
    def exported(self) -> list[list[Any]]:
        """Title, heads, rows and note, as a file has them."""
        heads = [column.label for column in self.columns]
        below = [[self.note]] if self.note else []
        return [[self.title], heads, *([_plain(cell) for cell in row] for row in self.rows), *below]


def _bare(cell: Any) -> Any:
    return cell.value if isinstance(cell, Cell) else cell


def _plain(cell: Any) -> Any:
    value = _bare(cell)
    return round(value, 4) if isinstance(value, float) else value


def written(value: float | None, holds: Holds) -> str:
    """A number in words: ``1,234``, ``95.2%``, ``+3.1%``, ``3分20秒``; a dash for none."""
    if value is None:
        return "—"
    if holds is Holds.SHARE:
        return percent(value)
    if holds is Holds.CHANGE:
        return f"{value:+.1%}"
    return duration(value) if holds is Holds.SECONDS else f"{round(value):,}"


def file_of(session: Session, sheets: list[Sheet], name: str, file_format: str) -> Response:
    """What the page shows, as a file to keep; that it was taken away is noted."""
    detail = {"file": name, "format": file_format, "rows": sum(len(one.rows) for one in sheets)}
    audit.record(session, audit.Action.EXPORTED, "statistics", detail=detail)
    kept = sheets or [Sheet("没有数据", [Column("没有数据", Holds.TEXT)])]
    body = workbook(kept) if file_format == "xlsx" else csv_of(kept)
    called = quote(f"{name}.{file_format}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{called}"}
    return Response(body, content_type=TYPES[file_format], headers=headers)


def csv_of(sheets: list[Sheet]) -> str:
    """All tables below each other, an empty line between."""
    return "".join(as_csv([[*one.exported, []] for one in sheets]))


def workbook(sheets: list[Sheet]) -> bytes:
    """A sheet for each table."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, one in enumerate(sheets, 1):
        _fill(book.create_sheet(f"{number} {_tab(one.title)}"[:31]), one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _tab(title: str) -> str:
    """A name a spreadsheet takes for a tab."""
    return "".join(" " if letter in "[]:*?/\\" else letter for letter in title)


def _fill(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for row in sheet.exported:
        page.append(row)
    for cells in page.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a name is a name, also one that begins with =
    for line, row in enumerate(sheet.rows, 3):
        for place, value in enumerate(row):
            form = _FORMATS.get(sheet.holds(value, place), "General")
            page.cell(line, place + 1).number_format = form
    for column, head in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(column)].width = max(12, 2.2 * len(head.label))
        page.cell(2, column).font = Font(bold=True)
        page.cell(2, column).alignment = Alignment(horizontal="right" if head.is_number else None)
    page.cell(1, 1).font = Font(bold=True, size=14)
    page.freeze_panes = "B3"
