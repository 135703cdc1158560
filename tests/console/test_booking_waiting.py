"""The waiting list at the desk: anybody's, found by patient, paged, masked, audited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.booking import changing, service
from hotline.booking.models import Booking
from hotline.booking.rules import State
from hotline.clock import today
from hotline.console import booking_waiting
from tests.booking.places import AGENT, ONE, make_slot, person
from tests.console.test_booking_pages import post
from tests.people import signed_in

SOON = today() + timedelta(days=3)


@pytest.fixture
def agent(app, session, redis):
    return signed_in(app, session, Role.AGENT, "xiaomei")


@pytest.fixture
def slot(session):
    return make_slot(session, day=SOON)


@pytest.fixture
def taken(session, slot) -> str:
    """The booking that fills the slot; its number."""
    held = service.hold(session, slot.id, person(90), "agent", AGENT)
    number = service.confirm(session, held.hold_id, AGENT).booking_no
    session.commit()
    return number


def wait(session, slot, number=1, name="李明月") -> Booking:
    service.wait(session, slot.id, person(number, name=name), "web", ONE)
    session.commit()
    return session.exec(select(Booking).order_by(col(Booking.id).desc())).first()


def free(session, number: str) -> None:
    changing.cancel(session, number, "临时有事", AGENT)
    session.commit()


def test_what_is_offered_may_be_confirmed_by_whoever_answers(session, agent, slot, taken):
    waiting = wait(session, slot)
    assert post(agent, f"/booking/held/{waiting.id}/confirm").status_code == 422
    free(session, taken)
    card = agent.get(f"/booking/card/{waiting.id}").text
    assert "候补有号" in card
    assert "为李明月" in card
    assert waiting.hold_id not in card
    assert post(agent, f"/booking/held/{waiting.id}/confirm").status_code == 200
    session.refresh(waiting)
    assert (waiting.state, waiting.owner) == (State.CONFIRMED, ONE.owner)


def test_anothers_hold_is_still_nobody_elses(session, agent, slot):
    held = service.hold(session, slot.id, person(), "web", ONE)
    session.commit()
    for address in ("card", "held"):
        assert agent.get(f"/booking/{address}/{held.booking_id}").status_code == 404
    assert post(agent, f"/booking/card/{held.booking_id}/cancel", reason="错了").status_code == 404


def test_offers_stand_before_those_who_still_wait(session, agent, slot, taken):
    other = make_slot(session, day=SOON - timedelta(days=1))
    service.hold(session, other.id, person(91), "agent", AGENT)
    wait(session, other, 2, "张远行")
    wait(session, slot, 1, "李明月")
    free(session, taken)
    page = agent.get("/booking/waiting").text
    assert page.index("李**") < page.index("张**")
    assert "data-until" in page
    assert person(1).mobile not in page
    assert "李明月" not in page


def test_the_list_comes_in_pieces_and_each_row_once(session, agent, slot, taken, monkeypatch):
    monkeypatch.setattr(booking_waiting, "PAGE", 2)
    for number in range(1, 6):
        wait(session, slot, number)
    free(session, taken)
    seen, address = [], "/booking/waiting"
    for _ in range(3):
        page = agent.get(address).text
        rows = page.split('href="/booking?booking=')[1:]
        seen += [f"/booking/waiting/{one.id}/drop" for one in session.exec(select(Booking))
                 if f"/booking/waiting/{one.id}/drop" in page]  # fmt: skip
        assert len(rows) == (1 if address == "/booking/waiting" else 0)
        following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
        address = following.replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 5


def test_who_waits_is_found_by_name_without_the_name_in_the_address(session, agent, slot, taken):
    wait(session, slot, 1, "李明月")
    wait(session, slot, 2, "张远行")
    found = post(agent, "/booking/waiting/find", q="张远行").location
    assert "张" not in found
    page = agent.get(found).text
    assert "张**" in page
    assert "李**" not in page
    assert session.exec(select(AuditEntry).where(AuditEntry.action == "searched")).first()
    assert post(agent, "/booking/waiting/find", q="王1").status_code == 422


def test_giving_up_wants_a_reason_and_the_next_is_offered(session, agent, slot, taken):
    first, second = wait(session, slot, 1), wait(session, slot, 2)
    free(session, taken)
    address = f"/booking/waiting/{first.id}"
    assert post(agent, f"{address}/drop", reason="").status_code == 422
    assert post(agent, f"{address}/drop", reason="不需要了").status_code == 302
    for one in (first, second):
        session.refresh(one)
    assert (first.state, second.state) == (State.RELEASED, State.OFFERED)
    shown = post(agent, f"/booking/waiting/{second.id}/reveal", reason="通知有号")
    assert shown.json == {"value": person(2).mobile}


@pytest.mark.parametrize("asked", ["cursor=bad", "state=x", "hospital=1x", "name=zz", "born=00"])
def test_a_strange_address_breaks_nothing(agent, asked):
    assert agent.get(f"/booking/waiting?{asked}").status_code in (200, 400)
