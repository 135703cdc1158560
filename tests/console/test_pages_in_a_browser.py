"""The main path of the desk and of the board, by keyboard, in a real browser.

The ``page`` fixture fails a test when a script fails or the content policy is offended.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Page, expect
from sqlmodel import Session

import wsgi
from hotline import db, security
from hotline.agents.models import Person, SignIn
from hotline.agents.rules import Role
from hotline.agents.service import create_person
from hotline.calls import desk
from hotline.calls.service import get_call, save_note
from hotline.console import desk_data
from tests.people import PASSWORD

pytestmark = pytest.mark.browser

NUMBER = "13900001234"
WORDS = "想给四岁的孩子打水痘疫苗第二针，问在哪里打。"


def person(username: str, role: Role, name: str) -> Person:
    with db.transaction() as session:
        found, _ = create_person(session, username, role, name, PASSWORD)
    return found


def enter(page: Page, who: Person) -> None:
    """Sign in without the forms: a second factor takes a telephone."""
    token = security.new_token()
    with db.transaction() as session:
        session.add(
            SignIn(
                token_hash=security.token_hash(token),
                person_id=who.key,
                passed_second_factor=True,
            )
        )
    seal = SecureCookieSessionInterface().get_signing_serializer(wsgi.build())
    assert seal is not None
    cookie = {"name": "hotline_session", "value": seal.dumps({"token": token})}
    page.context.add_cookies([{**cookie, "domain": "127.0.0.1", "path": "/"}])  # type: ignore[typeddict-item]


def ring(session: Session, username: str) -> str:
    """A call that rings at this person's telephone; its number."""
    call = desk.start(session, NUMBER)
    desk.queue(session, call, "综合咨询")
    return desk.ring(session, call, username).call_no


def look(page: Page, name: str) -> None:
    """No sideways scrolling; a picture for who asks."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_an_agent_signs_in_by_keyboard(page: Page) -> None:
    person("xiaomei", Role.AGENT, "王晓梅")
    page.goto("/")
    page.keyboard.type("xiaomei")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/desk$"))
    page.keyboard.press("?")
    expect(page.locator("#key-map")).to_contain_text("搜索")
    page.keyboard.press("Escape")
    look(page, "idle")


def test_a_call_is_taken_by_keyboard_from_ring_to_result(page: Page) -> None:
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto("/calls")  # a ring shows on every page
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    with db.transaction() as session:
        number = ring(session, "xiaomei")
    expect(page.locator("[data-ringing]")).to_contain_text("139****1234", timeout=5000)
    expect(page).to_have_title(re.compile("来电"), timeout=3000)
    look(page, "ring")

    page.keyboard.press("F2")
    expect(page).to_have_url(re.compile(f"/desk/{number}$"))
    page.keyboard.type(WORDS)
    expect(page.locator("#note-state")).to_contain_text("已保存")
    expect(page.locator(".suggestion").first).to_contain_text("预防接种")
    page.reload()
    expect(page.locator("#note")).to_have_value(WORDS)

    page.keyboard.press("Alt+1")
    expect(page.locator("#f-category")).to_have_value(re.compile("预防接种$"))
    page.keyboard.press("F4")
    expect(page.locator("#bar")).to_contain_text("保持中")
    page.keyboard.press("F4")
    expect(page.locator("#bar")).to_contain_text("通话中")
    expect(page.locator("#f-category")).to_have_value(re.compile("预防接种$"))
    page.keyboard.press("F9")
    expect(page.locator("#bar")).to_contain_text("话后整理")
    page.keyboard.press("Alt+r")
    page.keyboard.press("Space")
    look(page, "wrap-up")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/desk$"))
    expect(page.locator("#presence summary")).to_contain_text("就绪")
    with db.transaction() as session:
        call = get_call(session, _uid(session, number))
    assert (call.category, call.summary) == ("consultation", WORDS)


def _uid(session: Session, call_no: str) -> str:
    return desk_data.get_call(session, call_no).call_uid


def test_danger_reaches_the_board_in_words(page: Page) -> None:
    agent = person("xiaomei", Role.AGENT, "王晓梅")
    enter(page, person("zhaomin", Role.SUPERVISOR, "赵敏"))
    page.goto("/live-board")
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    with db.transaction() as session:
        uid = _uid(session, ring(session, "xiaomei"))
        desk.answer(session, get_call(session, uid), "xiaomei")
        save_note(session, uid, "他说不想活了，刚吞了一瓶安眠药", 0, agent.key)
    expect(page.locator("#board")).to_contain_text("危险警报", timeout=6000)
    expect(page.locator("#alerts .count-mark")).to_have_text("1")
    expect(page.locator(".chart-place canvas")).to_be_visible()
    look(page, "board")
    page.locator("#board").get_by_role("button", name="确认").click()
    expect(page.locator("#board")).not_to_contain_text("危险警报")


def test_what_was_typed_outlives_a_server_that_never_answered(page: Page) -> None:
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    with db.transaction() as session:
        number = ring(session, "xiaomei")
        desk.answer(session, get_call(session, _uid(session, number)), "xiaomei")
    page.goto(f"/desk/{number}")
    page.route("**/note", lambda _: None)
    page.locator("#note").fill(WORDS)
    expect(page.locator("#note-state")).to_contain_text("正在输入")
    page.unroute("**/note")
    page.reload()
    expect(page.locator("#note")).to_have_value(WORDS)
    expect(page.locator("#note-state")).to_contain_text("已保存", timeout=8000)
