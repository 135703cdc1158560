"""Counting by the statutory calendar: never a rest day, forth and back, never a guess."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import SHANGHAI, local
from hotline.working_days import (
    FIRST_YEAR,
    LAST_YEAR,
    Assuming,
    CalendarDay,
    DayKind,
    KnownDays,
    Office,
    YearUnknown,
    add_office_time,
    add_workdays,
    is_workday,
    office_time_between,
    workdays_between,
)

KNOWN, OFFICE = KnownDays(), Office()
days = st.dates(date(FIRST_YEAR + 1, 1, 1), date(LAST_YEAR - 1, 12, 31))
counts = st.integers(0, 40)
instants = days.flatmap(
    lambda day: st.integers(0, 86399).map(
        lambda second: (
            datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(seconds=second)
        )
    )
)
spans = st.integers(1, 60 * 3600).map(lambda seconds: timedelta(seconds=seconds))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@given(days, st.integers(1, 40))
def test_counting_never_ends_on_a_rest_day(day, count):
    assert is_workday(KNOWN, add_workdays(KNOWN, day, count))
    assert is_workday(KNOWN, add_workdays(KNOWN, day, -count))


@given(days, counts)
def test_what_was_added_lies_between(day, count):
    assert workdays_between(KNOWN, day, add_workdays(KNOWN, day, count)) == count


@given(days, counts)
def test_forth_and_back_from_a_working_day(day, count):
    begin = add_workdays(KNOWN, day, 1)
    assert add_workdays(KNOWN, add_workdays(KNOWN, begin, count), -count) == begin


@given(days, counts, st.integers(0, 10), st.integers(0, 10))
def test_later_and_longer_end_later(day, count, later, longer):
    further = add_workdays(KNOWN, day + timedelta(days=later), count + 1 + longer)
    assert further >= add_workdays(KNOWN, day, count + 1)


@given(days, st.integers(0, 60), st.integers(0, 60))
def test_stretches_add_up(day, first, second):
    middle, end = day + timedelta(days=first), day + timedelta(days=first + second)
    parts = workdays_between(KNOWN, day, middle) + workdays_between(KNOWN, middle, end)
    assert parts == workdays_between(KNOWN, day, end)


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        ("2024-02-08", 1, "2024-02-09"),  # 除夕 was no statutory holiday in 2024
        ("2024-02-09", 1, "2024-02-18"),  # the Sunday after 春节 was worked
        ("2024-09-27", 2, "2024-09-30"),  # Sunday the 29th was worked
        ("2024-09-30", 5, "2024-10-12"),  # five: 8, 9, 10, 11, and Saturday the 12th
        ("2025-01-24", 2, "2025-01-27"),  # Sunday the 26th was worked
        ("2025-01-27", 4, "2025-02-08"),  # 5, 6, 7, and Saturday the 8th
        ("2025-09-26", 1, "2025-09-28"),
        ("2025-09-30", 3, "2025-10-11"),  # 国庆 and 中秋 together, to the 8th
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-02-14", 5, "2026-02-28"),
        ("2026-09-18", 1, "2026-09-20"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-10-01", 1, "2026-10-08"),  # on a holiday: that day is not counted either
        ("2026-10-10", 1, "2026-10-12"),
    ],
)
def test_around_holidays(day, count, due):
    assert add_workdays(KNOWN, date.fromisoformat(day), count) == date.fromisoformat(due)


def test_a_year_nobody_published_is_not_guessed():
    with pytest.raises(YearUnknown, match="calendar_unknown") as raised:
        add_workdays(KNOWN, date(LAST_YEAR, 12, 31), 1)
    assert raised.value.year == LAST_YEAR + 1
    assert str(LAST_YEAR + 1) in raised.value.message


def test_an_assumption_is_told():
    assuming = Assuming(KNOWN)
    day = add_workdays(assuming, date(LAST_YEAR, 12, 31), 1)
    assert day.year == LAST_YEAR + 1
    assert day.day > 1, "New Year's day is off by law"
    assert assuming.years == {LAST_YEAR + 1}
    within = Assuming(KNOWN)
    add_workdays(within, date(LAST_YEAR, 1, 4), 5)
    assert within.years == set()


def test_what_the_administration_says_of_a_year_holds():
    year = LAST_YEAR + 1
    first, worked = date(year, 1, 1), date(year, 1, 2)
    said = KnownDays({first: CalendarDay(DayKind.HOLIDAY), worked: CalendarDay(DayKind.MAKE_UP)})
    assert add_workdays(said, date(LAST_YEAR, 12, 31), 1) == worked


@given(instants, spans)
def test_office_time_added_lies_between(start, span):
    end = add_office_time(KNOWN, OFFICE, start, span)
    assert office_time_between(KNOWN, OFFICE, start, end) == span
    assert is_workday(KNOWN, local(end).date())
    assert OFFICE.opens <= local(end).time() <= OFFICE.closes


@given(instants, spans)
def test_office_time_looked_back_for_lies_between(start, span):
    before = add_office_time(KNOWN, OFFICE, start, -span)
    assert office_time_between(KNOWN, OFFICE, before, start) == span
    assert is_workday(KNOWN, local(before).date())


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20T10:00", 2, "2026-11-20T12:00"),
        ("2026-11-20T16:30", 2, "2026-11-23T10:00"),
        ("2026-11-21T03:00", 2, "2026-11-23T11:00"),
        ("2026-11-20T09:00", 8.5, "2026-11-20T17:30"),
        ("2026-11-23T10:00", -2, "2026-11-20T16:30"),
        ("2026-11-22T10:00", -2, "2026-11-20T15:30"),
        ("2026-09-30T17:00", 1, "2026-10-08T09:30"),
        ("2026-11-21T03:00", 0, "2026-11-21T03:00"),
    ],
)
def test_office_hours(start, hours, due):
    assert add_office_time(KNOWN, OFFICE, at(start), timedelta(hours=hours)) == at(due)
