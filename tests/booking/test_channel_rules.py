"""Windows, release and quotas by channel, at the instants where days, months and years turn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from hotline.booking import changing, queries, ruling, service
from hotline.booking.finding import Booker
from hotline.booking.policy import RuleName
from hotline.booking.queries import Wanted
from hotline.booking.rules import ClinicKind
from hotline.booking.ruling import NewRule
from hotline.clock import SHANGHAI
from hotline.db import transaction
from hotline.errors import Refused
from tests.booking.places import (
    AT,
    TODAY,
    assert_counted,
    make_department,
    make_slot,
    person,
    set_rule,
    taken,
)
from tests.booking.test_races import together

OUTSIDE = Booker("token:1")
NEARLY = timedelta(seconds=1)


@pytest.fixture
def nanjing(session):
    """A department in the city whose rules come with the tables."""
    return make_department(session)


def hold(session, slot, channel, at, number=1):
    return service.hold(session, slot.id, person(number), channel, OUTSIDE, at=at)


def refused(session, slot, channel, at, number=1):
    with pytest.raises(Refused) as found:
        hold(session, slot, channel, at, number)
    return found.value.code


def midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


@pytest.mark.parametrize("kind", [ClinicKind.EXPERT, ClinicKind.FAMOUS_EXPERT])
def test_family_doctors_see_experts_two_weeks_ahead(session, nanjing, kind):
    slot = make_slot(session, 2, TODAY + timedelta(days=14), department=nanjing, kind=kind)
    assert refused(session, slot, "agent", AT) == "too_early"
    assert hold(session, slot, "family_doctor", AT)
    later = make_slot(session, 1, TODAY + timedelta(days=15), department=nanjing, kind=kind)
    assert refused(session, later, "family_doctor", AT, 2) == "too_early"
    plain = make_slot(session, 1, TODAY + timedelta(days=14), department=nanjing)
    assert refused(session, plain, "family_doctor", AT, 3) == "too_early", "experts only"


@pytest.mark.parametrize(
    "day",
    [
        date(2028, 2, 29),  # a leap day
        date(2028, 3, 7),  # a window over the leap day
        date(2027, 1, 4),  # over the year
        date(2027, 10, 9),  # 调休 and holidays are days like any other to the window
        date(2027, 3, 31),
    ],
)
def test_the_window_opens_at_midnight_on_the_seventh_day_before(session, nanjing, day):
    slot = make_slot(session, 1, day, department=nanjing)
    opens = midnight(day - timedelta(days=7))
    assert refused(session, slot, "wechat", opens - NEARLY) == "too_early"
    assert hold(session, slot, "wechat", opens)


@pytest.mark.parametrize("day", [date(2028, 3, 1), date(2027, 2, 1), date(2027, 1, 1)])
def test_the_next_day_closes_at_noon_and_the_day_itself_at_midnight(session, nanjing, day):
    slot = make_slot(session, 3, day, department=nanjing)
    noon = midnight(day - timedelta(days=1)) + timedelta(hours=12)
    assert hold(session, slot, "wechat", noon - NEARLY)
    assert refused(session, slot, "wechat", noon, 2) == "too_late"
    assert refused(session, slot, "wechat", midnight(day) - NEARLY, 2) == "too_late"
    assert refused(session, slot, "wechat", midnight(day), 2) == "same_day"
    assert refused(session, slot, "wechat", midnight(day + timedelta(days=1)), 2) == "slot_closed"


def test_a_channel_may_be_released_later_than_the_others(session, nanjing):
    set_rule(session, "release", "08:30", hospital_id=nanjing.hospital_id, channel="my_nanjing")
    slot = make_slot(session, 2, TODAY + timedelta(days=7), department=nanjing)
    opens = midnight(TODAY) + timedelta(hours=8, minutes=30)
    assert refused(session, slot, "my_nanjing", opens - NEARLY) == "too_early"
    assert hold(session, slot, "wechat", opens - NEARLY, 2)
    assert hold(session, slot, "my_nanjing", opens)


def test_a_rule_that_changes_while_a_hold_is_open_does_not_touch_it(session, nanjing):
    slot = make_slot(session, 2, TODAY + timedelta(days=4), department=nanjing)
    held = hold(session, slot, "wechat", AT)
    rule = NewRule(RuleName.WINDOW_DAYS, "1", TODAY, hospital_id=nanjing.hospital_id)
    ruling.add(session, rule, on=TODAY)
    quota = NewRule(RuleName.QUOTA_PERCENT, "0", TODAY, hospital_id=nanjing.hospital_id)
    ruling.add(session, quota, on=TODAY)
    assert refused(session, slot, "wechat", AT, 2) == "too_early"
    booked = service.confirm(session, held.hold_id, OUTSIDE, at=AT + timedelta(minutes=1))
    assert booked.booking_no
    assert_counted(session)


def shown(session, slot, channel, at=AT):
    wanted = Wanted(slot.day, slot.day, slot.hospital_id, channel=channel)
    (offer,) = queries.search(session, wanted, at).rows
    return offer.free, offer.closed


def test_a_channel_is_shown_what_it_may_have(session, nanjing):
    set_rule(session, "quota_percent", "30%", hospital_id=nanjing.hospital_id, channel="wechat")
    slot = make_slot(session, 10, TODAY + timedelta(days=4), department=nanjing)
    assert shown(session, slot, "wechat") == (3, None)
    first = hold(session, slot, "wechat", AT)
    service.confirm(session, first.hold_id, OUTSIDE, at=AT)
    for number in (2, 3):
        hold(session, slot, "wechat", AT, number)
    assert shown(session, slot, "wechat") == (0, "slot_taken")
    assert refused(session, slot, "wechat", AT, 4) == "slot_taken"
    assert shown(session, slot, "web") == (7, None)
    assert shown(session, slot, None) == (7, None)
    late = AT + timedelta(minutes=6)
    assert shown(session, slot, "wechat", late) == (2, None), "two holds have run out"
    assert hold(session, slot, "wechat", late, 4)
    assert taken(session, slot) <= 10
    assert_counted(session)


def test_what_is_left_counts_also_where_the_share_is_more(session, nanjing):
    set_rule(session, "quota_percent", "50", hospital_id=nanjing.hospital_id, channel="wechat")
    slot = make_slot(session, 4, TODAY + timedelta(days=4), department=nanjing)
    for number in (1, 2, 3):
        hold(session, slot, "web", AT, number)
    assert shown(session, slot, "wechat") == (1, None)


def test_nobody_moves_into_a_slot_past_the_share(session, nanjing):
    set_rule(session, "quota_percent", "50", hospital_id=nanjing.hospital_id, channel="wechat")
    full = make_slot(session, 2, TODAY + timedelta(days=4), department=nanjing)
    other = make_slot(session, 2, TODAY + timedelta(days=5), department=nanjing)
    hold(session, full, "wechat", AT)
    moving = service.confirm(session, hold(session, other, "wechat", AT, 2).hold_id, OUTSIDE, at=AT)
    with pytest.raises(Refused, match="slot_taken"):
        changing.change(session, moving.booking_no, full.id, OUTSIDE, at=AT)
    assert (taken(session, full), taken(session, other)) == (1, 1)


def test_a_share_is_kept_when_everybody_comes_at_once(committed, redis):
    with transaction() as session:
        department = make_department(session)
        set_rule(session, "quota_percent", "30", hospital_id=department.hospital_id,
                 channel="wechat")  # fmt: skip
        slot = make_slot(session, 10, TODAY + timedelta(days=4), department=department)

    def one(channel, number):
        with transaction() as session:
            return hold(session, slot, channel, AT, number).hold_id

    said = together(
        [lambda n=n: one("wechat", n) for n in range(1, 9)]
        + [lambda n=n: one("web", n) for n in range(9, 13)]
    )
    assert said.count("slot_taken") == 5
    with transaction() as session:
        assert_counted(session)
        by_channel = text("SELECT channel, count(*) FROM booking GROUP BY 1 ORDER BY 1")
        assert [tuple(row) for row in session.execute(by_channel)] == [("web", 4), ("wechat", 3)]


def test_the_instant_counts_not_the_clock_of_who_asks(session, nanjing):
    slot = make_slot(session, 1, date(2028, 2, 29), department=nanjing)
    opens = datetime(2028, 2, 21, 16, tzinfo=UTC)  # midnight of the 22nd in Shanghai
    assert refused(session, slot, "web", opens - NEARLY) == "too_early"
    assert hold(session, slot, "web", opens)
