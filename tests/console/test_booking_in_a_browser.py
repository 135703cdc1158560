"""A booking by keyboard alone, from the ring to the number; and what others do meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from hotline import db
from hotline.agents.rules import Role
from hotline.booking import service
from hotline.booking.models import Booking, Hospital
from hotline.calls import desk
from hotline.calls.service import get_call
from hotline.clock import today
from hotline.console import desk_data
from hotline.console.booking_hold import tell
from tests.booking.places import AGENT, make_department, make_slot
from tests.booking.places import person as patient
from tests.console.test_pages_in_a_browser import enter, look, person, ring

pytestmark = pytest.mark.browser
SOON = today() + timedelta(days=3)


def make_clinic(units: int = 2) -> int:
    """A morning of cardiology at 梅山医院; the slot's id."""
    with db.transaction() as session:
        hospital = Hospital(city="南京", name="南京梅山医院", initials="njmsyy")
        session.add(hospital)
        session.flush()
        department = make_department(session, "心血管内科", hospital)
        department.initials = "xxgnk"
        return make_slot(session, units, SOON, department=department).key


def test_a_booking_is_made_by_keyboard_within_the_call(page: Page) -> None:
    make_clinic()
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    with db.transaction() as session:
        number = ring(session, "xiaomei")
        call = desk_data.get_call(session, number)
        desk.answer(session, get_call(session, call.call_uid), "xiaomei")
    page.goto(f"/desk/{number}")
    page.keyboard.press("Alt+b")
    expect(page.locator("#booking-search")).to_be_focused()
    page.keyboard.type("ms xn")
    page.keyboard.press("Enter")  # before the list is there
    expect(page.locator(".half-day.is-open")).to_be_focused()
    look(page, "booking-days")
    page.keyboard.press("Enter")
    expect(page.locator(".slot").first).to_be_focused()
    look(page, "booking-slots")
    page.keyboard.press("Enter")
    who = patient()
    expect(page.locator("#f-patient_name")).to_be_focused()
    page.keyboard.type(who.name)
    page.keyboard.press("Enter")
    page.keyboard.type(who.id_number)
    expect(page.locator("#identity-said")).to_contain_text("1980年")
    look(page, "booking-patient")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".read-back")).to_contain_text("我复述一遍")
    expect(page.locator("[data-held] .btn-done")).to_be_focused()
    look(page, "booking-held")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".booking-number")).to_have_text(re.compile(r"\d{8}-\d{6}"))
    look(page, "booking-done")
    expect(page.locator("#note")).to_have_value(re.compile("预约号 "))
    expect(page.locator("#note-state")).to_contain_text("已保存")
    expect(page.locator('[name="disposition"][value="booked"]')).to_be_checked()
    with db.transaction() as session:
        booking = session.exec(select(Booking)).one()
        assert booking.call_uid == call.call_uid
        assert booking.booking_no in page.locator(".booking-number").inner_text()


def test_what_somebody_else_takes_is_gone_here_and_typed_words_stay(page: Page) -> None:
    slot = make_clinic(units=1)
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto("/booking")
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    page.keyboard.type("心内")
    page.keyboard.press("Enter")
    expect(page.locator(".half-day.is-open")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".slot").first).to_contain_text("余 1/1")
    expect(page.locator(".slot").first).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#f-patient_name").fill("赵兰花")
    page.keyboard.press("Alt+z")
    expect(page.locator(".slot").first).to_contain_text("余 1/1")
    with db.transaction() as session:
        service.hold(session, slot, patient(5), "agent", AGENT)
        tell(session)
    expect(page.locator(".slot").first).to_contain_text("约满", timeout=8000)
    look(page, "booking-full")
    page.goto("/booking/bookings")
    look(page, "booking-list")
    page.goto("/booking/rules")
    look(page, "booking-rules")
