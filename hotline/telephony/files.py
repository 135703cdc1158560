"""Files from switchboards: which format, which encoding, and what is wrong with them by row."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hotline.calls.facts import Heard
from hotline.clock import from_local, parse_instant
from hotline.errors import Refused
from hotline.labels import Labelled

MOST_FAULTS = 50
CDR_COLUMNS = 16
MOST_UNPACKED = 128 * 1024 * 1024  # an XLSX is a ZIP: few bytes may hold very many
MOST_SHEET_ROWS = 1_048_576  # Excel's own
_QUEUE_LOG = re.compile(r"\d{9,11}(?:\.\d+)?\|")


class Format(Labelled):
    """What may be imported."""

    CDR = "cdr", "Asterisk 话单 Master.csv"
    QUEUE_LOG = "queue_log", "Asterisk 队列日志 queue_log"
    CSV = "csv", "通话记录表"


@dataclass(frozen=True)
class Fault:
    """What is wrong, where. ``row`` counts lines from 1."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"第 {self.row} 行 {self.column}：{self.message}" if self.row else self.message


@dataclass
class Settlement:
    """What an imported row says about how a call was sorted and settled."""

    call_uid: str
    category: str | None
    subcategory: str | None
    disposition: str | None


@dataclass
class Told:
    """What one row of a file says."""

    row: int
    heard: list[Heard]
    settlement: Settlement | None = None


@dataclass
class Report:
    """What was found in a file and what became of it. ``skipped`` counts by reason."""

    path: str
    format: Format | None = None
    encoding: str = ""
    rows: int = 0
    accepted: int = 0
    duplicate: int = 0
    calls: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def fault(self, row: int, column: str, message: str) -> None:
        """Note a fault; a hopeless file need not list more than fifty."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(row, column, message))


def decode(data: bytes, report: Report) -> str:
    """The text: UTF-8 with or without BOM, else GB18030 (which holds GBK). Raises Refused."""
    for encoding, label in (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030（含 GBK）")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        report.encoding = label
        return text
    raise Refused("encoding_unknown", "文件既不是 UTF-8 也不是 GBK/GB18030 编码，请另存后再导入。")


def read_bytes(path: Path) -> bytes:
    """The file. Raises Refused with a sentence when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused("file_unreadable", f"无法读取 {path}：{error.strerror}。") from None


def detect(text: str) -> Format:
    """The format by its first line that says something. Raises Refused."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if _QUEUE_LOG.match(first):
        return Format.QUEUE_LOG
    cells = next(csv.reader([first]), [])
    if "call_uid" in (cell.strip().lower() for cell in cells):
        return Format.CSV
    if len(cells) >= CDR_COLUMNS:
        return Format.CDR
    raise Refused(
        "format_unknown",
        "认不出文件格式：应为 Asterisk 的 Master.csv、queue_log，或首行含 call_uid 的通话记录表。",
    )


def csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each row that is not empty; NUL bytes of a crashed disk go. Raises
    Refused."""
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error:
        sentence = f"第 {reader.line_num} 行看不懂：引号可能没有成对。请用 Excel 另存后再导入。"
        raise Refused("file_unreadable", sentence) from None


def xlsx_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells as text) of the first sheet, none shorter than the first. Raises
    Refused."""
    import openpyxl

    width = 0
    try:
        _require_moderate(data)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a format on whole columns claims a thousand million cells
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > MOST_SHEET_ROWS:
                raise Refused("file_too_large", "表里的行太多，请分成几个文件导入。")
            cells = [_cell(value) for value in row]
            if any(cells):
                width = width or len(cells)
                yield number, cells + [""] * (width - len(cells))
        book.close()
    except Refused:
        raise
    except Exception:  # openpyxl raises whatever its zip and XML readers do
        raise Refused("file_unreadable", "文件不是有效的 XLSX，请用 Excel 另存后再导入。") from None


def _require_moderate(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        if sum(one.file_size for one in pack.infolist()) > MOST_UNPACKED:
            sentence = "文件展开后太大。请只留下要导入的工作表，去掉图片，另存后再导入。"
            raise Refused("file_too_large", sentence)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a number typed into Excel
    return "" if value is None else str(value).strip()


def instant(text: str) -> datetime | None:
    """A time with an offset, or a wall-clock time in Shanghai; None for an empty cell.

    Raises ValueError.
    """
    if not text:
        return None
    naive = datetime.fromisoformat(text.replace("/", "-"))
    return from_local(naive) if naive.tzinfo is None else parse_instant(text)
