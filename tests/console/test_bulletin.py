"""The pages of 月报: who sees what, the way from files to closing, documents and corrections."""

from __future__ import annotations

import io
import json
import re
import zipfile

import docx
import openpyxl
import pytest

from hotline.agents.rules import Role
from hotline.booking.month import month_before
from hotline.clock import month_bounds, month_of, now
from tests.people import form_token, signed_in
from tests.statistics.bulletin import april, may
from tests.statistics.bulletin.may import MONTH

HOME = f"/bulletin/{MONTH}"
BROKEN = may.BOOKING.replace("1,南京鼓楼医院,40", "1,南京鼓楼医院,39")


@pytest.fixture
def manager(app, session, client, redis):
    """A manager's browser."""
    april.fill_calls(session, may.CATEGORIES, may.START)
    april.fill_orders(session, may.ORDERS, april.MIDDLE.replace(year=2023, month=5))
    session.commit()
    return signed_in(app, session, Role.MANAGER)


def post(browser, address, **given):
    return browser.post(address, data={"csrf_token": form_token(browser), **given})


def upload(browser, **changed):
    """Upload the sheets; the page of what was found."""
    files = [(io.BytesIO(data), name) for name, data in may.files(**changed).items()]
    answer = post(browser, f"{HOME}/import", files=files)
    assert answer.status_code == 302, answer.text
    return answer.location


def bring_in(browser, **changed):
    answer = post(browser, upload(browser, **changed))
    assert answer.status_code == 302, answer.text


def close(browser, **given):
    return post(browser, f"{HOME}/close", seen=["sheets"], **given)


def test_from_broken_files_to_a_closed_month(manager):
    assert "待关账" in manager.get("/bulletin?year=2023").text
    bring_in(manager, **{"booking_by_hospital.csv": BROKEN})
    page = manager.get(HOME).text
    assert "有 2 处必须一致的数对不上，不能关账" in page
    assert "南京鼓楼医院：各栏之和 = 小计</b>：写的是 60，加起来 59，<b>差 1" in page
    assert f"{HOME}/sheet/booking_by_hospital#row-" in page
    answer = close(manager)
    assert answer.status_code == 409
    assert "有必须一致的数对不上，不能关账" in answer.text
    bring_in(manager)
    answer = post(manager, f"{HOME}/close", note="五月")
    assert answer.status_code == 409
    assert "有提醒还没有确认：月报的表齐全" in answer.text
    assert 'value="五月"' in answer.text, "what was typed is kept"
    assert close(manager).status_code == 302
    page = manager.get(HOME).text
    assert may.TEXT[0] in page
    assert "已关账" in manager.get("/bulletin?year=2023").text


def test_errors_stand_by_cell_and_nothing_is_kept(manager, session):
    files = {"province_calls.csv": "城市,人次\n苏州,4x\n"}
    page = manager.get(upload(manager, **files)).text
    assert "有 1 处错误" in page
    assert "“4x”不是整数" in page
    answer = post(manager, f"{HOME}/import", files=[(io.BytesIO(b"x"), "a.pdf")])
    assert (answer.status_code, "a.pdf 不是 CSV" in answer.text) == (422, True)


def test_a_doubt_is_asked_until_it_is_answered(manager):
    twice = may.FILES["province_calls.csv"].replace("南通,9", "南通,4\n南通,5")
    place = upload(manager, **{"province_calls.csv": twice})
    assert "“南通”出现 2 次（第 3、4 行），数字不同，怎么算？" in manager.get(place).text
    answer = post(manager, place)
    assert (answer.status_code, "请选择一项" in answer.text) == (422, True)
    answer = post(manager, place, **{"answer-province_calls.4.duplicate": "keep"})
    assert answer.status_code == 302
    page = manager.get(f"{HOME}/sheet/province_calls").text
    assert "第 4 行名称重复：照原样。" in page
    assert post(manager, place).status_code == 404, "it was imported and let go"


def test_documents_of_one_snapshot(manager, session):
    bring_in(manager)
    close(manager)
    made = json.loads(manager.get(f"{HOME}/file/json").data)
    assert made["text"] == may.TEXT
    document = docx.Document(io.BytesIO(manager.get(f"{HOME}/file/docx").data))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert [text for text in may.TEXT if text not in said] == []
    assert "2023年第5期" in said[1]
    heads = [cell.text for cell in document.tables[0].rows[0].cells]
    assert heads == ["序号", "单位", "12320在线预约", "快速预约", "诊间预约", "第三方", "小计"]
    xml = document.tables[0]._tbl.xml
    assert "<w:tblHeader/>" in xml
    assert 'w:eastAsia="宋体"' in xml
    book = openpyxl.load_workbook(io.BytesIO(manager.get(f"{HOME}/file/xlsx").data))
    sheet = book["预约挂号"]
    assert [cell.value for cell in sheet[3]] == [1, "南京鼓楼医院", 40, 6, 10, 4, 60]
    assert sheet.freeze_panes == "C3"
    assert len(book["图表"]._charts) == 5
    pack = zipfile.ZipFile(io.BytesIO(manager.get(f"{HOME}/file/csv").data))
    assert pack.read("online_channels.csv").decode("utf-8-sig").splitlines()[-1] == "合计,,66"
    report = manager.get(f"{HOME}/report").text
    for text in may.TEXT:
        assert text in report
    assert "data-chart" in report


def test_late_calls_are_a_difference_and_a_correction_wants_its_reason(manager, session):
    bring_in(manager)
    close(manager)
    april.fill_calls(session, {"manual": 1}, may.START)
    session.commit()
    bring_in(
        manager, **{"province_calls.csv": may.FILES["province_calls.csv"].replace("100", "101")}
    )
    page = manager.get(HOME).text
    assert "关账后数据又有变化：4 个数字与已公布的不同" in page
    assert may.TEXT[0] in page, "what was published stays"
    answer = post(manager, f"{HOME}/correct", seen=["sheets"], reason=" ")
    assert (answer.status_code, "请写明更正的原因" in answer.text) == (422, True)
    answer = post(manager, f"{HOME}/correct", seen=["sheets"], reason="补登记一通来电")
    assert answer.status_code == 302
    page = manager.get(HOME).text
    assert "更正第 1 号" in page
    assert re.search(r"人工服务</th><td class=\"number\">7</td><td class=\"number\">8", page)
    assert "补登记一通来电" in manager.get(f"{HOME}/report").text
    first = manager.get(f"{HOME}/report?edition=0").text
    assert "补登记一通来电" not in first
    assert manager.get(f"{HOME}/report?edition=7").status_code == 404


def test_a_supervisor_reads_and_does_not_close(app, session, manager):
    supervisor = signed_in(app, session, Role.SUPERVISOR)
    page = supervisor.get(HOME).text
    assert "关账和更正由管理者做" in page
    assert post(supervisor, f"{HOME}/close").status_code == 403


@pytest.mark.parametrize("month", ["2023-13", "x", "2099-01"])
def test_what_is_no_month_yet_is_not_found(manager, month):
    assert manager.get(f"/bulletin/{month}").status_code == 404


def test_empty_sheets_can_be_filled_in_and_come_back(manager):
    pack = zipfile.ZipFile(io.BytesIO(manager.get(f"{HOME}/import/blank").data))
    assert len(pack.namelist()) == 7
    cities = pack.read("province_calls.csv") + "苏州,40\n".encode()
    answer = post(manager, f"{HOME}/import", files=[(io.BytesIO(cities), "province_calls.csv")])
    assert "没有错误，也没有疑问" in manager.get(answer.location).text
    assert post(manager, answer.location).status_code == 302
    assert "已导入：全省各市电话量。" in manager.get(HOME).text


def test_the_first_page_says_which_month_waits_to_be_closed(manager, session):
    last = month_before(month_of(now()))
    april.fill_calls(session, {"booking": 3}, month_bounds(last)[0].isoformat())
    session.commit()
    words = f"{last[:4]}年{int(last[5:])}月月报待关账"
    assert words in manager.get("/overview").text
    assert "3 草稿" in manager.get("/bulletin").text
    post(manager, f"/bulletin/{last}/close", seen=["sheets", "complaints"])
    assert words not in manager.get("/overview").text
