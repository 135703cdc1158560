"""A booking by keyboard alone, from the ring to the number; and what others do meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from hotline import db
from hotline.agents.rules import Role
from hotline.booking import changing, service
from hotline.booking.finding import Booker
from hotline.booking.id_numbers import check_digit
from hotline.booking.models import Booking, Department, Hospital, Patient, Slot
from hotline.booking.rules import State
from hotline.calls import desk
from hotline.calls.service import get_call
from hotline.clock import now, today
from hotline.console import desk_data
from hotline.console.booking_hold import tell
from tests.booking.places import AGENT, ONE, make_department, make_slot
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


def at_the_desk(page: Page) -> str:
    """An agent with a caller on the line; the call's number."""
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    with db.transaction() as session:
        number = ring(session, "xiaomei")
        call = desk_data.get_call(session, number)
        desk.answer(session, get_call(session, call.call_uid), "xiaomei")
    page.goto(f"/desk/{number}")
    return number


def booked(slot: int, who=None) -> str:
    """A booking somebody has made before; its number."""
    with db.transaction() as session:
        held = service.hold(session, slot, who or patient(), "agent", AGENT)
        number = service.confirm(session, held.hold_id, AGENT).booking_no
    assert number
    return number


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def look_up(page: Page, words: str) -> None:
    page.keyboard.press("Alt+y")
    expect(page.locator("#booking-lookup")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator(".booked-line").first).to_be_focused()


def test_a_booking_is_changed_and_cancelled_by_keyboard_within_the_call(page: Page) -> None:
    slot = make_clinic()
    with db.transaction() as session:
        department = session.get_one(Department, session.get_one(Slot, slot).department_id)
        make_slot(session, 3, SOON + timedelta(days=1), department=department)
    number = booked(slot)
    at_the_desk(page)
    look_up(page, number)
    look(page, "booking-found")
    page.keyboard.press("Enter")
    expect(page.locator("#booking").get_by_role("button", name="改约")).to_be_focused()
    look(page, "booking-card")
    page.keyboard.press("Alt+g")
    expect(page.locator(".half-day.is-open").first).to_be_focused()
    press(page, "ArrowRight", "Enter")
    expect(page.locator(".slot").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#booking").get_by_role("button", name="确认改约")).to_be_focused()
    look(page, "booking-change")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".read-back")).to_contain_text("预约号不变")
    expect(page.locator("#note")).to_have_value(re.compile("已改约"))

    look_up(page, number)
    page.keyboard.press("Enter")
    expect(page.locator("#booking").get_by_role("button", name="改约")).to_be_focused()
    page.keyboard.press("Alt+t")
    expect(page.locator("#reason-dialog textarea")).to_be_focused()
    page.keyboard.type("临时有事")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-noted] .state")).to_have_text("已退号")
    expect(page.locator("#note")).to_have_value(re.compile(f"{number} 已退号"))
    expect(page.locator("#note-state")).to_contain_text("已保存")
    look(page, "booking-cancelled")
    with db.transaction() as session:
        booking = session.exec(select(Booking)).one()
        assert (booking.state, booking.day) == (State.CANCELLED, SOON + timedelta(days=1))


def test_a_caller_is_found_by_whatever_they_say(page: Page) -> None:
    number = booked(make_clinic())
    who = patient()
    at_the_desk(page)
    for words in (number, who.mobile, who.id_number, who.name, "王 1980-1-1", "王19800101"):
        look_up(page, words)
        expect(page.locator(".booked-line")).to_contain_text(number)
    page.keyboard.press("Alt+y")
    page.keyboard.type("李四光")
    page.keyboard.press("Enter")
    expect(page.locator("#booking-found")).to_contain_text("没有查到")
    expect(page.locator("#booking-lookup")).to_have_value("李四光")


def test_a_child_is_booked_for_with_a_guardian(page: Page) -> None:
    slot = make_clinic()
    at_the_desk(page)
    press(page, "Alt+b")
    expect(page.locator("#booking-search")).to_be_focused()
    page.keyboard.type("xxg")
    press(page, "Enter")
    expect(page.locator(".half-day.is-open")).to_be_focused()
    press(page, "Enter")
    expect(page.locator(".slot").first).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#f-patient_name")).to_be_focused()
    page.keyboard.type("王小宝")
    press(page, "Tab")
    first = "32010220200101001"
    page.keyboard.type(first + check_digit(first))
    expect(page.locator("#identity-said")).to_contain_text("请填监护人")
    expect(page.locator("#f-guardian_name")).to_be_visible()
    press(page, "Alt+g")
    expect(page.locator("#f-guardian_name")).to_be_focused()
    page.keyboard.type("王大宝")
    press(page, "Tab")
    page.keyboard.type(patient(9).id_number)
    look(page, "booking-child")
    press(page, "Control+Enter")
    expect(page.locator(".read-back")).to_contain_text("为王小宝")
    with db.transaction() as session:
        booking = session.exec(select(Booking)).one()
        child = session.get_one(Patient, booking.patient_id)
        assert (booking.slot_id, child.guardian_id is not None) == (slot, True)


def test_a_hold_that_ran_out_is_taken_once_more_by_one_key(page: Page) -> None:
    slot = make_clinic(units=1)
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    with db.transaction() as session:
        held = service.hold(session, slot, patient(), "agent", Booker("xiaomei", sees_all=True))
        session.get_one(Booking, held.booking_id).expires_at = now() + timedelta(seconds=12)
    page.goto(f"/booking?booking={held.booking_id}")
    expect(page.locator("[data-held]")).to_have_class(re.compile("is-near"))
    expect(page.locator("[data-held] .btn-done")).to_be_focused()
    look(page, "booking-near")
    expect(page.get_by_role("button", name="再占一次")).to_be_focused(timeout=20_000)
    look(page, "booking-ran-out")
    press(page, "Alt+a")
    expect(page.locator("[data-held] .btn-done")).to_be_focused()
    press(page, "Control+Enter")
    expect(page.locator(".booking-number")).to_be_visible()
    with db.transaction() as session:
        states = session.exec(select(Booking.state).order_by(col(Booking.id))).all()
        assert states == [State.EXPIRED, State.CONFIRMED]


def test_who_waited_is_offered_a_slot_and_another_agent_confirms(page: Page) -> None:
    slot = make_clinic(units=1)
    number = booked(slot)
    with db.transaction() as session:
        service.wait(session, slot, patient(5, name="李明月"), "web", ONE)
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto("/booking/waiting")
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    expect(page.locator("#waiting-list")).to_contain_text("等待退号")
    with db.transaction() as session:
        changing.cancel(session, number, "临时有事", AGENT)
        tell(session)
    expect(page.locator("#waiting-list")).to_contain_text("候补待确认", timeout=8000)
    look(page, "booking-waiting")
    page.get_by_role("link", name="复述并确认").press("Enter")
    expect(page.locator(".read-back")).to_contain_text("为李明月")
    expect(page.locator("[data-held] .btn-done")).to_be_focused()
    look(page, "booking-offered")
    press(page, "Control+Enter")
    expect(page.locator(".booking-number")).to_be_visible()
    with db.transaction() as session:
        assert session.exec(select(Booking.state).where(Booking.owner == ONE.owner)).one() == (
            State.CONFIRMED
        )


def test_a_slot_that_goes_while_a_name_is_typed_says_so_and_nothing_is_lost(page: Page) -> None:
    slot = make_clinic(units=1)
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto(f"/booking?department={_department_of(slot)}")
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    expect(page.locator(".half-day.is-open")).to_be_focused()
    press(page, "Enter")
    expect(page.locator(".slot").first).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#f-patient_name")).to_be_focused()
    page.keyboard.type("赵兰花")
    with db.transaction() as session:
        service.hold(session, slot, patient(5), "agent", AGENT)
        tell(session)
    expect(page.locator("#booking-slot-line")).to_contain_text("刚刚约满了", timeout=20_000)
    expect(page.locator("#f-patient_name")).to_be_focused()
    expect(page.locator("#f-patient_name")).to_have_value("赵兰花")
    look(page, "booking-went")


def _department_of(slot: int) -> int:
    with db.transaction() as session:
        return session.get_one(Slot, slot).department_id


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
