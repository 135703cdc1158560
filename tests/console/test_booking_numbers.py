"""The page of booking's figures."""

from datetime import timedelta

import pytest

from hotline.agents.rules import Role
from hotline.booking import figures, service
from hotline.booking.models import Department, Hospital
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


def test_hospitals_are_sorted_shared_out_and_held_against_the_days_before(browser, session):
    big, small = make_slot(session, 10), make_slot(session, 2)
    earlier = make_slot(session, 4, DAY - timedelta(days=1), department=_department(session, small))
    for number, slot in enumerate((big, big, big, small, earlier)):
        held = service.hold(session, slot.key, person(number + 1), "agent", AGENT, at=AT)
        service.confirm(session, held.hold_id, AGENT, at=AT)
    names = [session.get(Hospital, slot.hospital_id).name for slot in (big, small)]
    address = f"/booking/numbers?from={DAY}&to={DAY}"
    assert _order(browser.get(address).text, names) == names
    assert _order(browser.get(address + "&sort=used").text, names) == names
    assert _order(browser.get(address + "&sort=-used").text, names) == names[::-1]
    shown = browser.get(address).text
    assert "75.0%" in shown
    assert "上期无号" in shown
    assert "上期 25.0%" in shown


def _department(session, slot) -> Department:
    return session.get(Department, slot.department_id)


def _order(page, names):
    listed = page[page.index("各医院") :]
    return sorted(names, key=listed.index)


def test_a_city_is_looked_at_alone_and_a_hospital_s_channels_too(browser, session):
    here, there = make_slot(session, 4), make_slot(session, 4)
    hospital = session.get(Hospital, there.hospital_id)
    hospital.city = "镇江"
    for number, slot in enumerate((here, there)):
        held = service.hold(session, slot.key, person(number + 1), "agent", AGENT, at=AT)
        service.confirm(session, held.hold_id, AGENT, at=AT)
    session.flush()
    address = f"/booking/numbers?from={DAY}&to={DAY}"
    shown = browser.get(address + "&city=镇江").text
    assert hospital.name in shown
    assert session.get(Hospital, here.hospital_id).name not in shown
    inside = figures.Scope(DAY, DAY, here.hospital_id)
    assert sum(each.bookings for each in figures.by_channel(session, inside)) == 1
    assert sum(figures.lead_days(session, inside).values()) == 1
