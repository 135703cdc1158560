"""What a hospital's rules mean on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.booking.policy import Place, Policy, Rule, RuleName, read_value, resolve
from hotline.booking.rules import ClinicKind, HalfDay, State, is_fever_clinic, may_become
from hotline.booking.values import CancelUntil
from hotline.booking.windows import (
    When,
    cancellable_until,
    closes_at,
    describe,
    moment,
    opens_at,
    pick_up_by,
    refusal,
    require_cancellable,
)
from hotline.errors import Refused

DAY = date(2026, 11, 25)
GULOU = Place("南京", 1)
AM = HalfDay.MORNING


def code(policy, at, day=DAY, half=AM, starts_at=None):
    found = refusal(policy, When(day, half, starts_at), at)
    return found.code if found else None


def shanghai(*parts):
    naive = datetime(*parts, tzinfo=UTC)
    return naive - timedelta(hours=8)


def rule(value, name=RuleName.WINDOW_DAYS, on=date(2026, 1, 1), **where):
    return Rule(name.value, value, on, **where)


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (shanghai(2026, 11, 17, 23, 59, 59), "too_early"),
        (shanghai(2026, 11, 18, 0, 0), None),
        (shanghai(2026, 11, 24, 11, 59, 59), None),
        (shanghai(2026, 11, 24, 12, 0), "too_late"),
        (shanghai(2026, 11, 24, 23, 59, 59), "too_late"),
        (shanghai(2026, 11, 25, 0, 0), "same_day"),
        (shanghai(2026, 11, 26, 0, 0), "slot_closed"),
    ],
)
def test_nanjing_books_from_tomorrow_to_day_seven_and_closes_at_noon(at, says):
    assert code(Policy(), at) == says


def test_gulou_closes_the_next_day_at_half_past_four():
    policy = Policy(cut_off=time(16, 30))
    assert code(policy, shanghai(2026, 11, 24, 16, 29)) is None
    assert code(policy, shanghai(2026, 11, 24, 16, 30)) == "too_late"


def test_the_provincial_hospital_releases_at_half_past_six():
    policy = Policy(release=time(6, 30))
    assert code(policy, shanghai(2026, 11, 18, 6, 29)) == "too_early"
    assert code(policy, shanghai(2026, 11, 18, 6, 30)) is None


def test_where_the_same_day_is_allowed_a_slot_closes_when_its_segment_begins():
    policy = Policy(same_day=True)
    assert code(policy, shanghai(2026, 11, 25, 9, 59), starts_at=time(10)) is None
    assert code(policy, shanghai(2026, 11, 25, 10, 0), starts_at=time(10)) == "too_late"


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2028, 3, 1), date(2027, 1, 1)])
def test_leap_days_and_ends_of_months_and_years_are_days(day):
    assert code(Policy(), moment(day - timedelta(days=7), time(0)), day) is None
    assert code(Policy(), moment(day - timedelta(days=8), time(23, 59)), day) == "too_early"
    assert code(Policy(), moment(day - timedelta(days=1), time(11, 59)), day) is None


def test_a_make_up_workday_is_a_day_like_any_other():
    """调休: 2026-02-14 is a Saturday people work on; the schedule says who is in, not the rule."""
    assert code(Policy(), shanghai(2026, 2, 13, 11), date(2026, 2, 14)) is None


@given(
    window=st.integers(1, 60),
    minute=st.integers(0, 24 * 60 * 70),
    release=st.times(),
    cut_off=st.times(),
)
def test_a_slot_is_bookable_between_its_two_instants_and_never_else(
    window, minute, release, cut_off
):
    policy = Policy(window_days=window, release=release, cut_off=cut_off)
    when = When(DAY, AM)
    at = moment(DAY, time(12)) - timedelta(minutes=minute)
    is_inside = opens_at(policy, when) <= at < closes_at(policy, when)
    assert (refusal(policy, when, at) is None) is is_inside


def test_the_eye_hospital_cancels_nothing():
    with pytest.raises(Refused, match="cancel_not_allowed"):
        require_cancellable(Policy(may_cancel=False), When(DAY, AM), shanghai(2026, 11, 20))


def test_one_may_cancel_until_the_segment_begins_unless_the_rule_says_otherwise():
    when = When(DAY, AM, time(9, 30))
    assert cancellable_until(Policy(), when) == shanghai(2026, 11, 25, 9, 30)
    earlier = Policy(cancel_until=CancelUntil(1, time(12)))
    assert cancellable_until(earlier, when) == shanghai(2026, 11, 24, 12)


def test_numbers_are_picked_up_by_half_past_nine_and_half_past_two():
    assert pick_up_by(Policy(), When(DAY, AM)) == shanghai(2026, 11, 25, 9, 30)
    assert pick_up_by(Policy(), When(DAY, HalfDay.AFTERNOON)) == shanghai(2026, 11, 25, 14, 30)


def test_without_rows_the_defaults_hold():
    assert resolve([], GULOU, DAY) == Policy()


def test_a_hospital_outweighs_its_city_however_the_city_is_narrowed():
    rules = [
        rule("14", hospital_id=1),
        rule("10", city="南京", channel="voice", on=date(2026, 6, 1)),
        rule("8"),
    ]
    assert resolve(rules, Place("南京", 1, "voice"), DAY).window_days == 14
    assert resolve(rules, Place("南京", 2, "voice"), DAY).window_days == 10
    assert resolve(rules, Place("镇江", 3, "voice"), DAY).window_days == 8


def test_family_doctors_see_experts_two_weeks_ahead():
    rules = [rule("14", channel="family_doctor", clinic_kind="expert")]
    seen = Place("南京", 1, "family_doctor", ClinicKind.EXPERT)
    assert resolve(rules, seen, DAY).window_days == 14
    assert resolve(rules, Place("南京", 1, "agent", ClinicKind.EXPERT), DAY).window_days == 7
    assert resolve(rules, Place("南京", 1, "family_doctor"), DAY).window_days == 7


def test_a_rule_holds_from_its_day_on_and_the_last_one_counts():
    rules = [rule("10", on=date(2026, 11, 1)), rule("20", on=DAY), rule("30", on=date(2027, 1, 1))]
    assert resolve(rules, GULOU, DAY - timedelta(days=1)).window_days == 10
    assert resolve(rules, GULOU, DAY).window_days == 20


def test_a_withdrawn_exception_lets_the_city_speak_again():
    rules = [rule("14", hospital_id=1), rule("默认", hospital_id=1, on=DAY), rule("9", city="南京")]
    assert resolve(rules, GULOU, DAY - timedelta(days=1)).window_days == 14
    assert resolve(rules, GULOU, DAY).window_days == 9


@given(st.permutations([rule("14", hospital_id=1), rule("9", city="南京"),
                        rule("11", hospital_id=1, on=date(2025, 1, 1)), rule("8")]))  # fmt: skip
def test_the_order_of_the_rows_does_not_matter(rules):
    assert resolve(rules, GULOU, DAY).window_days == 14


@pytest.mark.parametrize(
    ("name", "value", "means"),
    [
        (RuleName.WINDOW_DAYS, "14 天", 14),
        (RuleName.SAME_DAY, "是", True),
        (RuleName.MAY_CANCEL, "不允许", False),
        (RuleName.CUT_OFF, "16：30", time(16, 30)),
        (RuleName.CUT_OFF, "16:30:00", time(16, 30)),
        (RuleName.CANCEL_UNTIL, "前1天 12:00", CancelUntil(1, time(12))),
        (RuleName.QUOTA_PERCENT, "30%", 30),
    ],
)
def test_values_are_read_as_people_write_them(name, value, means):
    assert read_value(name, value) == means


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (RuleName.WINDOW_DAYS, "0"),
        (RuleName.WINDOW_DAYS, "七"),
        (RuleName.WINDOW_DAYS, ""),
        (RuleName.SAME_DAY, "也许"),
        (RuleName.CUT_OFF, "24:00"),
        (RuleName.CANCEL_UNTIL, "昨天"),
        (RuleName.QUOTA_PERCENT, "101%"),
        (RuleName.UNREPORTED, "随便"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_the_form_it_should_have(name, value):
    with pytest.raises(Refused, match=f"{name.label}.*应为"):
        read_value(name, value)


def test_rules_are_said_in_one_sentence():
    said = describe(Policy(cut_off=time(16, 30), may_cancel=False))
    assert said == (
        "可约明天起到第 7 天的号，第 7 天的号每天 00:00 放出，次日的号 16:30 停约，预约后不能退号，"
        "上午 09:30、下午 14:30 前取号，一个手机号最多为 3 人预约，90 天内爽约 3 次停约 90 天。"
    )


def test_what_is_over_stays_over():
    over = (State.CANCELLED, State.EXPIRED, State.RELEASED, State.STOPPED)
    assert not any(may_become(before, after) for before in over for after in State)
    assert may_become(State.NO_SHOW, State.ATTENDED)


def test_fever_clinics_are_told_by_their_name():
    assert is_fever_clinic("发热门诊")
    assert not is_fever_clinic("心内科")
