"""The country's calendar: holidays and make-up working days, published year by year. Pure.

The notices of the State Council say which weekends are worked, not which weekday such a day
stands for: that is the hospitals' administration's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from chinese_calendar.constants import Holiday, holidays, in_lieu_days, workdays

from hotline.booking.schedules_rules import CalendarDay, DayKind

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


def may_stand_for(day: date) -> list[date]:
    """Which working days a make-up day may stand for: those given off around the holiday."""
    name = workdays.get(day)
    near = (other for other, why in in_lieu_days.items() if why == name)
    return sorted(other for other in near if abs((other - day).days) < 60)
