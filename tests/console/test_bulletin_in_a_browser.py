"""A manager's month in a real browser: a fault, identities, closing, Word, a correction."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from hotline import db
from hotline.agents.rules import Role
from hotline.booking.month import month_before
from hotline.clock import month_bounds, month_of, now
from hotline.demo.outside_sheets import sheets
from tests.console.test_pages_in_a_browser import enter, look, person
from tests.statistics.bulletin import april

pytestmark = pytest.mark.browser

BOOKING = "booking_by_hospital.csv"


@pytest.fixture
def month(served: str) -> str:
    """A month that is over, with its calls; one of them nobody has sorted."""
    found = month_before(month_of(now()))
    with db.transaction() as session:
        april.fill_calls(session, {"booking": 9, "crisis": 2}, month_bounds(found)[0].isoformat())
        session.execute(
            text(
                "UPDATE call SET category = NULL, disposition = NULL, wrapped_up_at = NULL"
                " WHERE id = (SELECT max(id) FROM call)"
            )
        )
    return found


def files(month: str, folder: Path, *, is_broken: bool) -> list[Path]:
    """The month's sheets in a folder; the fifth row of one with a letter in its number."""
    folder.mkdir()
    for name, data in sheets(month, {}).items():
        lines = data.decode("utf-8-sig").splitlines()
        if is_broken and name == BOOKING:
            lines[4] = lines[4].replace(",", ",x", 3)
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return sorted(folder.iterdir())


def test_from_the_first_page_to_a_correction(page: Page, month: str, tmp_path: Path) -> None:
    words = f"{month[:4]}年{int(month[5:])}月"
    enter(page, person("wenjing", Role.MANAGER, "李文静"))
    page.goto("/overview")
    page.get_by_role("link", name=f"{words}月报待关账").click()
    expect(page.locator(".what-next")).to_contain_text("下一步：导入外部数据")
    _bring_in(page, month, tmp_path)
    expect(page.locator(".what-next")).to_contain_text("2 条提醒")
    look(page, "bulletin-open")
    _close(page)
    with page.expect_download() as download:
        page.locator("#files").get_by_role("link", name="Word").click()
    said = [one.text for one in docx.Document(str(download.value.path())).paragraphs]
    assert any("共受理咨询电话10个" in one for one in said)
    page.get_by_role("link", name="看报告").click()
    expect(page.locator(".report-body canvas").first).to_be_visible()
    look(page, "bulletin-report")
    page.goto(f"/bulletin/{month}")
    _correct(page)


def _bring_in(page: Page, month: str, tmp_path: Path) -> None:
    page.get_by_role("link", name="导入外部数据").click()
    look(page, "bulletin-import")
    page.set_input_files("#f-files", files(month, tmp_path / "broken", is_broken=True))
    page.locator("#f-files").press("Control+Enter")
    fault = page.get_by_role("row").filter(has_text="不是整数")
    expect(fault.first).to_contain_text(BOOKING)
    look(page, "bulletin-faults")
    page.get_by_role("link", name="改好了，重新上传").click()
    page.set_input_files("#f-files", files(month, tmp_path / "whole", is_broken=False))
    page.locator("#f-files").press("Control+Enter")
    page.get_by_label("照文件印").check()
    look(page, "bulletin-doubts")
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator(".steps")).to_contain_text("外部数据 8 / 8")


def _close(page: Page) -> None:
    expect(page.locator("#identities")).to_contain_text("没有漏登记的来电")
    for name in ("自助终端缴费金额", "没有漏登记的来电"):
        page.locator("#closing").get_by_label(name).check()
    page.get_by_role("button", name="关账").click()
    expect(page.locator(".what-next")).to_contain_text("已关账")
    look(page, "bulletin-closed")


def _correct(page: Page) -> None:
    with db.transaction() as session:
        session.execute(
            text(
                "UPDATE call SET category = 'complaint', disposition = 'answered',"
                " wrapped_up_at = now() WHERE category IS NULL"
            )
        )
    page.reload()
    expect(page.locator(".what-next")).to_contain_text("数据有变化")
    closing = page.locator("#closing")
    expect(closing.get_by_role("row").filter(has_text="受理咨询电话")).to_contain_text("11")
    for box in closing.get_by_role("checkbox").all():
        box.check()
    closing.get_by_label("更正原因").fill("一通来电补登记")
    look(page, "bulletin-differences")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#corrections")).to_contain_text("更正第 1 号")
    expect(page.locator("#corrections")).to_contain_text("一通来电补登记")
