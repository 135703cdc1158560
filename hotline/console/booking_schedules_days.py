"""Days of a schedule as a calendar: weeks as rows, and for each day what would be on offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from hotline.booking.schedules_expansion import on_day, verdict
from hotline.booking.schedules_rules import WITHHELD, Plan, Verdict
from hotline.working_days import Calendar

WEEKS = 4


@dataclass(frozen=True)
class Used:
    """What the slots of a day have."""

    taken: int = 0
    capacity: int = 0


@dataclass(frozen=True)
class Cell:
    """One day: how many units, or why none."""

    day: date
    said: Verdict
    units: int
    note: str = ""
    used: Used | None = None

    @property
    def tone(self) -> str:
        """Its colour, beside its words."""
        if self.units:
            return "done"
        return "soon" if self.said in WITHHELD else "rest"


@dataclass(frozen=True)
class Weeks:
    """Weeks from Monday to Sunday, each with its ISO number."""

    rows: list[tuple[int, list[Cell]]]

    @property
    def units(self) -> int:
        """What all the days come to."""
        return sum(cell.units for _, row in self.rows for cell in row)

    @property
    def waiting(self) -> list[date]:
        """Days for which somebody has to say what holds."""
        return [cell.day for _, row in self.rows for cell in row if cell.said in WITHHELD]


def weeks(
    plan: Plan,
    calendar: Calendar,
    first: date,
    used: Mapping[date, Used] | None = None,
    count: int = WEEKS,
) -> Weeks:
    """The weeks from the one that holds the first day; days before it are not on offer."""
    monday = first - timedelta(days=first.weekday())
    mondays = [monday + timedelta(weeks=n) for n in range(count)]
    return Weeks(
        [
            (each.isocalendar().week,
             [_cell(plan, calendar, each + timedelta(days=n), first, used or {})
              for n in range(7)])
            for each in mondays
        ]
    )  # fmt: skip


def _cell(
    plan: Plan, calendar: Calendar, day: date, first: date, used: Mapping[date, Used]
) -> Cell:
    if day < first:
        return Cell(day, Verdict.OUTSIDE, 0)
    said = verdict(plan, day, calendar)
    units = sum(segment.units for segment in on_day(plan, day, calendar))
    note = calendar.day(day).name
    if day in plan.exceptions:
        note = plan.exceptions[day].kind.label
    return Cell(day, said, units, note, used.get(day))
