"""From a caller's words to an order, its dispatch and its call-back, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from hotline import db
from hotline.agents.rules import Role
from hotline.calls import desk
from hotline.console.desk_data import get_call
from tests.console.test_pages_in_a_browser import enter, look, person, ring
from tests.workorders.orders import LEADER, own, replied, unit
from workorders import service
from workorders.models import Order

pytestmark = pytest.mark.browser
WORDS = "反映昨天上午在江宁医院门诊被多收二十元，窗口不肯退。"


def on_the_line(page: Page) -> str:
    enter(page, person("xiaomei", Role.AGENT, "王晓梅"))
    with db.transaction() as session:
        number = ring(session, "xiaomei")
        desk.answer(session, get_call(session, number), "xiaomei")
    page.goto(f"/desk/{number}")
    page.keyboard.press("Alt+n")
    page.keyboard.type(WORDS)
    expect(page.locator("#note-state")).to_contain_text("已保存")
    return number


def test_a_complaint_becomes_an_order_beside_its_call(page: Page) -> None:
    on_the_line(page)
    expect(page.locator("#open-order")).to_be_hidden()
    page.keyboard.press("Alt+1")
    expect(page.locator("#f-category")).to_have_value(re.compile("收费"))
    page.keyboard.press("Alt+v")
    expect(page.locator("#f-title")).to_be_focused()
    expect(page.locator("#f-title")).to_have_value("反映昨天上午在江宁医院门诊被多收二十元")
    expect(page.locator("#f-content")).to_have_value(WORDS)
    look(page, "order-at-the-desk")
    # The call is not settled while an order is half written; what was typed outlives a reload.
    page.locator("#f-target").fill("江宁医院")
    page.keyboard.press("F10")
    expect(page.locator("#toasts")).to_contain_text("工单还没有登记")
    page.reload()
    page.keyboard.press("Alt+v")
    expect(page.locator("#f-target")).to_have_value("江宁医院")
    page.locator("#f-target").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-filed]")).to_be_visible()
    expect(page.locator("#note")).to_have_value(re.compile("已转工单 WO"))
    expect(page.locator('[name="disposition"][value="work_order"]')).to_be_checked()
    page.keyboard.press("F9")
    expect(page.locator("#bar")).to_contain_text("话后整理")
    page.keyboard.press("F10")
    expect(page).to_have_url(re.compile("/desk$"))
    with db.transaction() as session:
        order = session.exec(select(Order)).one()
        assert (order.target, order.caller_phone) == ("江宁医院", "+8613900001234")


def test_what_is_there_already_is_shown_and_joined_by_one_key(page: Page) -> None:
    with db.transaction() as session:
        there = own(session, title=WORDS.split("，", maxsplit=1)[0], content=WORDS).order_no
    on_the_line(page)
    page.keyboard.press("Alt+1")
    page.keyboard.press("Alt+v")
    expect(page.locator("#likely")).to_contain_text(there)
    page.locator("#f-title").fill("别的事")
    page.locator("#f-content").fill("想知道哪里有夜间门诊")
    expect(page.locator("#likely")).to_contain_text("没有发现")
    page.locator("#f-content").fill(WORDS)
    page.locator("#f-title").fill(WORDS.split("，", maxsplit=1)[0])
    expect(page.locator("#likely")).to_contain_text(there)
    page.keyboard.press("Alt+i")
    expect(page.locator("[data-filed]")).to_contain_text("并入了已有的工单")
    with db.transaction() as session:
        assert session.exec(select(Order.state).order_by(Order.id)).all() == ["received", "merged"]


def test_the_board_is_walked_by_arrows_and_sends_it_on(page: Page) -> None:
    with db.transaction() as session:
        unit(session)
        waits = own(session).order_no
        service.accept(session, own(session), LEADER)
    enter(page, person("banzhang", Role.SUPERVISOR, "张国强"))
    page.goto("/workorders/board")
    column = page.locator("#unit-0")
    expect(column.locator("[data-card]")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = column.locator("[data-card]").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(column.locator("[data-card]").first).to_be_focused()
    column.locator("[data-card]", has_text=waits).focus()
    page.keyboard.press("Enter")
    expect(column.get_by_text("派单", exact=True)).to_have_count(2)
    column.locator("[data-card]", has_text=waits).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#f-unit")).to_be_focused()
    look(page, "board")
    page.locator("#f-unit").select_option(label="医政科")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/workorders/board$"))
    expect(page.locator(".board-column", has_text="医政科")).to_contain_text(waits)


def test_a_call_back_is_written_down_by_single_keys(page: Page) -> None:
    with db.transaction() as session:
        replied(session, own(session))
        second = replied(session, own(session)).order_no
    enter(page, person("banzhang", Role.SUPERVISOR, "张国强"))
    page.goto("/workorders/callbacks")
    page.keyboard.press("j")
    expect(page.locator('[aria-current="true"]')).to_contain_text(second)
    page.keyboard.press("x")
    expect(page.locator(".call-back-answers")).to_be_hidden()
    for key in "csy2":
        page.keyboard.press(key)
    expect(page.get_by_label("满意 2", exact=True)).to_be_checked()
    look(page, "call-back")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("工单已办结")
    expect(page.locator("#call-backs")).to_contain_text("待回访 1")
