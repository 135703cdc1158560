"""What schedules come to: sums, spans, holidays, and a calendar that is never guessed."""

from __future__ import annotations

import itertools
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.booking.rules import HalfDay
from hotline.booking.schedules_calendar import may_stand_for
from hotline.booking.schedules_expansion import (
    clash,
    expand,
    minute_of,
    overlap,
    segments,
    together,
    verdict,
    withheld,
)
from hotline.booking.schedules_rules import (
    Difference,
    Exceptional,
    OnHoliday,
    OnMakeUp,
    Plan,
    Verdict,
    Weeks,
)
from hotline.booking.schedules_typed import Reader, read_plan
from hotline.booking.schedules_words import in_words, typed_from
from hotline.working_days import LAST_YEAR, CalendarDay, DayKind, KnownDays

FIRST = date(2024, 1, 1)
CALENDAR = KnownDays()
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
weekdays = st.sets(st.sampled_from("1234567"), min_size=1).map(lambda s: "".join(sorted(s)))


@st.composite
def plans(draw):
    starts = draw(st.one_of(st.none(), st.integers(300, 700)))
    ends = None if starts is None else starts + draw(st.integers(5, 140))
    begin = draw(days)
    return Plan(
        draw(weekdays),
        HalfDay.MORNING,
        draw(st.integers(1, 60)),
        begin,
        draw(st.one_of(st.none(), st.just(begin + timedelta(days=draw(st.integers(0, 400)))))),
        draw(st.sampled_from(Weeks)),
        starts and time(*divmod(starts, 60)),
        ends and time(*divmod(ends, 60)),
        starts and draw(st.one_of(st.none(), st.integers(5, 90))),
        draw(st.booleans()),
        draw(st.sampled_from(OnHoliday)),
        draw(st.sampled_from(OnMakeUp)),
        draw(
            st.dictionaries(
                days,
                st.builds(Exceptional, st.sampled_from(Difference), st.integers(0, 40)),
                max_size=3,
            )
        ),
    )


def places(dated):
    return [(one.segment.half, one.segment.starts_at, one.segment.ends_at) for one in dated]


@given(plans(), days, st.integers(0, 60))
def test_segments_lie_inside_and_never_meet(plan, first, length):
    last = first + timedelta(days=length)
    by_day = {}
    for one in expand(plan, CALENDAR, first, last):
        assert first <= one.day <= last
        assert plan.holds_on(one.day)
        assert one.segment.units > 0
        by_day.setdefault(one.day, []).append(one)
    for found in by_day.values():
        spans = places(found)
        for n, span in enumerate(spans):
            assert not any(overlap(span, other) for other in spans[n + 1 :])
            if plan.starts_at is not None:
                assert plan.starts_at <= span[1] < span[2] <= plan.ends_at


@given(plans(), st.integers(0, 300))
def test_units_sum_exactly(plan, units):
    found = segments(plan, units)
    if plan.is_shared_out:
        assert sum(one.units for one in found) == units
        assert len({one.units for one in found}) <= 2
        return
    count = 1
    if plan.segment_minutes and plan.minutes() >= plan.segment_minutes:
        count = plan.minutes() // plan.segment_minutes
    assert sum(one.units for one in found) == units * count


@given(plans())
def test_segments_leave_no_gap(plan):
    found = segments(plan)
    if plan.starts_at is None or plan.is_shared_out:
        return
    assert (found[0].starts_at, found[-1].ends_at) == (plan.starts_at, plan.ends_at)
    for one, other in itertools.pairwise(found):
        assert one.ends_at == other.starts_at
        assert minute_of(one.ends_at) - minute_of(one.starts_at) == plan.segment_minutes


@given(plans(), days, st.integers(0, 50), st.integers(0, 50))
def test_a_stretch_is_the_sum_of_its_parts_and_asking_twice_changes_nothing(plan, first, one, two):
    middle, last = first + timedelta(days=one), first + timedelta(days=one + two + 1)
    whole = list(expand(plan, CALENDAR, first, last))
    parts = [
        *expand(plan, CALENDAR, first, middle),
        *expand(plan, CALENDAR, middle + timedelta(days=1), last),
    ]
    assert whole == parts == list(expand(plan, CALENDAR, first, last))


@given(st.lists(plans(), min_size=2, max_size=4), days)
def test_schedules_of_one_clinic_never_meet_on_a_day(several, first):
    keyed = dict(enumerate(several))
    found = [one for _, one in together(keyed, CALENDAR, first, first + timedelta(days=20))]
    for n, one in enumerate(found):
        same_day = [other for other in found[n + 1 :] if other.day == one.day]
        assert not any(overlap(places([one])[0], span) for span in places(same_day))


@given(plans(), plans(), days)
def test_what_does_not_clash_meets_on_no_ordinary_day(one, other, first):
    if clash(one, other):
        return
    for day in (first + timedelta(days=n) for n in range(14)):
        if CALENDAR.day(day).kind is DayKind.ORDINARY and not (
            one.exceptions.keys() | other.exceptions.keys()
        ) & {day}:
            spans = [places(expand(each, CALENDAR, day, day)) for each in (one, other)]
            assert not any(overlap(a, b) for a in spans[0] for b in spans[1])


def morning(weekdays="12345", **more):
    return Plan(weekdays, HalfDay.MORNING, more.pop("units", 6), more.pop("since", FIRST), **more)


def open_days(plan, first, last):
    return [one.day for one in expand(plan, CALENDAR, first, last)]


def test_a_leap_day_and_the_ends_of_months_are_days_like_others():
    found = open_days(morning("1234567", on_make_up=OnMakeUp.AS_USUAL), date(2024, 2, 26),
                      date(2024, 3, 2))  # fmt: skip
    assert [day.day for day in found] == [26, 27, 28, 29, 1, 2]


def test_odd_and_even_weeks_take_turns_and_the_year_ends_with_week_53():
    odd, even = (morning("4", weeks=each, on_holiday=OnHoliday.AS_USUAL)
                 for each in (Weeks.ODD, Weeks.EVEN))  # fmt: skip
    first, last = date(2026, 12, 17), date(2027, 1, 14)
    assert [str(day)[5:] for day in open_days(odd, first, last)] == ["12-17", "12-31", "01-07"]
    assert [str(day)[5:] for day in open_days(even, first, last)] == ["12-24", "01-14"]


def test_holidays_are_off_unless_said():
    national = (date(2026, 10, 1), date(2026, 10, 8))
    assert open_days(morning(), *national) == [date(2026, 10, 8)]
    usual = morning(on_holiday=OnHoliday.AS_USUAL)
    assert len(open_days(usual, *national)) == 6


SATURDAY = date(2026, 10, 10)  # worked for a day of the National Day holiday


def test_a_make_up_day_follows_what_the_administration_has_said_and_waits_until_then():
    follows = morning("3", on_make_up=OnMakeUp.FOLLOW)
    assert verdict(follows, SATURDAY, CALENDAR) is Verdict.UNDECIDED
    assert may_stand_for(SATURDAY) == [date(2026, 10, 6), date(2026, 10, 7)]
    for stands_for, said in ((7, Verdict.OPEN), (6, Verdict.NOT_ITS_DAY)):
        day = CalendarDay(DayKind.MAKE_UP, "国庆节", date(2026, 10, stands_for))
        assert verdict(follows, SATURDAY, KnownDays({SATURDAY: day})) is said


@pytest.mark.parametrize(
    ("rule", "said"),
    [(OnMakeUp.CLOSED, Verdict.MAKE_UP), (OnMakeUp.AS_USUAL, Verdict.OPEN)],
)
def test_a_saturday_clinic_on_a_worked_saturday(rule, said):
    assert verdict(morning("6", on_make_up=rule), SATURDAY, CALENDAR) is said


def test_a_year_nobody_has_published_is_not_guessed():
    monday = next(day for n in range(1, 9)
                  if (day := date(LAST_YEAR + 1, 3, n)).weekday() == 0)  # fmt: skip
    assert verdict(morning(), monday, CALENDAR) is Verdict.UNKNOWN
    assert withheld([morning()], CALENDAR, monday, monday) == [monday]
    assert open_days(morning(), monday, monday) == []
    usual = morning(on_holiday=OnHoliday.AS_USUAL)
    assert verdict(usual, monday, CALENDAR) is Verdict.OPEN, "it does not ask the calendar"
    said = {date(LAST_YEAR + 1, 1, 1): CalendarDay(DayKind.HOLIDAY, "元旦")}
    assert verdict(morning(), monday, KnownDays(said)) is Verdict.OPEN
    assert verdict(morning("1234567"), date(LAST_YEAR + 1, 1, 1), KnownDays(said)) is (
        Verdict.HOLIDAY
    )


def test_single_days_win_over_weekday_and_holiday():
    sunday, holiday, monday = date(2026, 9, 13), date(2026, 10, 1), date(2026, 9, 14)
    differing = {
        sunday: Exceptional(Difference.EXTRA, 3),
        holiday: Exceptional(Difference.EXTRA),
        monday: Exceptional(Difference.OFF),
        date(2026, 9, 15): Exceptional(Difference.UNITS, 9),
    }
    plan = morning("12", exceptions=differing)
    found = {one.day: one.segment.units for one in expand(plan, CALENDAR, sunday, holiday)}
    assert (found[sunday], found[holiday], found[date(2026, 9, 15)]) == (3, 6, 9)
    assert monday not in found


@given(plans())
def test_what_is_written_in_the_form_is_read_as_the_same_schedule(plan):
    reader = Reader(typed_from(plan, None))
    found = read_plan(reader)
    if reader.faults:
        assert set(reader.faults) <= {"starts_at", "ends_at"}, "a morning that begins at five"
        return
    same = {**vars(plan), "exceptions": {}}
    same["segment_minutes"] = plan.segment_minutes or None
    assert found == Plan(**same)
    assert in_words(found)


@pytest.mark.parametrize(
    ("said", "digits"),
    [("周一、三、五", "135"), ("周一至周五", "12345"), ("135", "135"), ("每天", "1234567"),
     ("星期六，星期日", "67"), ("周日", "7"), ("五 一", "15"), ("１３", "13")],
)  # fmt: skip
def test_weekdays_as_people_write_them(said, digits):
    reader = Reader({"weekdays": said})
    assert (reader.weekdays("weekdays"), reader.faults) == (digits, {})


GOOD = {"weekdays": "135", "half": "morning", "starts_at": "08:00", "ends_at": "11:30",
        "segment_minutes": "30", "units": "5", "valid_from": "2026-12-01"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("weekdays", "", "请选择星期几"),
        ("weekdays", "周八", "看不懂"),
        ("weekdays", "周五至周一", "看不懂"),
        ("half", "", "请选择"),
        ("half", "凌晨", "不认识"),
        ("starts_at", "", "开始"),
        ("starts_at", "8点半", "看不懂"),
        ("ends_at", "07:00", "应晚于"),
        ("starts_at", "00:30", "上午应在"),
        ("segment_minutes", "3", "5 到 480"),
        ("units", "", "请填写号数"),
        ("units", "0", "1 到 9999"),
        ("units", "五", "1 到 9999"),
        ("valid_from", "2026-02-30", "不存在"),
        ("valid_until", "2026-11-30", "不能早于"),
    ],
)
def test_each_fault_has_its_field_and_its_sentence(name, value, says):
    reader = Reader({**GOOD, name: value})
    assert read_plan(reader) is None
    assert says in reader.faults[name]
