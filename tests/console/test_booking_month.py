"""The page of the month's tables, and its files."""

import io

import openpyxl
import pytest
from sqlalchemy import text

from hotline.agents.rules import Role
from hotline.booking import service
from hotline.booking.models import Hospital
from hotline.clock import local, now
from tests.booking.places import AGENT, AT, make_slot, person
from tests.people import signed_in

MONTH = f"{local(now()):%Y-%m}"


@pytest.fixture
def manager(app, session, client):
    """A manager's browser."""
    return signed_in(app, session, Role.MANAGER)


@pytest.fixture
def hospital(session):
    """A hospital with three bookings this month, two by telephone."""
    slot = make_slot(session, 5)
    for number, channel in enumerate(("agent", "voice", "wechat"), 1):
        held = service.hold(session, slot.key, person(number), channel, AGENT, at=AT)
        service.confirm(session, held.hold_id, AGENT, at=AT)
    session.execute(text("UPDATE booking SET confirmed_at = now()"))
    return session.get(Hospital, slot.hospital_id)


def test_it_shows_the_tables_in_the_bulletins_form_and_that_they_add_up(manager, hospital):
    page = manager.get(f"/booking/numbers/month?month={MONTH}").text
    assert hospital.name in page
    assert "快速预约</th>" in page
    assert "个等式全部成立" in page
    assert "没有“电话预约”栏：2 个计入“快速预约”" in page
    assert "总预约挂号量为3次" in page
    assert "月度统计表" in manager.get("/booking/numbers").text


def test_what_does_not_add_up_is_said(manager, hospital, monkeypatch):
    monkeypatch.setattr("hotline.booking.month.total_to_date", lambda *_: 5)
    page = manager.get(f"/booking/numbers/month?month={MONTH}").text
    assert "有 1 处对不上" in page
    assert "总预约挂号量 = 上月累计 + 本月（提醒）：写的是 5，加起来 8，差 -3" in page


def test_an_empty_month_says_so(manager):
    assert "这个月没有预约" in manager.get(f"/booking/numbers/month?month={MONTH}").text


@pytest.mark.parametrize("month", ["x", "2026-13", "1999-01", "2099-01"])
def test_what_is_no_month_yet_is_refused(manager, month):
    answer = manager.get(f"/booking/numbers/month?month={month}")
    assert answer.status_code == 422
    assert "请选择已经开始的月份" in answer.text


def test_the_csv_holds_what_the_import_of_a_month_knows(manager, hospital):
    body = manager.get(f"/booking/numbers/month/csv?month={MONTH}").data.decode("utf-8-sig")
    assert body.splitlines() == [
        "序号,单位,12320在线预约,快速预约,诊间预约,第三方,小计",
        f"1,{hospital.name},1,2,0,0,3",
        "合计,,1,2,0,0,3",
    ]
    body = manager.get(f"/booking/numbers/month/csv?month={MONTH}&table=channels").data
    assert body.decode("utf-8-sig").splitlines()[:2] == ["序号,名称,预约数量", "1,微信,1"]


def test_the_workbook_has_both_tables_and_no_formulas(manager, hospital, session):
    hospital.name = "=1+1医院·𠮷"
    session.flush()
    answer = manager.get(f"/booking/numbers/month/xlsx?month={MONTH}")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    first, second = book.worksheets
    assert [cell.value for cell in first[3]] == [1, "=1+1医院·𠮷", 1, 2, 0, 0, 3]
    assert first["B3"].data_type == "s"
    assert first["A5"].value == f"（截止{int(MONTH[5:])}月底，总预约挂号量为3次）"
    assert [cell.value for cell in second[3]] == [1, "微信", 1]
    last = text("SELECT action, subject FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert session.execute(last).one() == ("exported", "booking_month")
