"""The month's two booking tables, made from how many bookings there are by what. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hotline.booking.month_layouts import LISTED_CHANNELS, Layout
from hotline.booking.place_models import Channel
from hotline.booking.rules import Column

# Bookings by (hospital, channel).
Counts = Mapping[tuple[int, str], int]


@dataclass(frozen=True)
class Row:
    """One hospital: bookings in each printed column, in their order."""

    name: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class HospitalTable:
    """预约挂号服务统计. ``folded``: bookings by the column of theirs that is not printed."""

    layout: Layout
    rows: list[Row]
    totals: Row
    folded: dict[Column, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ChannelRow:
    """One channel of 分途径."""

    code: str
    name: str
    column: Column
    bookings: int
    position: int = 0


@dataclass(frozen=True)
class ChannelTable:
    """线上预约情况: every channel but telephone and clinic, the busiest first."""

    rows: list[ChannelRow]
    total: int


def hospital_table(
    counts: Counts, hospitals: Mapping[int, str], channels: Iterable[Channel], layout: Layout
) -> HospitalTable:
    """Table 1 from bookings by (hospital, channel)."""
    own = {each.code: each.counts_in for each in channels}
    cells: dict[int, dict[Column, int]] = defaultdict(lambda: defaultdict(int))
    folded: dict[Column, int] = defaultdict(int)
    for (hospital, channel), bookings in counts.items():
        printed = layout.column_of(own[channel])
        cells[hospital][printed] += bookings
        if printed is not own[channel]:
            folded[own[channel]] += bookings
    rows = [_row(layout, hospitals[hospital], found) for hospital, found in cells.items()]
    rows.sort(key=lambda row: (-row.total, row.name))
    return HospitalTable(layout, rows, _sum(layout, rows), dict(folded))


def _row(layout: Layout, name: str, cells: Mapping[Column, int]) -> Row:
    numbers = tuple(cells.get(each.column, 0) for each in layout.columns)
    return Row(name, numbers, sum(numbers))


def _sum(layout: Layout, rows: list[Row]) -> Row:
    width = range(len(layout.columns))
    numbers = tuple(sum(row.counts[place] for row in rows) for place in width)
    return Row("合计", numbers, sum(row.total for row in rows))


def channel_table(counts: Counts, channels: Iterable[Channel]) -> ChannelTable:
    """Table 2 from bookings by (hospital, channel); equal ones in the channels' own order."""
    booked: dict[str, int] = defaultdict(int)
    for (_, channel), bookings in counts.items():
        booked[channel] += bookings
    rows = [
        ChannelRow(each.code, each.name, each.counts_in, booked[each.code], each.position)
        for each in channels
        if each.counts_in in LISTED_CHANNELS and (each.is_active or booked[each.code])
    ]
    rows.sort(key=lambda row: -row.bookings)
    return ChannelTable(rows, sum(row.bookings for row in rows))
