"""A clinic that does not take place: whom it touches, who is told, and what nobody may lose."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlmodel import select

from hotline import audit
from hotline.booking import service, stop_calls, stop_duties, stopping
from hotline.booking.models import Booking, Slot, TextMessage
from hotline.booking.rules import State
from hotline.booking.stop_calls import REST
from hotline.booking.stop_duties import CLAIM_LASTS, MANY_ATTEMPTS, Wanted
from hotline.booking.stop_models import CallResult, CallState, ClinicStop, StopCall
from hotline.errors import Refused
from tests.booking.places import AGENT, AT, DAY, assert_counted, make_department, make_slot, person
from tests.people import make_person


@contextmanager
def refused(code):
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code


def hold(session, slot, number=1, at=AT):
    return service.hold(session, slot.id, person(number), "agent", AGENT, at=at)


def book(session, slot, number=1) -> Booking:
    return service.confirm(session, hold(session, slot, number).hold_id, AGENT, at=AT)


@pytest.fixture
def people(session):
    """Two agents."""
    return [make_person(session, name).key for name in ("wang", "li")]


@pytest.fixture
def slot(session) -> Slot:
    return make_slot(session, capacity=3)


def stop(session, *slots, at=AT):
    return stopping.stop_clinic(session, [slot.id for slot in slots], "医生出差", at=at)


def duty_of(session, booking) -> StopCall:
    return session.exec(select(StopCall).where(StopCall.booking_id == booking.id)).one()


def test_whom_it_touches_is_known_before(session):
    slot = make_slot(session, capacity=2)
    book(session, slot)
    service.hold(session, slot.id, person(2), "voice", AGENT, at=AT)
    service.wait(session, slot.id, person(3), "agent", AGENT, at=AT)
    found = {each.channel: each for each in stopping.affected(session, [slot.id], AT)}
    counts = {name: (each.booked, each.waiting, each.held) for name, each in found.items()}
    assert sorted(counts.values()) == [(0, 0, 1), (1, 1, 0)]
    assert max(each.soonest for each in found.values() if each.soonest) == DAY


def test_the_holder_is_refused_and_who_waits_gets_a_text(session):
    slot = make_slot(session, capacity=2)
    booked = book(session, slot)
    held = hold(session, slot, 2)
    waiting = service.wait(session, slot.id, person(3), "agent", AGENT, at=AT)
    assert stop(session, slot) == [booked.id]
    for hold_id in (held.hold_id, waiting):
        with refused("slot_closed"):
            service.confirm(session, hold_id, AGENT, at=AT)
    assert_counted(session)
    last = select(TextMessage.template).order_by(TextMessage.id.desc()).limit(2)
    assert set(session.exec(last)) == {"stopped", "waiting_stopped"}
    assert [duty.booking_id for duty in session.exec(select(StopCall))] == [booked.id]


def test_again_affects_nobody_new(session, slot):
    book(session, slot)
    stop(session, slot)
    assert stop(session, slot) == []
    assert len(session.exec(select(StopCall)).all()) == 1


def test_a_clinic_that_is_over_is_not_stopped(session, slot):
    book(session, slot)
    evening = slot.when.ends
    with refused("slot_over"):
        stop(session, slot, at=evening)
    with refused("slot_over"):
        stopping.resume_clinic(session, [slot.id], at=evening)
    assert stop(session, slot, at=evening - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("slots", "reason", "code"),
    [([], "医生出差", "slots_missing"), ([-1], "医生出差", "slots_missing"),
     (None, " ", "reason_invalid"), (None, "长" * 101, "reason_invalid"),
     (list(range(1, 2002)), "医生出差", "slots_too_many")],
)  # fmt: skip
def test_what_cannot_be_stopped_is_refused(session, slot, slots, reason, code):
    with refused(code):
        stopping.stop_clinic(session, [slot.id] if slots is None else slots, reason, at=AT)
    session.refresh(slot)
    assert not slot.is_stopped


def test_one_deed_is_remembered_with_its_reason(session, slot):
    other = make_slot(session)
    booked = book(session, slot)
    stop(session, slot, other)
    deed = session.exec(select(ClinicStop)).one()
    assert (deed.slots, deed.reason) == (2, "医生出差")
    assert duty_of(session, booked).stop_id == deed.id
    entry = session.exec(select(audit.AuditEntry).order_by(audit.AuditEntry.id.desc())).first()
    assert entry.reason == "医生出差"
    assert entry.detail["affected"] == 1


def test_two_who_ask_for_the_next_get_two(session, slot, people):
    later = make_slot(session, day=DAY + timedelta(days=1))
    last, first, second = book(session, later, 9), book(session, slot, 1), book(session, slot, 2)
    stop(session, slot, later)
    got = [stop_calls.claim_next(session, who, Wanted(), AT).booking_id for who in people]
    assert got == [first.id, second.id]
    third = stop_calls.claim_next(session, people[0], Wanted(), AT)
    assert third.booking_id == last.id
    with refused("stop_calls_none"):
        stop_calls.claim_next(session, people[1], Wanted(), AT)


def test_nobody_calls_whom_a_colleague_calls(session, slot, people):
    one, other = people
    booked = book(session, slot)
    stop(session, slot)
    duty = stop_calls.claim_next(session, one, Wanted(), AT)
    for deed in (
        lambda: stop_calls.claim(session, duty.key, other, at=AT),
        lambda: stop_calls.record_attempt(session, duty.key, CallResult.TOLD, other, at=AT),
        lambda: stop_calls.let_go(session, duty.key, other, at=AT),
        lambda: stop_calls.rebook(session, booked.booking_no, slot.id, AGENT, other, at=AT),
    ):
        with refused("stop_call_claimed"):
            deed()
    assert stop_calls.claim(session, duty.key, other, may_take_over=True, at=AT).claimed_by == other
    forgotten = AT + CLAIM_LASTS
    assert stop_calls.claim(session, duty.key, one, at=forgotten).claimed_by == one
    stop_calls.let_go(session, duty.key, one, at=forgotten)
    assert stop_duties.in_hand(session, one, forgotten) is None


def test_whoever_does_not_answer_stays_on_the_list(session, slot, people):
    me = people[0]
    booked = book(session, slot)
    stop(session, slot)
    at = AT
    for _ in range(MANY_ATTEMPTS + 1):
        duty = stop_calls.claim_next(session, me, Wanted(), at)
        stop_calls.record_attempt(session, duty.key, CallResult.NO_ANSWER, me, "响了很久", at=at)
        with refused("stop_calls_none"):
            stop_calls.claim_next(session, me, Wanted(), at)
        at += REST
    duty = duty_of(session, booked)
    assert (duty.state, duty.attempts) == (CallState.OPEN, MANY_ATTEMPTS + 1)
    assert [one.id for one in stop_duties.duties(session, Wanted(whose="hard")).rows] == [duty.id]
    assert [each.note for each in stop_duties.attempts_of(session, [duty])[duty.key]] == (
        ["响了很久"] * (MANY_ATTEMPTS + 1)
    )


@pytest.mark.parametrize("result", [CallResult.TOLD, CallResult.NOT_NEEDED])
def test_told_ends_it_once(session, slot, people, result):
    booked = book(session, slot)
    stop(session, slot)
    duty = duty_of(session, booked)
    stop_calls.record_attempt(session, duty.key, result, people[0], at=AT)
    assert stop_duties.how_many(session) == 0
    assert stop_duties.duties(session, Wanted(whose="done")).rows == [duty]
    with refused("stop_call_done"):
        stop_calls.record_attempt(session, duty.key, result, people[0], at=AT)


def test_rebooked_is_a_new_booking_of_the_same_patient(session, people):
    department = make_department(session)
    slot = make_slot(session, department=department)
    other = make_slot(session, day=DAY + timedelta(days=1), department=department)
    old = book(session, slot)
    stop(session, slot)
    new = stop_calls.rebook(session, old.booking_no, other.id, AGENT, people[0], at=AT)
    assert (new.state, new.slot_id, new.patient_id) == (State.CONFIRMED, other.id, old.patient_id)
    session.refresh(old)
    assert old.state is State.STOPPED
    duty = duty_of(session, old)
    assert (duty.state, duty.rebooked_id) == (CallState.REBOOKED, new.id)
    with refused("booking_changed"):
        stop_calls.rebook(session, old.booking_no, other.id, AGENT, people[0], at=AT)
    assert_counted(session)


def test_a_full_slot_rebooks_nobody(session, slot, people):
    full = make_slot(session)
    book(session, full, 8)
    old = book(session, slot)
    stop(session, slot)
    with refused("slot_taken"), session.begin_nested():
        stop_calls.rebook(session, old.booking_no, full.id, AGENT, people[0], at=AT)
    assert duty_of(session, old).state is CallState.OPEN


def test_the_list_pages_and_loses_nobody(session, people):
    slots = [make_slot(session, 1, DAY + timedelta(days=n % 3)) for n in range(7)]
    for number, slot in enumerate(slots, 1):
        book(session, slot, number)
    stop(session, *slots)
    seen, cursor = [], None
    for _ in range(4):
        page = stop_duties.duties(session, Wanted(), cursor, limit=2)
        seen += page.rows
        cursor = page.next_cursor
    assert (len(seen), cursor, page.total) == (7, None, 7)
    days = [session.get(Booking, duty.booking_id).day for duty in seen]
    assert days == sorted(days)
    assert len(stop_duties.duties(session, Wanted(day=DAY)).rows) == 3
