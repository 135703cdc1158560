"""An order is brought along by keyboard; a colleague's step shows while one is writing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hotline import db
from hotline.agents.rules import Role
from tests.console.test_pages_in_a_browser import enter, look, person
from tests.workorders.orders import LEADER, own, unit
from workorders import moving, service

pytestmark = pytest.mark.browser


def make_order() -> str:
    with db.transaction() as session:
        unit(session)
        return own(session, caller_name="林晓").order_no


def test_from_signing_for_to_the_call_back_by_keyboard(page: Page) -> None:
    order_no = make_order()
    enter(page, person("banzhang", Role.SUPERVISOR, "张国强"))
    page.goto("/workorders")
    look(page, "orders-list")
    page.keyboard.press("/")
    page.keyboard.type(order_no.lower())
    page.keyboard.press("Enter")
    expect(page.locator("#file h1")).to_contain_text("待签收")
    page.keyboard.press("s")
    expect(page.locator("#file h1")).to_contain_text("已签收")
    page.keyboard.press("d")
    expect(page.locator("#f-unit")).to_be_focused()
    page.locator("#f-unit").select_option(label="医政科")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#file h1")).to_contain_text("已派单")
    page.keyboard.press("r")
    expect(page.locator("#f-reply")).to_be_focused()
    page.locator("#f-reply").fill("已退还二十元，并已告知诉求人。")
    look(page, "order-reply")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#file h1")).to_contain_text("已回复待审")
    page.keyboard.press("y")
    expect(page.locator("#file h1")).to_contain_text("待回访")
    page.keyboard.press("v")
    page.get_by_label("是", exact=True).nth(1).check()
    page.get_by_label("满意", exact=True).check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#file h1")).to_contain_text("已办结")
    page.get_by_text("已停的").click()
    page.get_by_text("为什么", exact=True).first.click()
    expect(page.get_by_text("按规则").first).to_be_visible()
    look(page, "order-closed")


def test_a_colleagues_step_shows_while_one_writes_and_the_text_stays(page: Page) -> None:
    order_no = make_order()
    enter(page, person("banzhang", Role.SUPERVISOR, "张国强"))
    page.goto(f"/workorders/{order_no}")
    page.keyboard.press("k")
    page.get_by_label("疑难").check()
    page.locator("#f-content").fill("涉及两家医院，正在写")
    with db.transaction() as session:
        service.accept(session, moving.locked(session, order_no), LEADER)
    expect(page.locator("#file h1")).to_contain_text("已签收")
    expect(page.locator("#f-content")).to_have_value("涉及两家医院，正在写")
    look(page, "order-moved")
