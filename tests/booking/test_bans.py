"""Bans by a person's word, bans lifted, and a mobile that has room again."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.booking import attendance, bans, changing, service
from hotline.booking.models import Booking, PatientAccount
from hotline.errors import Refused
from tests.booking.places import AGENT, AT, DAY, make_slot, person


@contextmanager
def refused(code):
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code


def book(session, slot, number=1, mobile=None) -> Booking:
    held = service.hold(session, slot.id, person(number, mobile), "agent", AGENT, at=AT)
    return service.confirm(session, held.hold_id, AGENT, at=AT)


def test_a_ban_by_hand_holds_until_it_is_lifted(session):
    booked = book(session, make_slot(session))
    ban = bans.set_ban(session, booked.patient_id, 30, "倒卖号源", at=AT)
    with refused("patient_banned"):
        book(session, make_slot(session))
    with refused("ban_stands"):
        bans.set_ban(session, booked.patient_id, 5, "再一次", at=AT)
    bans.lift_ban(session, ban.id, "核实有误", at=AT)
    assert book(session, make_slot(session))
    with refused("ban_over"):
        bans.lift_ban(session, ban.id, "核实有误", at=AT)


def test_only_who_missed_visits_hears_of_missed_visits(session):
    booked = book(session, make_slot(session))
    bans.set_ban(session, booked.patient_id, 30, "倒卖号源", at=AT)
    with pytest.raises(Refused) as caught:
        book(session, make_slot(session))
    assert "未到" not in caught.value.message
    assert "倒卖" not in caught.value.message
    assert "暂停预约到 2026-12-20" in caught.value.message


def test_what_a_person_set_is_not_lifted_by_a_visit(session):
    booked = book(session, make_slot(session))
    bans.set_ban(session, booked.patient_id, 30, "倒卖号源", at=AT)
    attendance.report(session, booked.booking_no, True, AGENT, at=AT + timedelta(days=1))
    assert bans.standing(session, booked.patient_id, AT + timedelta(days=2)) is not None


@pytest.mark.parametrize(
    ("days", "reason", "code"),
    [(None, "倒卖号源", "days_invalid"), (0, "倒卖号源", "days_invalid"),
     (366, "倒卖号源", "days_invalid"), (3, "x", "reason_invalid"),
     (3, "长" * 201, "reason_invalid")],
)  # fmt: skip
def test_a_ban_wants_days_and_a_reason(session, days, reason, code):
    booked = book(session, make_slot(session))
    with refused(code):
        bans.set_ban(session, booked.patient_id, days, reason, at=AT)
    assert bans.standing(session, booked.patient_id, AT) is None


def test_a_mobile_has_room_once_a_place_is_freed(session):
    mobile = 77
    first = book(session, make_slot(session), 1, mobile)
    for number in (2, 3):
        book(session, make_slot(session), number, mobile)
    with refused("mobile_limit"):
        book(session, make_slot(session), 4, mobile)
    with refused("account_in_use"):
        bans.free_place(session, first.account_id, "换了手机号")
    changing.cancel(session, first.booking_no, "有事", AGENT, at=AT)
    bans.free_place(session, first.account_id, "换了手机号")
    assert book(session, make_slot(session), 4, mobile)
    with refused("mobile_limit"):
        book(session, make_slot(session), 5, mobile)
    with refused("account_unknown"):
        bans.free_place(session, first.account_id, "换了手机号")


def test_who_was_freed_may_come_back_with_the_old_bookings_kept(session):
    old = book(session, make_slot(session), 1, 77)
    changing.cancel(session, old.booking_no, "有事", AGENT, at=AT)
    bans.free_place(session, old.account_id, "换了手机号")
    new = book(session, make_slot(session, day=DAY + timedelta(days=1)), 1, 77)
    assert new.patient_id == old.patient_id
    accounts = session.exec(select(PatientAccount.id)).all()
    assert sorted(accounts) == sorted([old.account_id, new.account_id])
