"""A month's files by format."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from hotline.statistics.bulletin.published import Edition

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "csv": "application/zip",
}


def stem(edition: Edition) -> str:
    """``bulletin-2020-04``, with the number of a correction."""
    number = f"-correction-{edition.number}" if edition.number else ""
    return f"bulletin-{edition.month}{number}{'-draft' if edition.is_draft else ''}"


def files(edition: Edition, wanted: str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each file of a format. The writers are imported when they are needed."""
    if wanted == "csv":
        from hotline.statistics.bulletin import as_json

        yield from as_json.csv_files(edition)
    else:
        yield f"{stem(edition)}.{wanted}", body(edition, wanted)


def body(edition: Edition, wanted: str) -> bytes:
    """One file of a format; the CSV files packed together."""
    if wanted == "docx":
        from hotline.statistics.bulletin import as_docx

        return as_docx.as_bytes(edition)
    if wanted == "xlsx":
        from hotline.statistics.bulletin import as_xlsx

        return as_xlsx.as_bytes(edition)
    if wanted == "json":
        from hotline.statistics.bulletin import as_json

        return as_json.as_bytes(edition)
    return _packed(edition)


def _packed(edition: Edition) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files(edition, "csv"):
            pack.writestr(name, content)
    return out.getvalue()
