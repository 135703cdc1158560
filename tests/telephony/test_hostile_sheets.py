"""Sheets that are broken or made to harm end in a sentence, not in an error of ours."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from hotline.errors import Refused
from hotline.telephony import files

PAGE = "xl/worksheets/sheet1.xml"


def _book(change: Callable[[bytes], bytes], more: bytes = b"") -> bytes:
    """A sheet of two cells whose page is changed."""
    book, plain, out = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["单位", "人次"])
    book.save(plain)
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack,
    ):
        for name in source.namelist():
            content = source.read(name)
            pack.writestr(name, change(content) if name == PAGE else content)
        if more:
            pack.writestr("xl/media/image1.png", more)
    return out.getvalue()


def _refused(rows: object) -> str:
    with pytest.raises(Refused) as refusal:
        list(rows)  # type: ignore[call-overload]
    return refusal.value.code


def test_a_page_that_breaks_off() -> None:
    assert _refused(files.xlsx_rows(_book(lambda page: page[:-40]))) == "file_unreadable"


def test_few_bytes_that_hold_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_UNPACKED", 1_000_000)
    data = _book(lambda page: page, b"0" * 2_000_000)
    assert len(data) < 20_000
    assert _refused(files.xlsx_rows(data)) == "file_too_large"


def test_a_row_beyond_all_rows() -> None:
    data = _book(lambda page: page.replace(b'<row r="1"', b'<row r="99999999999"'))
    assert _refused(files.xlsx_rows(data)) == "file_too_large"


def test_a_format_on_whole_columns_adds_no_cells() -> None:
    claims = _book(lambda page: page.replace(b'ref="A1:B1"', b'ref="A1:XFD1048576"'))
    assert list(files.xlsx_rows(claims)) == [(1, ["单位", "人次"])]


def test_a_row_is_never_shorter_than_the_first() -> None:
    shorter = b'<row r="2"><c r="A2"><v>7</v></c></row></sheetData>'
    data = _book(lambda page: page.replace(b"</sheetData>", shorter))
    assert list(files.xlsx_rows(data))[1] == (2, ["7", ""])


def test_a_quote_that_never_closes() -> None:
    assert _refused(files.csv_rows('单位,人次\n"' + "甲" * 200_000)) == "file_unreadable"
