"""When calls come: the week, the holidays, the hours of a day. Pure."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import chinese_calendar

from hotline.clock import SHANGHAI, local

PER_DAY = 1200

# Mondays are busiest, weekends quiet.
_WEEK = (1.20, 1.09, 1.04, 1.02, 0.99, 0.72, 0.66)
_MEAN = sum(_WEEK) / 7
_HOLIDAY = 0.55
_MADE_UP_WORKDAY = 0.95
# Share of a day's calls by hour: a peak in the morning, one after noon, quiet nights.
HOURS = (
    0.006, 0.004, 0.003, 0.003, 0.004, 0.008, 0.020, 0.050, 0.100, 0.115, 0.100, 0.075,
    0.050, 0.060, 0.095, 0.085, 0.070, 0.045, 0.030, 0.028, 0.024, 0.018, 0.012, 0.008,
)  # fmt: skip


def day_factor(day: date) -> float:
    """How busy a day is, 1 being the average."""
    weekday = _WEEK[day.weekday()]
    try:
        is_off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # a year nobody has published yet: the plain week
        return weekday / _MEAN
    if is_off and name:
        weekday = _HOLIDAY
    elif not is_off and day.weekday() >= 5:
        weekday = _MADE_UP_WORKDAY
    return weekday / _MEAN


def calls_on(day: date, rng: random.Random, per_day: float = PER_DAY) -> int:
    """How many calls come on a day: at least one, so that no day is forgotten."""
    return max(1, round(per_day * day_factor(day) * rng.uniform(0.96, 1.04)))


def arrivals(day: date, rng: random.Random, count: int) -> list[datetime]:
    """The instants at which ``count`` calls come on a day, in order."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    hours = rng.choices(range(24), HOURS, k=count)
    seconds = sorted(hour * 3600 + rng.uniform(0, 3599) for hour in hours)
    return [midnight + timedelta(seconds=round(second)) for second in seconds]


def gap_seconds(at: datetime, rng: random.Random, rate: float = 1.0) -> float:
    """How long until the next call of the live demonstration: 20 to 40 s by the hour, jittered."""
    expected = 3600 / (PER_DAY * day_factor(local(at).date()) * HOURS[local(at).hour])
    return min(40.0, max(20.0, expected)) * rng.uniform(0.8, 1.2) / rate
