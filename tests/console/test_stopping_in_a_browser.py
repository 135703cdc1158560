"""A clinic is stopped by keyboard, its patients are told or booked anew; colleagues see it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from hotline import db, live
from hotline.agents.rules import Role
from hotline.booking import service, stop_calls, stopping
from hotline.booking.models import Booking, Hospital, Slot
from hotline.booking.rules import State
from hotline.booking.stop_duties import Wanted
from hotline.booking.stop_models import CallState, StopCall
from hotline.clock import today
from tests.booking.places import AGENT, make_department, make_slot
from tests.booking.places import person as patient
from tests.console.test_pages_in_a_browser import enter, look, person

pytestmark = pytest.mark.browser
SOON = today() + timedelta(days=3)


def make_clinics() -> tuple[str, str]:
    """Two patients of a morning, another morning to go to; the numbers of their bookings."""
    with db.transaction() as session:
        hospital = Hospital(city="南京", name="南京梅山医院", initials="njmsyy")
        session.add(hospital)
        session.flush()
        department = make_department(session, "心血管内科", hospital)
        department.initials = "xxgnk"
        slot = make_slot(session, 3, SOON, department=department)
        make_slot(session, 3, SOON + timedelta(days=1), department=department)
        numbers = []
        for number in (1, 2):
            held = service.hold(session, slot.key, patient(number), "agent", AGENT)
            numbers.append(service.confirm(session, held.hold_id, AGENT).booking_no)
        return numbers[0], numbers[1]


def test_from_the_stop_to_the_last_call(page: Page) -> None:
    first, second = make_clinics()
    enter(page, person("banzhang", Role.SUPERVISOR, "张国强"))
    page.goto("/booking/stop")
    expect(page.locator("#booking-search")).to_be_focused()
    page.keyboard.type("xxg")
    page.keyboard.press("Enter")
    expect(page.locator('[name="selected"]')).to_have_count(2)
    look(page, "stop-clinics")
    page.locator('[name="selected"]').first.check()
    page.get_by_role("button", name="停诊…", exact=True).click()
    expect(page.locator("#f-reason")).to_be_focused()
    expect(page.locator(".page-head")).to_contain_text("影响 2 人")
    look(page, "stop-confirm")
    page.get_by_role("button", name="医生出差").click()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/booking/stopped\?stop=\d+"))
    expect(page.locator("#stopped-list tbody tr")).to_have_count(2)
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    page.keyboard.press("n")
    expect(page.locator(".in-hand")).to_contain_text("（医生出差）")
    look(page, "stop-calling")
    page.keyboard.press("1")
    expect(page.locator("#stopped-list tbody tr")).to_have_count(1)
    expect(page.locator("#stopped-list")).not_to_contain_text(first)
    page.keyboard.press("n")
    expect(page.locator(".in-hand")).to_contain_text(second)
    page.keyboard.press("e")
    expect(page.locator(".half-day.is-open")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".slot").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#booking")).to_contain_text("可以吗？")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#booking")).to_contain_text("新预约号")
    look(page, "stop-rebooked")
    page.keyboard.press("Alt+l")
    expect(page.locator("#stopped-list")).to_contain_text("没有要通知的人")
    with db.transaction() as session:
        states = session.exec(select(StopCall.state).order_by(StopCall.id)).all()
        assert states == [CallState.TOLD, CallState.REBOOKED]
        assert len(session.exec(select(Booking).where(Booking.state == State.CONFIRMED)).all()) == 1


def test_what_a_colleague_takes_shows_here_at_once(page: Page) -> None:
    make_clinics()
    with db.transaction() as session:
        stopping.stop_clinic(session, session.exec(select(Slot.id)).all(), "台风停诊")
    colleague = person("jianguo", Role.AGENT, "陈建国")
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto("/booking/stopped")
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    expect(page.get_by_role("button", name="我来打")).to_have_count(2)
    with db.transaction() as session:
        stop_calls.claim_next(session, colleague.key, Wanted())
        live.publish(session, "bookings", "bookings", {})
    expect(page.get_by_role("button", name="我来打")).to_have_count(1, timeout=8000)
    expect(page.locator("#stopped-list")).to_contain_text("陈建国")
