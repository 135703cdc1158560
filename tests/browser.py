"""A real browser for tests marked ``browser``, and a real server for it to look at.

Any Chromium of this machine does. Without one these tests are skipped, and the end of the run
says so in capitals: a green run without them has not seen a page.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from redis import Redis

from tests.house.machine import HOTLINE, free_port, wait_for

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
_skipped: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    if CHROMIUM:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
            _skipped.append(item.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not seen."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum("no Chromium" in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.section("NOT TESTED", sep="!", red=True)
        terminalreporter.line(
            f"{count} BROWSER TESTS DID NOT RUN: install chromium (Debian: apt install chromium)"
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window. It ends with its module: its event loop bars every other."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses root otherwise
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """An empty page in the window of an office computer; addresses may begin with ``/``.

    The test fails when a script fails or the content policy is offended.
    """
    context = browser.new_context(
        base_url=served,
        viewport={"width": 1366, "height": 768},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def served(committed: str, redis: Redis) -> Iterator[str]:
    """`hotline web` on a database of its own: ``http://127.0.0.1:port``."""
    port = free_port()
    process = subprocess.Popen(
        [*HOTLINE, "web"],
        env={**os.environ, "HOTLINE_PORT": str(port), "HOTLINE_WEB_WORKERS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    wait_for(lambda: _answers(address), 60)
    yield address
    process.terminate()
    process.wait(20)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
