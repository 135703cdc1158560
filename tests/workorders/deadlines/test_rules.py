"""Deadlines without a database: which row holds, when it falls, and the sentence that says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import local
from hotline.working_days import (
    LAST_YEAR,
    CalendarDay,
    DayKind,
    KnownDays,
    Office,
    is_workday,
    workdays_between,
)
from tests.test_working_days import instants
from tests.workorders.deadlines.orders import at
from workorders.deadlines.reckoning import Course, Pause, reckon
from workorders.deadlines.rules import (
    Asked,
    ClockKind,
    Counting,
    RemoteDue,
    Rule,
    SpanUnit,
    choose,
)
from workorders.deadlines.words import Story, why
from workorders.rules import RequestKind

KNOWN, OFFICE = KnownDays(), Office()
FINISH, SIGN = ClockKind.FINISH, ClockKind.SIGN
WAITS = frozenset({RequestKind.RETURN, RequestKind.SUSPEND})
FIVE = Rule(FINISH, 5, kind="投诉", effective_from=date(2020, 1, 1), pause_in=WAITS)
ASKED = Asked(FINISH, "city", "投诉", "紧急", date(2026, 6, 1))


def due(rule, course):
    return reckon(rule, course, KNOWN, OFFICE)


def told(rule, course, times=0, clock=FINISH):
    return why(Story(clock, rule, course, due(rule, course), times))


# ---- which row


def test_the_narrowest_row_wins():
    rows = [
        Rule(FINISH, 1),
        Rule(FINISH, 2, platform="city"),
        Rule(FINISH, 3, platform="city", kind="投诉"),
        Rule(FINISH, 4, platform="city", kind="投诉", urgency="紧急"),
        Rule(FINISH, 5, platform="province", kind="投诉", urgency="紧急"),
        Rule(SIGN, 6, platform="city", kind="投诉", urgency="紧急"),
    ]
    for amount in (4, 3, 2, 1):
        found = choose(rows, ASKED)
        assert found.amount == amount
        rows.remove(found)
    assert choose(rows, ASKED) is None


def test_of_rows_as_narrow_the_latest_wins_and_then_the_one_entered_last():
    rows = [
        Rule(FINISH, 1, kind="投诉", effective_from=date(2024, 1, 1), id=3),
        Rule(FINISH, 2, urgency="紧急", effective_from=date(2025, 1, 1), id=1),
        Rule(FINISH, 3, kind="投诉", effective_from=date(2024, 1, 1), id=4),
    ]
    assert choose(rows, ASKED).amount == 2
    assert choose([rows[0], rows[2]], ASKED).amount == 3
    alike = [replace(rows[0], effective_from=date(2025, 1, 1)), rows[1]]
    assert choose(alike, ASKED).amount == 2, "urgency says more than the kind"


@pytest.mark.parametrize(
    ("day", "amount"),
    [("2025-12-31", 5), ("2026-01-01", 7), ("2026-06-30", 7), ("2026-07-01", 5)],
)
def test_a_row_holds_from_its_day_to_its_day(day, amount):
    rows = [Rule(FINISH, 5), Rule(FINISH, 7, kind="投诉", effective_from=date(2026, 1, 1),
                                  effective_to=date(2026, 6, 30))]  # fmt: skip
    assert choose(rows, replace(ASKED, day=date.fromisoformat(day))).amount == amount


# ---- when it falls


@given(instants, st.integers(1, 20))
def test_a_deadline_in_working_days_ends_when_the_office_closes(start, amount):
    found = local(due(Rule(FINISH, amount), Course(start)).at)
    assert is_workday(KNOWN, found.date())
    assert found.time() == OFFICE.closes
    assert workdays_between(KNOWN, local(start).date(), found.date()) == amount


@given(instants, st.integers(0, 86400 * 5), st.sampled_from(SpanUnit), st.sampled_from(Counting),
       st.integers(1, 20))  # fmt: skip
def test_who_came_later_is_due_no_earlier(start, later, unit, counting, amount):
    rule = Rule(FINISH, amount, unit, counting)
    second = start + timedelta(seconds=later)
    assert due(rule, Course(start)).at <= due(rule, Course(second)).at


rules = st.builds(
    Rule, st.just(FINISH), st.integers(1, 10), st.sampled_from(SpanUnit),
    st.sampled_from(Counting), pause_in=st.just(WAITS),
)  # fmt: skip
few = st.integers(0, 10)


@given(rules, instants, st.integers(1, 10), few, st.integers(0, 200), st.integers(0, 200))
def test_more_days_extensions_and_pauses_never_shorten(rule, start, more, days, after, hours):
    since = start + timedelta(hours=after)
    stood = Pause(RequestKind.RETURN, since, since + timedelta(hours=hours))
    plain = due(rule, Course(start)).at
    assert due(replace(rule, amount=rule.amount + more), Course(start)).at >= plain
    assert due(rule, Course(start, extended_days=days, pauses=(stood,))).at >= plain
    assert due(rule, Course(start)).warn_at <= plain <= due(rule, Course(start)).escalate_at


@pytest.mark.parametrize(
    ("rule", "start", "falls"),
    [
        (Rule(SIGN, 2, SpanUnit.HOURS), "2026-10-01T23:30", "2026-10-02T01:30"),
        (Rule(SIGN, 2, SpanUnit.WORKING_HOURS), "2026-09-30T16:30", "2026-10-08T10:00"),
        (Rule(SIGN, 1, counting=Counting.SAME_TIME), "2026-09-30T10:12", "2026-10-08T10:12"),
        (Rule(SIGN, 1, counting=Counting.SAME_TIME), "2026-09-30T18:00", "2026-10-09T09:00"),
        (Rule(SIGN, 1, counting=Counting.SAME_TIME), "2026-10-03T12:00", "2026-10-09T09:00"),
        (Rule(SIGN, 1, counting=Counting.SAME_TIME), "2026-09-30T07:00", "2026-10-08T09:00"),
        (Rule(SIGN, 1), "2026-10-09T08:00", "2026-10-10T17:30"),
        (Rule(SIGN, 1), "2026-10-10T20:00", "2026-10-12T17:30"),
        (Rule(SIGN, 1, counting=Counting.MIDNIGHT), "2026-10-10T20:00", "2026-10-12T23:59:59"),
        (Rule(FINISH, 15, SpanUnit.DAYS), "2026-09-18T09:00", "2026-10-08T17:30"),
        (Rule(FINISH, 10, SpanUnit.DAYS), "2026-09-30T09:00", "2026-10-10T17:30"),
        (FIVE, "2024-09-30T09:00", "2024-10-12T17:30"),
        (FIVE, "2025-09-30T09:00", "2025-10-14T17:30"),
        (FIVE, "2025-01-26T09:00", "2025-02-08T17:30"),
        (FIVE, "2026-02-13T09:00", "2026-02-27T17:30"),
    ],
)
def test_where_it_falls(rule, start, falls):
    assert due(rule, Course(at(start))).at == at(falls)


def test_a_pause_on_rest_days_moves_nothing():
    weekend = Pause(RequestKind.RETURN, at("2026-11-20T18:00"), at("2026-11-22T18:00"))
    course = Course(at("2026-11-18T09:00"))
    assert due(FIVE, replace(course, pauses=(weekend,))).at == due(FIVE, course).at


def test_hours_stand_still_by_the_clock():
    rule = Rule(SIGN, 2, SpanUnit.HOURS, pause_in=WAITS)
    stood = (
        Pause(RequestKind.RETURN, at("2026-11-21T03:10"), at("2026-11-21T03:40")),
        Pause(RequestKind.SUSPEND, at("2026-11-21T03:30"), at("2026-11-21T04:00")),
        Pause(RequestKind.EXTEND, at("2026-11-21T04:00"), at("2026-11-21T04:50")),
    )
    assert due(rule, Course(at("2026-11-21T03:00"), pauses=stood)).at == at("2026-11-21T05:50")


def test_warnings_come_in_office_hours():
    found = due(replace(FIVE, warn_before=4, escalate_after=1), Course(at("2026-09-30T10:12")))
    assert found.warn_at == at("2026-10-13T13:30")
    assert found.escalate_at == at("2026-10-14T10:00")


def test_nobody_is_warned_before_the_start():
    found = due(Rule(SIGN, 1, SpanUnit.HOURS, warn_before=5), Course(at("2026-11-21T03:00")))
    assert found.warn_at == at("2026-11-21T03:00")


def test_neither_rule_nor_platform_is_no_deadline():
    assert due(None, Course(at("2026-11-21T03:00"))) is None


@pytest.mark.parametrize(
    ("remote", "given", "falls"),
    [
        (RemoteDue.EARLIER, "2026-10-12T18:00", "2026-10-12T18:00"),
        (RemoteDue.EARLIER, "2026-10-14T18:00", "2026-10-13T17:30"),
        (RemoteDue.OURS, "2026-10-12T18:00", "2026-10-13T17:30"),
        (RemoteDue.REMOTE, "2026-10-14T18:00", "2026-10-14T18:00"),
    ],
)
def test_the_platforms_deadline_is_weighed_and_kept_apart(remote, given, falls):
    found = due(replace(FIVE, remote=remote), Course(at("2026-09-30T10:12"), at(given)))
    assert found.at == at(falls)
    assert found.own_at == at("2026-10-13T17:30")


def test_a_year_the_administration_entered_is_counted_by_what_it_entered():
    year = LAST_YEAR + 1
    said = {date(year, 1, n): CalendarDay(DayKind.HOLIDAY, "元旦") for n in (1, 2, 3)}
    known = KnownDays(said)
    start = at(f"{LAST_YEAR}-12-31T09:00")
    before, after = (reckon(Rule(SIGN, 1), Course(start), each, OFFICE) for each in (KNOWN, known))
    assert (before.assumed, after.assumed) == ((year,), ())
    assert local(after.at).date() == date(year, 1, 4)


# ---- why

HOLIDAYS = (
    "自 2026-09-30 10:12 的次日起计 5 个工作日，"
    "跳过国庆节 10-01 至 10-07、周末 10-11，10-10 调休上班"
)
SENTENCES = [
    (FIVE, Course(at("2026-09-30T10:12")), 0,
     "办结期限 2026-10-13 17:30；按规则“投诉：办结 5 个工作日”（2020-01-01 起施行），"
     f"{HOLIDAYS}。"),
    (FIVE, Course(at("2026-09-30T10:12"), at("2026-10-12T18:00")), 0,
     "办结期限 2026-10-12 18:00；按规则“投诉：办结 5 个工作日”（2020-01-01 起施行），"
     f"{HOLIDAYS}；平台要求 2026-10-12 18:00 前，取较早者，按本规则为 2026-10-13 17:30。"),
    (replace(FIVE, platform="city", urgency="特急"),
     Course(at("2026-11-20T10:12"), None, 3,
            (Pause(RequestKind.RETURN, at("2026-11-23T10:00"), at("2026-11-25T15:00")),)), 1,
     "办结期限 2026-12-04 17:30；按规则“市 12345 投诉 特急：办结 5 个工作日”（2020-01-01 起施行），"
     "自 2026-11-20 10:12 的次日起计 5 个工作日，跳过周末 11-21 至 11-22、周末 11-28 至 11-29；"
     "延期 1 次，共 3 个工作日；因退单待审暂停，顺延 2 个工作日。"),
    (FIVE, Course(at("2026-11-20T10:12"),
                  pauses=(Pause(RequestKind.SUSPEND, at("2026-11-23T10:00")),)), 0,
     "办结期限 2026-11-27 17:30；按规则“投诉：办结 5 个工作日”（2020-01-01 起施行），"
     "自 2026-11-20 10:12 的次日起计 5 个工作日，跳过周末 11-21 至 11-22；"
     "因挂起自 2026-11-23 10:00 起暂停，恢复后顺延。"),
    (Rule(FINISH, 2, SpanUnit.HOURS, urgency="紧急"), Course(at("2026-11-21T03:00")), 0,
     "办结期限 2026-11-21 05:00；按规则“紧急：办结 2 小时”，自 2026-11-21 03:00 起计 2 小时。"),
    (Rule(FINISH, 1, counting=Counting.SAME_TIME), Course(at("2026-11-21T03:00")), 0,
     "办结期限 2026-11-24 09:00；按规则“通用：办结 1 个工作日”，"
     "2026-11-21 03:00 不在工作时间，自 2026-11-23 09:00 起计 1 个工作日。"),
    (Rule(FINISH, 15, SpanUnit.DAYS), Course(at("2026-11-20T09:00")), 0,
     "办结期限 2026-12-07 17:30；按规则“通用：办结 15 个自然日”，"
     "自 2026-11-20 09:00 的次日起计 15 个自然日，末日逢周末 12-05 至 12-06，顺延。"),
    (Rule(FINISH, 2), Course(at("2025-12-31T09:00")), 0,
     "办结期限 2026-01-05 17:30；按规则“通用：办结 2 个工作日”，"
     "自 2025-12-31 09:00 的次日起计 2 个工作日，"
     "跳过元旦 2026-01-01 至 2026-01-03，2026-01-04 调休上班。"),
    (Rule(FINISH, 5), Course(at("2026-12-28T09:00")), 0,
     "办结期限 2027-01-05 17:30；按规则“通用：办结 5 个工作日”，"
     "自 2026-12-28 09:00 的次日起计 5 个工作日，跳过元旦 2027-01-01 至 2027-01-03；"
     "2027 年放假安排尚未公布，暂按周一至周五上班计，公布后须重新计算。"),
    (None, Course(at("2026-11-21T03:00"), at("2026-11-28T03:00")), 0,
     "办结期限 2026-11-28 03:00，为平台要求的期限（本地没有适用的时限规则）。"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "course", "times", "sentence"), SENTENCES)
def test_why(rule, course, times, sentence):
    assert told(rule, course, times) == sentence
