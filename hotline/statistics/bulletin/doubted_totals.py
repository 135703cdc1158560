"""What is doubtful about the 合计 rows of a sheet. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.statistics.bulletin import cells
from hotline.statistics.bulletin.doubt import AS_PRINTED, Doubt
from hotline.statistics.bulletin.reading import Sheet
from hotline.statistics.bulletin.rules import Cell, Holds, Kind


def _totals_within(sheet: Sheet, _: str) -> Iterator[Doubt]:
    """A 合计 amid the rows: the sum of what is above it, or a question."""
    begin = 0
    for line, upto, total in sheet.totals[:-1]:
        page, all_above = _sums(sheet, begin, upto), _sums(sheet, 0, upto)
        said = [cell for cell in total if isinstance(cell, int)]
        if said not in (page, all_above):
            yield Doubt(
                f"{sheet.kind.value}.{line}.total_within", line, "",
                f"第 {line} 行是表中间的合计，与它上面各行之和不符。",
                ((AS_PRINTED, "当作分页小计，不用它"),),
            )  # fmt: skip
        begin = upto


def _sums(sheet: Sheet, begin: int, upto: int) -> list[int]:
    return [
        sum(cell for row in sheet.rows[begin:upto] if isinstance(cell := row[place], int))
        for place, one in enumerate(sheet.fields)
        if one.holds in (Holds.COUNT, Holds.MONEY)
    ]


def _said_total(sheet: Sheet, _: str) -> Iterator[Doubt]:
    """Of terminals either total may be printed; of what is counted the sum always is."""
    if sheet.kind is not Kind.TERMINALS or not sheet.totals:
        return
    line, said = sheet.totals[-1][0], sheet.totals[-1][2]
    for place, one in enumerate(sheet.fields):
        added = sum(cell for row in sheet.rows if isinstance(cell := row[place], int))
        if one.holds in (Holds.COUNT, Holds.MONEY) and said[place] != added:
            printed = cells.shown(one, said[place])
            yield Doubt(
                f"{sheet.kind.value}.total", line, one.label,
                f"“{one.label}”的合计写的是 {printed}，各行加起来是 {cells.shown(one, added)}，"
                f"差 {_difference(one.holds, said[place], added)}。月报印哪一个？",
                ((AS_PRINTED, f"照文件印 {printed}"), ("sum", "印各行之和")),
            )  # fmt: skip
            return


def _difference(holds: Holds, said: Cell, added: int) -> str:
    if not isinstance(said, int):
        return "无法比较"
    return f"{cells.money(said - added)} 元" if holds is Holds.MONEY else str(said - added)


LOOKS = (_totals_within, _said_total)
