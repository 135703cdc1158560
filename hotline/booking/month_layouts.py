"""The published forms of the month's booking table, each from a month on. Data, and pure.

A form prints a column for some of the columns that channels count in (``rules.Column``). A
booking stands in exactly one printed column: where a form has none for its channel, it counts in
the neighbour named here, and ``folded`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hotline.booking.rules import Column


@dataclass(frozen=True)
class Printed:
    """One printed column: its own bookings, and those of columns that are not printed."""

    column: Column
    also: tuple[Column, ...] = ()

    @property
    def counts(self) -> tuple[Column, ...]:
        """Every column of the channels that counts here."""
        return (self.column, *self.also)

    @property
    def label(self) -> str:
        """The head of the column."""
        return self.column.label


@dataclass(frozen=True)
class Layout:
    """One form. ``since`` is the first month (YYYY-MM) it is used for."""

    name: str
    since: str
    columns: tuple[Printed, ...]

    def column_of(self, counts_in: Column) -> Column:
        """Where bookings of channels that count in a column are printed."""
        return next(each.column for each in self.columns if counts_in in each.counts)

    @property
    def folded(self) -> list[tuple[Column, Column]]:
        """(column that is not printed, where its bookings are) of each such column."""
        return [(hidden, each.column) for each in self.columns for hidden in each.also]


# 2020: 12320在线预约 is 健康南京 + 微信 + 12320网 to the unit, so 快速预约 was not in it.
# 2023: telephone bookings lost their column; the bulletin's text still says how many there are.
LAYOUTS = (
    Layout(
        "2020",
        "0001-01",
        (
            Printed(Column.ONLINE),
            Printed(Column.PHONE),
            Printed(Column.IN_CLINIC),
            Printed(Column.THIRD_PARTY, also=(Column.QUICK,)),
        ),
    ),
    Layout(
        "2023",
        "2023-01",
        (
            Printed(Column.ONLINE),
            Printed(Column.QUICK, also=(Column.PHONE,)),
            Printed(Column.IN_CLINIC),
            Printed(Column.THIRD_PARTY),
        ),
    ),
)
# The table of channels leaves out what is booked by telephone, in a clinic, or in a hospital.
LISTED_CHANNELS = (Column.ONLINE, Column.QUICK, Column.THIRD_PARTY)


def layout_of(month: str, layouts: Iterable[Layout] = LAYOUTS) -> Layout:
    """The form of a month ``YYYY-MM``: the latest that was in use by then."""
    return max((each for each in layouts if each.since <= month), key=lambda each: each.since)
