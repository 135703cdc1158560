"""The page of booking's figures."""

import pytest

from hotline.agents.rules import Role
from hotline.booking import service
from tests.booking.places import AGENT, AT, DAY, make_slot, person
from tests.people import signed_in


@pytest.fixture
def browser(app, session, client):
    """A manager's browser."""
    return signed_in(app, session, Role.MANAGER)


def test_it_shows_use_lead_time_and_channels_of_the_days_asked_for(browser, session):
    slot = make_slot(session, 4)
    held = service.hold(session, slot.key, person(1), "agent", AGENT, at=AT)
    service.confirm(session, held.hold_id, AGENT, at=AT)
    text = browser.get(f"/booking/numbers?from={DAY}&to={DAY}").text
    assert "25.0%" in text
    assert "一半的预约提前不超过 4 天" in text
    assert "电话预约" in text
    inside = browser.get(f"/booking/numbers?from={DAY}&to={DAY}&hospital={slot.hospital_id}")
    assert "心内科" in inside.text


def test_days_without_slots_say_what_to_do(browser):
    assert "这些天没有号源" in browser.get("/booking/numbers").text


@pytest.mark.parametrize("days", ["from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01"])
def test_days_the_wrong_way_round_or_too_many_are_refused(browser, days):
    answer = browser.get(f"/booking/numbers?{days}")
    assert answer.status_code == 422
    assert "起止日期" in answer.text
