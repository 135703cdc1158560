"""What must add up in the month's tables, wherever their figures come from. Pure.

``hard``: the month must not be published; ``soft``: somebody should look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotline.booking.month_tables import ChannelTable, HospitalTable
from hotline.booking.rules import Column
from hotline.labels import Labelled


class Weight(Labelled):
    """What follows when an identity does not hold."""

    HARD = "hard", "必须一致"
    SOFT = "soft", "提醒"


@dataclass(frozen=True)
class Identity:
    """One equation: what is said, and what it comes to when added up."""

    name: str
    weight: Weight
    said: int
    summed: int

    @property
    def difference(self) -> int:
        """What is said beyond the sum; nothing when it holds."""
        return self.said - self.summed

    @property
    def holds(self) -> bool:
        """Whether both sides are the same."""
        return self.said == self.summed


def differences(identities: list[Identity]) -> list[Identity]:
    """Those that do not hold."""
    return [each for each in identities if not each.holds]


def identities(
    hospitals: HospitalTable,
    channels: ChannelTable,
    *,
    phone_in_text: int | None = None,
    to_date: int | None = None,
    before: int | None = None,
) -> list[Identity]:
    """Every identity the two tables have, and those with the bulletin's text where it is given.

    ``phone_in_text`` is 电话预约 of the headline; ``to_date`` and ``before`` are the cumulative
    totals at the end of this month and of the one before.
    """
    found = [*_of_rows(hospitals), *_of_columns(hospitals), *_of_channels(hospitals, channels)]
    phone = _printed(hospitals, Column.PHONE)
    if phone_in_text is not None and phone is not None:
        found.append(Identity("正文电话预约 = 电话预约栏", Weight.HARD, phone_in_text, phone))
    if to_date is not None and before is not None:
        counted = before + hospitals.totals.total
        found.append(Identity("总预约挂号量 = 上月累计 + 本月", Weight.SOFT, to_date, counted))
    return found


def _of_rows(table: HospitalTable) -> Iterator[Identity]:
    for row in (*table.rows, table.totals):
        yield Identity(f"{row.name}：各栏之和 = 小计", Weight.HARD, row.total, sum(row.counts))


def _of_columns(table: HospitalTable) -> Iterator[Identity]:
    for place, printed in enumerate(table.layout.columns):
        added = sum(row.counts[place] for row in table.rows)
        name = f"{printed.label}：各医院之和 = 合计"
        yield Identity(name, Weight.HARD, table.totals.counts[place], added)
    added = sum(row.total for row in table.rows)
    yield Identity("小计：各医院之和 = 合计", Weight.HARD, table.totals.total, added)


def _of_channels(table: HospitalTable, channels: ChannelTable) -> Iterator[Identity]:
    added = sum(row.bookings for row in channels.rows)
    yield Identity("途径之和 = 途径合计", Weight.HARD, channels.total, added)
    online = [row for row in channels.rows if row.column is Column.ONLINE]
    names = " + ".join(row.name for row in sorted(online, key=lambda row: row.position))
    shown = sum(row.bookings for row in online)
    said = _printed(table, Column.ONLINE) or 0
    yield Identity(f"{names} = {Column.ONLINE.label}", Weight.HARD, said, shown)
    if _printed(table, Column.QUICK) is not None:
        yield from _of_quick(table, channels)


def _of_quick(table: HospitalTable, channels: ChannelTable) -> Iterator[Identity]:
    """Forms with a column for 快速预约; what is folded into it is no channel of the list."""
    folded = table.folded.get(Column.PHONE, 0)
    quick = sum(row.bookings for row in channels.rows if row.column is Column.QUICK)
    printed = (_printed(table, Column.QUICK) or 0) - folded
    yield Identity("快速预约栏（不含电话） = 快速预约途径", Weight.SOFT, printed, quick)
    others = [_printed(table, column) or 0 for column in (Column.ONLINE, Column.THIRD_PARTY)]
    together = printed + sum(others)
    yield Identity("途径合计 = 在线 + 快速 + 第三方", Weight.SOFT, channels.total, together)


def _printed(table: HospitalTable, column: Column) -> int | None:
    """A column's total, or None where the form does not print it."""
    for place, printed in enumerate(table.layout.columns):
        if printed.column is column:
            return table.totals.counts[place]
    return None
