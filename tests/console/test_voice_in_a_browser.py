"""Misheard answers are listened to and written down by keyboard; the figures are drawn."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from hotline import clock, db, settings
from hotline.agents.rules import Role
from hotline.calls.models import Call, CallTurn
from hotline.calls.voice_rules import Times
from tests.calls.voices import called, ended, said
from tests.console.test_pages_in_a_browser import enter, look, person
from tests.house.machine import wait_for
from tests.ivr.sounds import voice
from tests.ivr.test_recording import record

pytestmark = pytest.mark.browser
UID = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def misheard() -> Iterator[str]:
    """Two answers nobody understood, with their recording; the call's number."""
    with db.transaction() as session:
        called(session, UID)
        for _ in range(2):
            said(session, UID, times=Times(0, 500, 1000, 1600, 2300, 2400), missed=True)
        ended(session, UID, reason="miss", turns=2, missed=2)
        call = session.exec(select(Call).where(Call.call_uid == UID)).one()
        number, day = call.call_no, clock.local(call.started_at).date().isoformat()
    place = settings.current().data_dir.absolute() / "recordings"
    record(place, bytes(16000) + voice(0.6) + bytes(16000), bytes(41600), UID)
    (made,) = place.iterdir()
    made.rename(place / day)
    yield number
    shutil.rmtree(place)


def words_of() -> list[str | None]:
    with db.transaction() as session:
        return list(session.exec(select(CallTurn.said).order_by(col(CallTurn.id).desc())))


def test_listening_writing_and_the_next_without_a_mouse(page: Page, misheard: str) -> None:
    enter(page, person("banzhang", Role.SUPERVISOR, "张国强"))
    page.goto("/voice/checks")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.keyboard.press("n")
    expect(page.locator("#f-said")).to_be_focused()
    expect(page.locator(".page-head")).to_contain_text("还有 2 段待校")
    wait_for(lambda: page.evaluate("document.querySelector('audio')?.readyState === 4"))
    assert page.evaluate("document.querySelector('audio').duration") == pytest.approx(1.7, abs=0.05)
    page.evaluate("document.querySelector('audio').onplay = () => (window.isPlayed = true)")
    page.keyboard.press("Alt+l")
    wait_for(lambda: page.evaluate("window.isPlayed"))
    look(page, "voice-check")
    page.locator("#f-said").focus()
    page.keyboard.insert_text("南京鼓楼医院")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".page-head")).to_contain_text("还有 1 段待校")
    page.keyboard.press("Alt+2")
    expect(page).to_have_url(re.compile(r"/voice/checks$"))
    expect(page.locator("main")).to_contain_text("没有待校的话")
    assert words_of() == ["南京鼓楼医院", None]


def test_figures_are_drawn_and_lead_to_the_conversation(page: Page, misheard: str) -> None:
    enter(page, person("banzhang", Role.SUPERVISOR, "张国强"))
    page.goto("/voice?from=2026-11-20&to=2026-11-20")
    expect(page.locator(".chart-place canvas").first).to_be_visible()
    look(page, "voice-numbers")
    page.get_by_role("link", name="逐通").click()
    expect(page.get_by_role("heading", name="语音线路，逐通")).to_be_visible()
    page.goto("/voice/calls?from=2026-11-20&to=2026-11-20&reason=miss")
    page.locator("tbody tr").click()
    expect(page).to_have_url(re.compile(misheard))
    expect(page.locator(".conversation .is-missed")).to_have_count(2)
    look(page, "voice-conversation")
