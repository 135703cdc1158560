"""The doors of booking, as CONTRACTS draws them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline.agents.rules import Role, Scope
from hotline.audit import AuditEntry
from hotline.booking.models import Hospital
from hotline.clock import today
from tests.booking.machines import Machine
from tests.booking.places import (
    assert_counted,
    make_department,
    make_slot,
    person,
    set_rule,
    taken,
)
from tests.people import api_token, form_token, signed_in

SOON = 4


@pytest.fixture(autouse=True)
def _counted(session, redis):
    yield
    assert_counted(session)


@pytest.fixture
def slot(session):
    return make_slot(session, 3, today() + timedelta(days=SOON))


@pytest.fixture
def machine(client, session):
    """A channel with a token of its own."""
    return Machine(client, api_token(session, Scope.BOOKING))


def test_a_channel_finds_holds_books_reads_and_cancels(session, machine, slot):
    hospital = session.get(Hospital, slot.hospital_id)
    names = [each["name"] for each in machine.get("/hospitals").json["items"]]
    assert hospital.name in names
    found = machine.get(f"/departments?hospital={hospital.name}").json["items"]
    assert [each["name"] for each in found] == ["心内科"]
    (seen,) = machine.get(f"/slots?hospital={hospital.id}&department=心内科&kind=普通").json[
        "items"
    ]
    assert (seen["slot_id"], seen["free"], seen["bookable"]) == (slot.id, 3, True)
    held = machine.hold(slot)
    assert (held.status_code, set(held.json)) == (201, {"hold_id", "expires_at"})
    booked = machine.post("/bookings", {"hold_id": held.json["hold_id"]})
    assert booked.status_code == 201
    assert booked.json["pick_up_by"].startswith(slot.day.isoformat())
    read = machine.get(f"/bookings/{booked.json['booking_no']}")
    assert read.json == booked.json
    assert (read.json["state"], read.json["channel"]) == ("confirmed", "wechat")
    cancelled = machine.post(f"/bookings/{read.json['booking_no']}/cancel", {"reason": "有事"})
    assert (cancelled.status_code, cancelled.json["state"]) == (200, "cancelled")
    assert taken(session, slot) == 0


def test_what_is_personal_is_masked_and_reading_is_on_record(session, machine, slot):
    booked = machine.book(slot)
    answer = machine.get(f"/bookings/{booked['booking_no']}")
    who = person()
    assert answer.json["patient"] == {
        "name": "王**",
        "id_number": f"{who.id_number[:3]}***********{who.id_number[-4:]}",
        "mobile": f"138****{who.mobile[-4:]}",
    }
    subjects = session.exec(select(AuditEntry.subject).where(AuditEntry.action == "record_read"))
    assert f"booking:{booked['booking_no']}" in subjects.all()


def test_the_same_key_holds_one_unit_and_another_body_is_a_conflict(session, machine, slot):
    first, second = machine.hold(slot, key="k"), machine.hold(slot, key="k")
    assert (first.json, taken(session, slot)) == (second.json, 1)
    other = machine.hold(slot, number=2, key="k")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"id_number": "320102198001010010"}, 422, "id_number_invalid"),
        ({"name": "<script>"}, 422, "name_invalid"),
        ({"mobile": "12320"}, 422, "mobile_invalid"),
        ({"mobile": None}, 422, "invalid"),
    ],
)
def test_bad_input_is_refused_with_its_field(machine, slot, more, status, code):
    answer = machine.hold(slot, **more)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.json["request_id"]
    assert next(iter(answer.json["fields"])).startswith("patient.")


def test_refusals_carry_the_codes_of_the_contract(session, machine):
    def code(days, **rule):
        slot = make_slot(session, 1, today() + timedelta(days=days))
        for name, value in rule.items():
            set_rule(session, name, value, hospital_id=slot.hospital_id)
        return machine.hold(slot).json["code"]

    assert code(30) == "too_early"
    assert code(0) == "same_day"
    assert code(-1) == "slot_closed"
    assert code(1, cut_off="00:00") == "too_late"


def test_a_full_slot_says_so_and_lets_one_wait(session, machine):
    slot = make_slot(session, 1, today() + timedelta(days=SOON))
    booked = machine.book(slot)
    assert machine.hold(slot, 2).json["code"] == "slot_taken"
    (seen,) = machine.get(f"/slots?hospital={slot.hospital_id}").json["items"]
    assert (seen["free"], seen["bookable"], seen["closed"]) == (0, False, "slot_taken")
    who = person(2)
    patient = {"name": who.name, "id_number": who.id_number, "mobile": who.mobile}
    body = {"slot_id": slot.id, "patient": patient, "channel": "wechat"}
    waiting = machine.post("/waiting", body)
    assert waiting.status_code == 201
    machine.post(f"/bookings/{booked['booking_no']}/cancel", {"reason": ""})
    assert machine.post("/bookings", waiting.json).status_code == 201


def test_a_booking_changes_slots_and_reports_attendance(session, machine, slot):
    other = make_slot(session, 1, today() + timedelta(days=SOON))
    booked = machine.book(slot)
    moved = machine.post(f"/bookings/{booked['booking_no']}/change", {"slot_id": other.id})
    assert (moved.json["slot_id"], taken(session, slot), taken(session, other)) == (other.id, 0, 1)
    path = f"/bookings/{booked['booking_no']}/attendance"
    assert machine.post(path, {"attended": False}).json["state"] == "no_show"
    assert machine.post(path, {"attended": True}).json["state"] == "attended"


def test_another_channel_finds_neither_hold_nor_booking(client, session, machine, slot):
    other = Machine(client, api_token(session, Scope.BOOKING))
    hold_id = machine.hold(slot).json["hold_id"]
    assert other.post("/bookings", {"hold_id": hold_id}).json["code"] == "booking_unknown"
    assert other.post(f"/holds/{hold_id}/release", {}).status_code == 404
    booked = machine.post("/bookings", {"hold_id": hold_id}).json
    assert other.get(f"/bookings/{booked['booking_no']}").status_code == 404
    assert other.post(f"/bookings/{booked['booking_no']}/cancel", {}).status_code == 404
    everything = Machine(client, api_token(session, Scope.ALL))
    assert everything.get(f"/bookings/{booked['booking_no']}").status_code == 200


def test_a_forged_hold_is_none(machine):
    for forged in ("x", "1 OR 1=1", "號" * 64):
        answer = machine.post("/bookings", {"hold_id": forged})
        assert (answer.status_code, answer.json["code"]) == (404, "booking_unknown")
    assert machine.hold(type("Slot", (), {"id": 2**62})).json["code"] == "slot_unknown"


def test_an_agent_books_at_the_same_doors(app, session, client, slot):
    browser = signed_in(app, session, Role.AGENT)
    agent = Machine(browser, {"X-CSRF-Token": form_token(browser)})
    assert agent.book(slot)["booking_no"]


def test_slots_come_by_day_and_time_page_after_page(session, machine):
    heart = make_department(session)
    days = [today() + timedelta(days=each) for each in (2, 3, 4)]
    made = [make_slot(session, 1, day, department=heart) for day in days for _ in range(3)]
    seen, cursor = [], ""
    while cursor is not None:
        path = f"/slots?hospital={heart.hospital_id}&limit=2&cursor={cursor}"
        page = machine.get(path).json
        seen += [each["slot_id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [slot.id for slot in made]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("hospital=没有这家医院", "hospital_unknown"),
        ("kind=神医", "kind_invalid"),
        ("from=2026-02-30", "invalid"),
        ("from=2026-03-02&to=2026-03-01", "range_invalid"),
        ("cursor=!!", "cursor_invalid"),
    ],
)
def test_a_search_that_means_nothing_is_refused(machine, query, code):
    assert machine.get(f"/slots?{query}").json["code"] == code


def test_a_hold_that_ran_out_shows_as_free_before_any_sweep(session, machine, slot):
    machine.hold(slot)
    session.execute(text("UPDATE booking SET expires_at = created_at - interval '1 second'"))
    (seen,) = machine.get(f"/slots?hospital={slot.hospital_id}").json["items"]
    assert (seen["free"], taken(session, slot)) == (3, 1)
