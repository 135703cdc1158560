"""The words of schedules, and a schedule as a pattern. Pure.

These weekdays, this half-day, so many units, from a day on. Statutory holidays, make-up working
days (调休) and single days that differ bend it (see ``schedules_expansion``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from hotline.booking.rules import HalfDay
from hotline.labels import Labelled


class Weeks(Labelled):
    """In which weeks of the ISO calendar."""

    EVERY = "every", "每周"
    ODD = "odd", "单周"
    EVEN = "even", "双周"


class OnHoliday(Labelled):
    """What becomes of a statutory holiday."""

    CLOSED = "closed", "停诊"
    AS_USUAL = "as_usual", "照常出诊"


class OnMakeUp(Labelled):
    """What becomes of a weekend day on which the country works."""

    CLOSED = "closed", "停诊"
    FOLLOW = "follow", "跟随调休"
    AS_USUAL = "as_usual", "照常按星期"


class Difference(Labelled):
    """How a single day differs from the pattern."""

    OFF = "off", "不出诊"
    EXTRA = "extra", "加诊"
    UNITS = "units", "改号数"


class Verdict(Labelled):
    """Whether a schedule has its clinic on a day, and if not, why."""

    OPEN = "open", "出诊"
    OUTSIDE = "outside", "不在有效期"
    NOT_ITS_DAY = "not_its_day", ""
    HOLIDAY = "holiday", "节假日停诊"
    MAKE_UP = "make_up", "调休日停诊"
    UNDECIDED = "undecided", "调休待定"
    UNKNOWN = "unknown", "放假未公布"
    OFF = "off", "不出诊"


# What is withheld until somebody has said what holds.
WITHHELD = (Verdict.UNDECIDED, Verdict.UNKNOWN)


@dataclass(frozen=True)
class Exceptional:
    """A single day that differs; ``units`` where they do."""

    kind: Difference
    units: int | None = None


@dataclass(frozen=True)
class Segment:
    """A part of a half-day with so many units; without times it is the whole half-day."""

    half: HalfDay
    starts_at: time | None
    ends_at: time | None
    units: int


@dataclass(frozen=True)
class Dated:
    """A segment on its day."""

    day: date
    segment: Segment


@dataclass(frozen=True)
class Plan:
    """A schedule. ``weekdays`` holds digits, Monday being 1. ``units`` are those of each segment,
    or of the whole half-day when they are shared out. ``valid_until`` is included."""

    weekdays: str
    half: HalfDay
    units: int
    valid_from: date
    valid_until: date | None = None
    weeks: Weeks = Weeks.EVERY
    starts_at: time | None = None
    ends_at: time | None = None
    segment_minutes: int | None = None
    is_shared_out: bool = False
    on_holiday: OnHoliday = OnHoliday.CLOSED
    on_make_up: OnMakeUp = OnMakeUp.CLOSED
    exceptions: Mapping[date, Exceptional] = field(default_factory=dict, hash=False)

    def holds_on(self, day: date) -> bool:
        """Whether the day lies in its validity."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def falls_on(self, day: date) -> bool:
        """Whether weekday and week are its own."""
        year_week = day.isocalendar()
        fits = {Weeks.EVERY: True, Weeks.ODD: year_week.week % 2 == 1}
        return str(year_week.weekday) in self.weekdays and fits.get(
            self.weeks, year_week.week % 2 == 0
        )

    def minutes(self) -> int | None:
        """From the beginning to the end, where they are known."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return minute_of(self.ends_at) - minute_of(self.starts_at)


def minute_of(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute
