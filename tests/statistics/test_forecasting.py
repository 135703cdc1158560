"""A forecast that can be said in a sentence, and how wrong it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hotline.statistics.forecasting import forecast, is_enough, level, past
from hotline.working_days import Assuming, KnownDays

CALENDAR = KnownDays()
MONDAY = date(2026, 8, 31)
USUAL = {0: 100, 1: 80, 2: 80, 3: 80, 4: 90, 5: 50, 6: 40}


def day(calls: float) -> tuple[float, ...]:
    """All at nine and at ten."""
    return tuple(calls / 2 if hour in (9, 10) else 0.0 for hour in range(24))


def days_before(first: date, count: int, factor: float = 1) -> dict[date, tuple[float, ...]]:
    """So many days as usual."""
    found = [first - timedelta(days=n) for n in range(count, 0, -1)]
    return {one: day(USUAL[one.weekday()] * factor) for one in found}


def test_what_was_always_so_goes_on() -> None:
    said = forecast(days_before(MONDAY, 56), CALENDAR, MONDAY, 7)
    assert [round(one.calls) for one in said] == [100, 80, 80, 80, 90, 50, 40]
    assert said[0].hours[9] == pytest.approx(50)
    assert said[0].hours[3] == 0


def test_the_last_two_weeks_set_the_level() -> None:
    history = days_before(MONDAY, 56) | days_before(MONDAY, 14, factor=1.5)
    assert level(history, CALENDAR, MONDAY) == pytest.approx(1.5 / 1.125)
    assert forecast(history, CALENDAR, MONDAY, 1)[0].calls == pytest.approx(150)


def test_a_holiday_is_a_sunday_and_a_make_up_day_a_working_day() -> None:
    first = date(2026, 9, 28)
    said = {one.day: one for one in forecast(days_before(first, 56), CALENDAR, first, 14)}
    national = said[date(2026, 10, 1)]
    assert (round(national.calls), national.said.name) == (40, "国庆节")
    worked = said[date(2026, 10, 10)]  # a Saturday that is worked
    assert worked.said.kind.value == "make_up"
    assert worked.calls == pytest.approx((100 + 80 * 3 + 90) / 5)


def test_a_holiday_in_the_past_does_not_spoil_the_means() -> None:
    first = date(2026, 10, 19)
    history = days_before(first, 56)
    history |= {date(2026, 10, n): day(5) for n in range(1, 8)}
    assert forecast(history, CALENDAR, first, 1)[0].calls == pytest.approx(100)


def test_a_year_that_is_not_published_is_said() -> None:
    calendar = Assuming(KnownDays())
    first = date(2027, 12, 27)
    forecast(days_before(first, 56), calendar, first, 7)
    assert calendar.years == {2027, 2028}


def test_two_weeks_are_the_least() -> None:
    assert not is_enough(days_before(MONDAY, 13), MONDAY)
    with pytest.raises(ValueError, match="two weeks"):
        forecast(days_before(MONDAY, 13), CALENDAR, MONDAY, 7)
    assert len(forecast(days_before(MONDAY, 14), CALENDAR, MONDAY, 7)) == 7


def test_past_weeks_are_forecast_without_what_came_after() -> None:
    history = days_before(MONDAY, 56) | days_before(MONDAY, 7, factor=2)
    found = past(history, CALENDAR, MONDAY, weeks=2)
    assert [one.first for one in found] == [MONDAY - timedelta(days=14), MONDAY - timedelta(days=7)]
    still, doubled = found
    assert (still.off, still.daily_error, still.hourly_error) == pytest.approx((0, 0, 0))
    assert doubled.off == pytest.approx(-0.5)
    assert doubled.daily_error == doubled.hourly_error == pytest.approx(0.5)
    assert doubled.naive_error == pytest.approx(0.5)


def test_weeks_that_cannot_be_judged_are_left_out() -> None:
    assert past(days_before(MONDAY, 20), CALENDAR, MONDAY) == []
    assert len(past(days_before(MONDAY, 30), CALENDAR, MONDAY)) == 2
