"""Which days a deadline leapt over, and which weekends it did not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hotline.clock import local
from hotline.working_days import Calendar, DayKind, is_workday


@dataclass(frozen=True)
class Rest:
    """Days in a row that were not counted, and as what: no name is a plain weekend."""

    first: date
    last: date
    name: str


def skipped(
    begin: datetime, end: datetime, calendar: Calendar
) -> tuple[tuple[Rest, ...], tuple[date, ...]]:
    """The rest days after the start, in runs, and the make-up working days, up to the end."""
    first, last = local(begin).date(), local(end).date()
    rests: list[Rest] = []
    made_up: list[date] = []
    for n in range(1, (last - first).days + 1):
        day = first + timedelta(days=n)
        said = calendar.day(day)
        if said.kind is DayKind.MAKE_UP:
            made_up.append(day)
        elif not is_workday(calendar, day):
            _add(rests, day, said.name)
    return tuple(rests), tuple(made_up)


def _add(rests: list[Rest], day: date, name: str) -> None:
    last = rests[-1] if rests else None
    if last is None or day - last.last > timedelta(days=1):
        rests.append(Rest(day, day, name))
        return
    names = [*last.name.split("、"), name]
    rests[-1] = Rest(last.first, day, "、".join(dict.fromkeys(filter(None, names))))
