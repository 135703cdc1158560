"""A call from the page to the real voice line, with recordings in place of a microphone."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from redis import Redis
from sqlmodel import select

from hotline import db, voice_line
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence, Role
from hotline.booking.models import Hospital
from hotline.calls.models import Call
from hotline.calls.rules import State
from hotline.clock import today
from ivr.media import wav
from tests.booking.places import make_department, make_slot
from tests.browser import CHROMIUM
from tests.console.test_pages_in_a_browser import enter, look, person
from tests.house.machine import HOTLINE, free_port, wait_for

pytestmark = pytest.mark.browser
AUDIO = Path(__file__).parents[1] / "ivr" / "audio"
PAUSE = bytes(2 * 8000 * 4)  # four seconds
Speaking = Callable[..., Page]


@pytest.fixture(autouse=True)
def ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration, with doors of the voice line that nobody else uses."""
    monkeypatch.setenv("HOTLINE_DEMO", "true")
    for door in ("AUDIOSOCKET", "AGI", "WS"):
        monkeypatch.setenv(f"HOTLINE_IVR_{door}_PORT", str(free_port()))


def _serving(redis: Redis) -> subprocess.Popen[bytes]:
    """The line once it answers; one that a crowded machine did not let start is tried again."""
    for _ in range(3):
        process = subprocess.Popen(
            [*HOTLINE, "ivr", "serve"], env={**os.environ}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        drained = threading.Thread(target=_drain, args=(process, said := []), daemon=True)
        drained.start()
        wait_for(lambda p=process: p.poll() is not None or bool(voice_line.beats(redis)), 60)
        if process.poll() is None:
            return process
        drained.join(5)
    raise AssertionError(b"".join(said).decode()[-2000:])


def _drain(process: subprocess.Popen[bytes], said: list[bytes]) -> None:
    with process.stdout as lines:
        said.extend(lines)


@pytest.fixture
def answering(served: str, redis: Redis) -> Iterator[None]:
    """The voice line, as a site runs it."""
    process = _serving(redis)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def speaking(browser: Browser, served: str, tmp_path: Path) -> Iterator[Speaking]:
    """Windows of browsers whose microphone says these clips again and again, with pauses;
    without clips the microphone is refused."""
    with ExitStack() as windows:

        def window(*clips: str) -> Page:
            context = windows.enter_context(_window(browser, served, tmp_path, clips))
            return context.new_page()

        yield window


def _window(browser: Browser, served: str, folder: Path, clips: tuple[str, ...]) -> BrowserContext:
    recorded = folder / f"{'-'.join(clips) or 'nothing'}.wav"
    with wave.open(str(recorded), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join(PAUSE + wav.read(AUDIO / f"{clip}.wav") for clip in clips))
    arguments = ["--use-fake-device-for-media-stream",
                 f"--use-file-for-fake-audio-capture={recorded}"]  # fmt: skip
    arguments += ["--use-fake-ui-for-media-stream"] if clips else ["--deny-permission-prompts"]
    return browser.browser_type.launch_persistent_context(
        folder / f"profile-{recorded.stem}", executable_path=CHROMIUM, base_url=served,
        args=[*arguments, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
        viewport={"width": 1366, "height": 768}, locale="zh-CN",
    )  # fmt: skip


def make_hospital() -> None:
    with db.transaction() as session:
        hospital = session.exec(select(Hospital).where(Hospital.name == "南京鼓楼医院")).one()
        department = make_department(session, "眼科", hospital)
        make_slot(session, 2, today() + timedelta(days=2), department=department)


def test_what_is_said_into_the_microphone_is_understood_and_shown(
    answering: None, speaking: Speaking
) -> None:
    make_hospital()
    page = speaking("hospital-1-yunyang")
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto("/dial")
    page.keyboard.press("d")
    expect(page.locator(".handset-screen [data-state]")).to_have_text("通话中", timeout=15000)
    expect(page.locator("#talk")).to_contain_text("您好，这里是12320卫生热线")
    page.keyboard.press("1")
    expect(page.locator("#understood")).to_contain_text("医院：南京鼓楼医院", timeout=30000)
    expect(page.locator("#talk .is-mine", has_text="南京鼓楼医院").first).to_be_visible()
    look(page, "dial-up")
    page.keyboard.press("F9")
    expect(page.locator(".handset-screen [data-state]")).to_have_text("通话结束")
    wait_for(lambda: _call().state is State.CLOSED, 10)
    assert _call().caller == "+8613800001111"


def _call() -> Call:
    with db.transaction() as session:
        return session.exec(select(Call)).one()


def test_without_a_microphone_the_keys_still_work(answering: None, speaking: Speaking) -> None:
    page = speaking()
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto("/dial")
    page.locator("[data-dial]").click()
    expect(page.locator("[data-notice]")).to_contain_text("没有麦克风也能用按键", timeout=15000)
    look(page, "dial-refused")
    page.locator("[data-digit='1']").click(timeout=15000)
    expect(page.locator("#talk")).to_contain_text("按键 1")
    expect(page.locator("#talk")).to_contain_text(re.compile("哪家医院"))
    page.reload()
    expect(page.locator("[data-notice-words]")).to_contain_text("刚才的通话已经挂断")
    page.context.clear_cookies()  # as when the session has expired
    page.keyboard.press("d")
    expect(page.locator("#signed-out")).to_contain_text("登录已结束")
    expect(page.locator("#signed-out a")).to_be_focused()


def test_a_line_that_is_gone_is_said_and_can_be_tried_again(
    served: str, page: Page, redis: Redis
) -> None:
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    page.goto("/dial")
    expect(page.locator("main")).to_contain_text("语音线路未运行，现在打不通")
    expect(page.locator("[data-dial]")).to_be_disabled()
    look(page, "dial-down")


def test_a_caller_speaks_with_an_agent_in_two_browsers(answering: None, speaking: Speaking) -> None:
    caller, agent = speaking("command-1-xiaoyi"), speaking("command-2-xiaoyi")
    enter(caller, person("laowang", Role.COUNSELLOR, "王建国"))
    xiaomei = person("xiaomei", Role.AGENT, "王晓梅")
    enter(agent, xiaomei)
    caller.goto("/dial")
    agent.goto("/desk")
    caller.keyboard.press("d")
    expect(caller.locator("#talk")).to_contain_text("您好，这里是12320卫生热线", timeout=15000)
    caller.keyboard.press("0")
    expect(caller.locator(".handset-screen [data-state]")).to_have_text(
        "已转人工，正在排队", timeout=20000
    )
    expect(caller.locator("[data-notice]")).to_contain_text("下一个就是您")
    with db.transaction() as session:
        set_presence(session, xiaomei.key, Presence.READY)
    expect(agent.locator("#ring [data-ringing]")).to_be_visible(timeout=10000)
    look(agent, "line-rings")
    agent.keyboard.press("F2")
    expect(agent.locator("#desk-line")).to_contain_text("声音已接通", timeout=15000)
    expect(caller.locator(".handset-screen [data-state]")).to_have_text("已转人工，正在和坐席通话")
    look(agent, "line-talks")
    look(caller, "dial-talks")
    agent.keyboard.press("F4")
    expect(caller.locator(".handset-screen [data-state]")).to_have_text("坐席请您稍等")
    expect(agent.locator("#desk-line")).to_contain_text("来电人在听音乐")
    agent.keyboard.press("F4")
    expect(agent.locator("#desk-line")).to_contain_text("声音已接通")
    agent.keyboard.press("F9")
    expect(caller.locator(".handset-screen [data-state]")).to_have_text("通话结束")
    expect(agent.locator("#desk-line")).to_contain_text("通话已结束")
    expect(agent.locator(".call-bar")).to_contain_text("话后整理")
    assert (_call().ended_by, _call().holds) == ("agent", 1)


def test_who_does_not_want_to_wait_is_called_back(answering: None, speaking: Speaking) -> None:
    caller = speaking()
    enter(caller, person("laowang", Role.COUNSELLOR, "王建国"))
    caller.goto("/dial")
    caller.keyboard.press("d")
    expect(caller.locator("#talk")).to_contain_text("您好，这里是12320卫生热线", timeout=15000)
    caller.keyboard.press("0")
    expect(caller.locator("[data-notice]")).to_contain_text("按 1，我们给您打回来", timeout=20000)
    caller.keyboard.press("1")
    expect(caller.locator("[data-notice]")).to_contain_text("已登记回电", timeout=20000)
    look(caller, "dial-called-back")
    caller.goto("/callbacks")
    expect(caller.locator("#callbacks")).to_contain_text("按键要求回电")
    look(caller, "line-callbacks")
