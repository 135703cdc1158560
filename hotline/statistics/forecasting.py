"""Calls to come, by day and hour, in a way one can say in a sentence. Pure.

An hour to come is the mean of the same hour on the same day of the week over the last eight
weeks, times how the last two weeks stood to that mean. Holidays and make-up working days are
left out of the means; a holiday to come is taken for a Sunday, a make-up day for the day it
stands for, or else for the mean of Monday to Friday. How wrong this was is shown by doing it
again for weeks that are over, each with nothing but what was known before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from hotline.working_days import Calendar, CalendarDay, DayKind

RULE = "forecast-1"
PROFILE_DAYS, LEVEL_DAYS, LEAST_DAYS = 56, 14, 14
HOURS = range(24)
MONDAY_TO_FRIDAY, SUNDAY = (0, 1, 2, 3, 4), (6,)
# Calls offered by day: 24 numbers, one for each hour.
History = Mapping[date, tuple[float, ...]]


@dataclass(frozen=True)
class Day:
    """A day to come."""

    day: date
    said: CalendarDay
    hours: tuple[float, ...]

    @property
    def calls(self) -> float:
        """Of the whole day."""
        return sum(self.hours)


@dataclass(frozen=True)
class Past:
    """A week that is over, forecast as if it were not."""

    first: date
    actual: tuple[float, ...]
    forecast: tuple[float, ...]
    hourly_off: float
    naive_off: float

    @property
    def calls(self) -> float:
        """That came."""
        return sum(self.actual)

    @property
    def off(self) -> float:
        """Forecast for the week less what came, as a share of what came."""
        return (sum(self.forecast) - self.calls) / self.calls if self.calls else 0.0

    @property
    def daily_error(self) -> float:
        """How far the days were off, added up, as a share of the calls."""
        return _share(_distance(self.actual, self.forecast), self.calls)

    @property
    def hourly_error(self) -> float:
        """The same by hours."""
        return _share(self.hourly_off, self.calls)

    @property
    def naive_error(self) -> float:
        """By days, had one said that everything will be as in the week before."""
        return _share(self.naive_off, self.calls)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _distance(some: Iterable[float], others: Iterable[float]) -> float:
    return sum(abs(a - b) for a, b in zip(some, others, strict=True))


def is_enough(history: History, first: date) -> bool:
    """Whether there are two weeks before a day to go by."""
    return len(_before(history, first, PROFILE_DAYS)) >= LEAST_DAYS


def _before(history: History, first: date, days: int) -> dict[date, tuple[float, ...]]:
    since = first - timedelta(days=days)
    return {day: hours for day, hours in history.items() if since <= day < first}


def forecast(history: History, calendar: Calendar, first: date, days: int) -> list[Day]:
    """So many days from ``first`` on, from what was before it. Raises ValueError on too little."""
    if not is_enough(history, first):
        raise ValueError("two weeks of history at least")
    model = _Model.of(history, calendar, first)
    return [model.day(first + timedelta(days=n)) for n in range(days)]


def level(history: History, calendar: Calendar, first: date) -> float:
    """How the last two weeks stood to the means."""
    return _Model.of(history, calendar, first).level


@dataclass(frozen=True)
class _Model:
    calendar: Calendar
    means: dict[int, tuple[float, ...]]
    level: float = 1.0

    @classmethod
    def of(cls, history: History, calendar: Calendar, first: date) -> _Model:
        """What usual days before ``first`` teach by weekday, and how high the last weeks are."""
        known = _before(history, first, PROFILE_DAYS)
        usual = {
            day: hours
            for day, hours in known.items()
            if calendar.day(day).kind in (DayKind.ORDINARY, DayKind.UNKNOWN)
        } or known
        means = {
            weekday: _mean([h for day, h in usual.items() if day.weekday() == weekday])
            for weekday in {day.weekday() for day in usual}
        }
        flat = cls(calendar, means)
        lately = [day for day in usual if day >= first - timedelta(days=LEVEL_DAYS)]
        came = sum(sum(usual[day]) for day in lately)
        meant = sum(flat.day(day).calls for day in lately)
        return cls(calendar, means, came / meant if meant else 1.0)

    def day(self, day: date) -> Day:
        said = self.calendar.day(day)
        known = [self.means[one] for one in _like(day, said) if one in self.means]
        hours = _mean(known or list(self.means.values()))
        return Day(day, said, tuple(hour * self.level for hour in hours))


def _like(day: date, said: CalendarDay) -> tuple[int, ...]:
    if said.kind is DayKind.HOLIDAY:
        return SUNDAY
    if said.kind is DayKind.MAKE_UP:
        return (said.stands_for.weekday(),) if said.stands_for else MONDAY_TO_FRIDAY
    return (day.weekday(),)


def _mean(days: list[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(fmean(each) for each in zip(*days, strict=True))


def past(history: History, calendar: Calendar, first: date, weeks: int = 6) -> list[Past]:
    """The weeks before a day that can be forecast from what was before them, the oldest first."""
    begun = [first - timedelta(days=7 * back) for back in range(weeks, 0, -1)]
    return [
        found
        for start in begun
        if is_enough(history, start) and (found := _past(history, calendar, start))
    ]


def _past(history: History, calendar: Calendar, start: date) -> Past | None:
    week = [start + timedelta(days=n) for n in range(7)]
    before = [day - timedelta(days=7) for day in week]
    if not all(day in history for day in week + before):
        return None
    said = forecast(history, calendar, start, 7)
    came = [history[day] for day in week]
    return Past(
        start,
        tuple(map(sum, came)),
        tuple(day.calls for day in said),
        sum(_distance(hours, day.hours) for hours, day in zip(came, said, strict=True)),
        _distance(map(sum, came), (sum(history[day]) for day in before)),
    )
