"""The outbox as a page: filtered, paged, masked; only a supervisor settles what is stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.booking import service
from hotline.booking.models import Booking, TextMessage
from hotline.booking.text_models import TextState
from hotline.clock import today
from hotline.console import booking_texts
from tests.booking.places import AGENT, make_slot, person
from tests.console.test_booking_pages import post
from tests.people import signed_in


def book(session, number) -> tuple[Booking, TextMessage]:
    slot = make_slot(session, day=today() + timedelta(days=3))
    held = service.hold(session, slot.id, person(number, name="欧阳明月"), "agent", AGENT)
    booking = service.confirm(session, held.hold_id, AGENT)
    query = select(TextMessage).where(TextMessage.booking_id == booking.id)
    return booking, session.exec(query).one()


@pytest.fixture
def stuck(session, redis):
    booking, message = book(session, 1)
    message.state, message.last_error = TextState.GIVEN_UP, "HTTP 503"
    session.commit()
    return booking, message


@pytest.fixture
def supervisor(app, session, stuck):
    return signed_in(app, session, Role.SUPERVISOR)


def test_it_is_masked_and_says_what_is_wrong(supervisor, stuck):
    page = supervisor.get("/booking/texts").text
    assert stuck[0].booking_no in page
    assert "138****0001" in page
    assert "HTTP 503" in page
    assert "欧阳明月" not in page
    assert "13800000001" not in page


def test_filters_and_pages(session, supervisor, stuck, monkeypatch):
    monkeypatch.setattr(booking_texts, "PAGE", 2)
    others = [book(session, number)[0].booking_no for number in (2, 3, 4)]
    session.commit()
    first = supervisor.get("/booking/texts").text
    assert [number in first for number in (*others, stuck[0].booking_no)] == [
        False, True, True, False,
    ]  # fmt: skip
    found = supervisor.get("/booking/texts?state=given_up").text
    assert stuck[0].booking_no in found
    assert others[0] not in found
    assert others[1] in supervisor.get(f"/booking/texts?no={others[1]}").text
    for nothing in ("template=cancelled", "no=%F0%A0%AE%B7"):
        assert "/booking/bookings/" not in supervisor.get(f"/booking/texts?{nothing}").text
    assert supervisor.get("/booking/texts?cursor=WyJ4Il0").status_code == 400


def test_a_supervisor_sends_again_and_goes_back_to_the_list(session, supervisor, stuck):
    _, message = stuck
    back = "/booking/texts?state=given_up"
    answer = post(
        supervisor, f"/booking/texts/{message.id}/again", reason="短信平台已恢复", back=back
    )
    assert answer.location == back
    session.refresh(message)
    assert message.state is TextState.DUE
    answer = post(supervisor, f"/booking/texts/{message.id}/dismiss", reason="不用了")
    assert "不用办理" in supervisor.get(answer.location).text


def test_an_agent_only_looks(app, session, stuck):
    agent = signed_in(app, session, Role.AGENT, "xiaomei")
    assert "/again" not in agent.get("/booking/texts").text
    answer = post(agent, f"/booking/texts/{stuck[1].id}/dismiss", reason="不用了")
    assert answer.status_code == 403
