"""A year of the statutory calendar for people: days off, make-up days, working days. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hotline.working_days import DayKind, KnownDays, is_workday


@dataclass(frozen=True)
class Holiday:
    """Days off in a row."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Year:
    """``months`` counts working days, January first; empty when the year is not known."""

    year: int
    is_known: bool
    holidays: list[Holiday]
    worked: list[tuple[date, str]]
    months: list[int]


def year_of(known: KnownDays, year: int) -> Year:
    """The year as far as it is known."""
    if not known.knows(year):
        return Year(year, False, [], [], [])
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    months = [0] * 12
    for day in days:
        months[day.month - 1] += is_workday(known, day)
    worked = [(day, said.name) for day, said in known.make_up_days(days[0], days[-1])]
    return Year(year, True, _runs(known, days), worked, months)


def _runs(known: KnownDays, days: list[date]) -> list[Holiday]:
    runs: list[Holiday] = []
    for day in days:
        said = known.day(day)
        if said.kind is not DayKind.HOLIDAY:
            continue
        last = runs[-1] if runs else None
        if last and day - last.last == timedelta(days=1):
            names = dict.fromkeys([*last.name.split("、"), said.name])
            runs[-1] = Holiday("、".join(filter(None, names)), last.first, day)
        else:
            runs.append(Holiday(said.name or said.kind.label, day, day))
    return runs
