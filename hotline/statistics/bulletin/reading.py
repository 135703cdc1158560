"""Reading a sheet of outside figures: where its table is, its rows, its 合计, what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hotline.errors import Refused
from hotline.statistics.bulletin import cells
from hotline.statistics.bulletin.cells import head
from hotline.statistics.bulletin.rules import TOTAL, Cell, Field, Holds, Kind, fields_of
from hotline.telephony import files
from hotline.telephony.files import Report

TOTALS = ("合计", "总计", "小计", "本页小计", "累计")
NOTES = ("（", "(", "注", "说明", "备注")
MOST_ROWS = 2000
MOST_BYTES = 4 * 1024 * 1024
Line = tuple[int, list[str]]


@dataclass
class Sheet:
    """One sheet as it was read. ``lines`` are the rows of the file the rows came from."""

    kind: Kind
    source: str
    digest: str
    fields: tuple[Field, ...]
    report: Report
    rows: list[list[Cell]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    totals: list[tuple[int, int, list[Cell]]] = field(default_factory=list)

    @property
    def said(self) -> list[Cell] | None:
        """The 合计 of the whole: the last one."""
        return self.totals[-1][2] if self.totals else None

    def place(self, key: str) -> int:
        """Where a column stands."""
        return next(place for place, one in enumerate(self.fields) if one.key == key)


def kind_of(name: str) -> Kind:
    """What a file holds, by its name (``terminals.csv``, ``terminals-2.xlsx``). Raises Refused."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")[0].lower()
    for kind in Kind:
        if stem == kind.value or stem.startswith((f"{kind.value}-", f"{kind.value}_")):
            return kind
    known = "、".join(kind.value for kind in Kind)
    raise Refused("sheet_unknown", f"认不出文件 {name}：文件名应为 {known} 之一。", fields={})


def read(month: str, name: str, data: bytes) -> Sheet:
    """One file. What is wrong stands in its report by row and column. Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused("file_too_large", f"{name} 超过 {MOST_BYTES // 1024 // 1024} MB。")
    kind, report = kind_of(name), Report(name)
    digest = hashlib.sha256(data).hexdigest()
    if kind is Kind.CUMULATIVE:
        return _cumulative(name, data, digest, report)
    sheet = Sheet(kind, name, digest, fields_of(kind, month), report)
    rows = _xlsx(name, data) if name.lower().endswith(".xlsx") else _csv(data, report)
    _fill(sheet, list(rows))
    return sheet


def _xlsx(name: str, data: bytes) -> Iterator[Line]:
    if not name.lower().endswith(".xlsx"):
        raise Refused("file_invalid", f"{name}：请用 CSV 或 XLSX。")
    return files.xlsx_rows(data)


def _csv(data: bytes, report: Report) -> Iterator[Line]:
    return files.csv_rows(files.decode(data, report))


def _cumulative(name: str, data: bytes, digest: str, report: Report) -> Sheet:
    only = Field("count", Kind.CUMULATIVE.label)
    sheet = Sheet(Kind.CUMULATIVE, name, digest, (only,), report)
    text = files.decode(data, report).strip()
    report.rows = 1
    try:
        value = cells.read(only, text)
        if isinstance(value, str):
            raise cells.Wrong("应只有一个数。")
        sheet.rows, sheet.lines = [[value]], [1]
    except cells.Wrong as wrong:
        report.fault(1, only.label, str(wrong))
    return sheet


def _fill(sheet: Sheet, lines: list[Line]) -> None:
    begin, groups = _find_head(sheet, lines)
    if not groups:
        return
    names = {head(name) for name in lines[begin][1]}
    for group in groups:  # column groups side by side: the left one first
        _read_group(sheet, lines[begin + 1 :], group, names)
    sheet.report.rows = len(sheet.rows)
    if not sheet.rows:
        sheet.report.fault(lines[begin][0], "", "表头下面没有内容。")
    if len(sheet.rows) > MOST_ROWS:
        sheet.report.fault(0, "", f"超过 {MOST_ROWS} 行，不像月报的表。")


def _find_head(sheet: Sheet, lines: list[Line]) -> tuple[int, list[dict[str, int]]]:
    """Which line is the head, and where each column stands in each group."""
    best, lacking = 0, [one for one in sheet.fields if not one.may_be_missing]
    for begin, (_, row) in enumerate(lines[:20]):
        groups = _groups(sheet.fields, row)
        missing = [f for f in sheet.fields if not f.may_be_missing and f.key not in groups[0]]
        if not missing:
            if begin:
                sheet.report.notes.append(f"表头在第 {lines[begin][0]} 行，上面的标题未用。")
            _note_unused(sheet, row)
            return begin, [one for one in groups if "name" in one]
        if len(missing) < len(lacking):
            best, lacking = begin, missing
    line = lines[best][0] if lines else 1
    for one in lacking:
        sheet.report.fault(line, one.label, "缺少这一列。")
    return 0, []


def _groups(fields: tuple[Field, ...], row: list[str]) -> list[dict[str, int]]:
    groups: list[dict[str, int]] = [{}]
    for place, name in enumerate(row):
        key = next((one.key for one in fields if _is(one, name)), None)
        if key is None:
            continue
        if key in groups[-1]:
            groups.append({})
        groups[-1][key] = place
    return groups


def _is(one: Field, name: str) -> bool:
    return head(name) in {head(label) for label in (one.label, *one.also)}


def _note_unused(sheet: Sheet, row: list[str]) -> None:
    more = [name for name in row if name and not any(_is(one, name) for one in sheet.fields)]
    if more:
        sheet.report.notes.append("未使用的列：" + "、".join(more))


def _read_group(
    sheet: Sheet, lines: Iterable[Line], group: dict[str, int], names: set[str]
) -> None:
    for number, row in lines:
        given = {key: row[place] if place < len(row) else "" for key, place in group.items()}
        filled = [value for value in given.values() if value]
        if not filled:
            continue
        if all(head(value) in names for value in filled) and len(filled) > 1:
            sheet.report.notes.append(f"第 {number} 行又是表头（表格分页），已跳过。")
        elif _total_in(given):
            sheet.totals.append((number, len(sheet.rows), _row(sheet, number, given, total=True)))
        elif len(filled) == 1 and filled[0].startswith(NOTES):
            sheet.report.notes.append(f"第 {number} 行是说明，未用：{filled[0][:40]}")
        else:
            sheet.rows.append(_row(sheet, number, given))
            sheet.lines.append(number)


def _total_in(given: dict[str, str]) -> bool:
    return any(head(given.get(key, "")) in TOTALS for key in ("number", "name"))


def _row(sheet: Sheet, number: int, given: dict[str, str], *, total: bool = False) -> list[Cell]:
    found: list[Cell] = []
    for one in sheet.fields:
        text = given.get(one.key, "")
        if one.holds is Holds.NUMBER:
            found.append("")
        elif total and (one.holds not in (Holds.COUNT, Holds.MONEY) or not text):
            found.append(TOTAL if one.holds is Holds.NAME else "")
        else:
            found.append(_cell(sheet, number, one, text))
    return found


def _cell(sheet: Sheet, number: int, one: Field, text: str) -> Cell:
    try:
        return cells.read(one, text)
    except cells.Wrong as wrong:
        sheet.report.fault(number, one.label, str(wrong))
        return ""
