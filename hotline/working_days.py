"""The country's calendar and counting by it: holidays, make-up working days (调休), working days
and office hours. Pure.

The notices of the State Council are published year by year; they say which weekends are worked.
A year that is not known is never guessed silently: counting raises ``YearUnknown``, unless the
asker says by ``Assuming`` that Monday to Friday will do for now, and is told for which years.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from chinese_calendar.constants import Holiday, holidays, workdays

from hotline.clock import SHANGHAI, local
from hotline.errors import Refused
from hotline.labels import Labelled


class DayKind(Labelled):
    """What the calendar says of a day."""

    ORDINARY = "ordinary", "平日"
    HOLIDAY = "holiday", "放假"
    MAKE_UP = "make_up", "调休上班"
    UNKNOWN = "unknown", "放假安排未公布"


@dataclass(frozen=True)
class CalendarDay:
    """A day as the country has it; a make-up day may stand for another day."""

    kind: DayKind = DayKind.ORDINARY
    name: str = ""
    stands_for: date | None = None


class Calendar(Protocol):
    """Who knows holidays."""

    def day(self, day: date) -> CalendarDay:
        """What the calendar says of a day."""


FIRST_YEAR, LAST_YEAR = min(holidays).year, max(holidays).year
_ORDINARY, _UNKNOWN = CalendarDay(), CalendarDay(DayKind.UNKNOWN)


class KnownDays:
    """What is published, and what the administration has said itself."""

    def __init__(self, own: Mapping[date, CalendarDay] | None = None) -> None:
        self.own = dict(own or {})
        self.own_years = {
            day.year for day, said in self.own.items() if said.kind is DayKind.HOLIDAY
        }

    def knows(self, year: int) -> bool:
        """Whether the holidays of a year are known."""
        return FIRST_YEAR <= year <= LAST_YEAR or year in self.own_years

    def day(self, day: date) -> CalendarDay:
        """What holds on a day."""
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return self._published(day)
        return self.own.get(day, _ORDINARY) if day.year in self.own_years else _UNKNOWN

    def _published(self, day: date) -> CalendarDay:
        if day in holidays:
            return CalendarDay(DayKind.HOLIDAY, Holiday(holidays[day]).chinese)
        if day not in workdays:
            return _ORDINARY
        said = self.own.get(day)
        return CalendarDay(
            DayKind.MAKE_UP, Holiday(workdays[day]).chinese, said.stands_for if said else None
        )

    def make_up_days(self, first: date, last: date) -> list[tuple[date, CalendarDay]]:
        """The make-up working days in a stretch of time, in order."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [(day, said) for day in days if (said := self.day(day)).kind is DayKind.MAKE_UP]


class YearUnknown(Refused):
    """Nobody has said yet which days of a year are holidays."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            "calendar_unknown",
            f"{year} 年的放假安排还没有公布或录入，工作日算不出来。"
            "请管理员在“节假日与调休”里录入后再试。",
        )


# What the law itself gives off, whatever a year's notice adds (全国年节及纪念日放假办法).
_BY_LAW = {(1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节",
           (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}  # fmt: skip


class Assuming:
    """A calendar for a year that is not known: Monday to Friday is worked, but for the holidays
    that have a date in the law. ``years`` are those it was asked for: people are told so."""

    def __init__(self, known: Calendar) -> None:
        self.known = known
        self.years: set[int] = set()

    def day(self, day: date) -> CalendarDay:
        """What is known of a day, or else that it is like any other."""
        said = self.known.day(day)
        if said.kind is not DayKind.UNKNOWN:
            return said
        self.years.add(day.year)
        name = _BY_LAW.get((day.month, day.day))
        return CalendarDay(DayKind.HOLIDAY, name) if name else _ORDINARY


def is_workday(calendar: Calendar, day: date) -> bool:
    """Whether the country works on a day. Raises YearUnknown."""
    kind = calendar.day(day).kind
    if kind is DayKind.UNKNOWN:
        raise YearUnknown(day.year)
    return kind is DayKind.MAKE_UP or (kind is DayKind.ORDINARY and day.weekday() < 5)


def workdays_from(calendar: Calendar, day: date, step: int = 1) -> Iterator[date]:
    """The working days from a day on, itself included; backwards with ``step`` -1."""
    while True:
        if is_workday(calendar, day):
            yield day
        day += timedelta(days=step)


def add_workdays(calendar: Calendar, day: date, count: int) -> date:
    """The ``count``-th working day after a day, before it when negative; the day itself for 0.

    The day itself is not counted, whether it is worked or not (民法典 201: 开始的当日不计入).
    """
    step = 1 if count >= 0 else -1
    days = workdays_from(calendar, day + timedelta(days=step), step)
    for _ in range(abs(count)):
        day = next(days)
    return day


def workdays_between(calendar: Calendar, after: date, until: date) -> int:
    """How many working days lie after a day, up to and with another; 0 when it is not later."""
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(is_workday(calendar, day) for day in days)


@dataclass(frozen=True)
class Office:
    """When an office is open on a working day, in Shanghai."""

    opens: time = time(9)
    closes: time = time(17, 30)

    def open_on(self, day: date) -> datetime:
        """When it opens on a day."""
        return datetime.combine(day, self.opens, SHANGHAI)

    def close_on(self, day: date) -> datetime:
        """When it closes on a day."""
        return datetime.combine(day, self.closes, SHANGHAI)


def add_office_time(calendar: Calendar, office: Office, at: datetime, span: timedelta) -> datetime:
    """The instant before which so much office time has passed since ``at``; negative looks back.

    A span of nothing is ``at`` itself. Raises YearUnknown.
    """
    here, step = local(at), 1 if span >= timedelta(0) else -1
    left = abs(span)
    if not left:
        return at
    for day in workdays_from(calendar, here.date(), step):
        begin, end = office.open_on(day), office.close_on(day)
        begin, end = (max(begin, here), end) if step > 0 else (begin, min(end, here))
        if end - begin >= left:
            break
        left -= max(end - begin, timedelta(0))
    return begin + left if step > 0 else end - left


def office_time_between(
    calendar: Calendar, office: Office, start: datetime, end: datetime
) -> timedelta:
    """How much office time lies between two instants; nothing when the end is not later."""
    total, day, last = timedelta(0), local(start).date(), local(end).date()
    while day <= last:
        if is_workday(calendar, day):
            inside = min(office.close_on(day), end) - max(office.open_on(day), start)
            total += max(inside, timedelta(0))
        day += timedelta(days=1)
    return total
