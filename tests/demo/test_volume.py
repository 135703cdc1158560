"""The shape of a week, a holiday and a day."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import local
from hotline.demo import volume

MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 15)


def test_mondays_are_busiest_and_weekends_quiet() -> None:
    week = [volume.day_factor(date(2026, 11, day)) for day in range(16, 23)]
    assert week[0] == max(week)
    assert max(week[5:]) < 0.8 < min(week[:5])
    assert sum(week) / 7 == pytest.approx(1, abs=0.01)


def test_a_statutory_holiday_is_quieter_than_a_sunday() -> None:
    assert volume.day_factor(date(2026, 10, 1)) < volume.day_factor(SUNDAY)


def test_a_weekend_day_made_up_for_is_a_workday() -> None:
    made_up_for = date(2026, 10, 10)  # a Saturday of work after the National Day
    assert volume.day_factor(made_up_for) > volume.day_factor(date(2026, 10, 17))


def test_a_year_nobody_has_published_is_a_plain_week() -> None:
    assert volume.day_factor(date(2031, 1, 6)) == volume.day_factor(MONDAY)


def test_two_peaks_and_quiet_nights() -> None:
    rng = random.Random(1)
    hours = Counter(local(at).hour for at in volume.arrivals(MONDAY, rng, 5000))
    assert hours[9] > hours[12] < hours[14]
    assert sum(hours[hour] for hour in range(6)) < 0.05 * 5000
    assert all(local(at).date() == MONDAY for at in volume.arrivals(MONDAY, rng, 500))


def test_even_the_smallest_day_has_a_call() -> None:
    assert volume.calls_on(SUNDAY, random.Random(1), per_day=0.1) == 1


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.integers())  # noqa: DTZ001
def test_live_calls_never_stop_and_never_flood(moment: datetime, seed: int) -> None:
    gap = volume.gap_seconds(moment.replace(tzinfo=UTC), random.Random(seed))
    assert 16 <= gap <= 48
