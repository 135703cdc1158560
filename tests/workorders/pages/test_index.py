"""The list of orders in a browser's eyes: who sees which, filters, counts, exports, bulk."""

import csv
import io
import re
from datetime import timedelta

import openpyxl
import pytest
from sqlmodel import select

from hotline.audit import AuditEntry
from hotline.clock import now
from tests.people import make_person
from tests.workorders.orders import LEADER, own, platform, received, replied, unit
from tests.workorders.pages.clicks import post, text
from workorders import call_backs, flags, service
from workorders.call_backs import Answer
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.models import Order, OrderUnit
from workorders.rules import FlagKind, Kind, Satisfaction, State


def listed(browser, address="/workorders") -> list[str]:
    return list(dict.fromkeys(re.findall(r"WO\d{8}-\d{6}", text(browser.get(address)))))


def test_a_supervisor_sees_all_and_an_agent_only_theirs(session, leader, agent, agent_id):
    mine, others = own(session), own(session, title="另一件事")
    mine.handler_id = agent_id
    session.commit()
    assert set(listed(leader)) == {mine.order_no, others.order_no}
    assert listed(agent) == [mine.order_no]
    assert "我的工单" in text(agent.get("/workorders"))


def test_an_agent_finds_the_orders_of_the_number_on_the_line_but_no_secret_ones(session, agent):
    order = own(session)
    own(session, confidential=True)
    session.commit()
    answer = post(agent, "/workorders/narrow", q="13800002222")
    assert "138" not in answer.location
    assert listed(agent, answer.location) == [order.order_no]


def test_managers_see_a_masked_row_of_a_confidential_order(session, manager):
    order = own(session, confidential=True, title="医院泄露病历")
    session.commit()
    page = text(manager.get("/workorders?cols=no.title.caller.place"))
    assert order.order_no in page
    assert "医院泄露病历" not in page
    assert "（保密）" in page
    assert listed(manager, "/workorders?q=泄露") == []


def test_what_breaks_next_comes_first(session, leader):
    later = own(session, caller_phone="", reply_wanted=False)
    sooner, over = own(session), own(session)
    for order in (later, over):
        service.accept(session, order, LEADER)
    service.reply(session, over, "已处理", LEADER)
    service.pass_reply(session, over, LEADER)
    service.close(session, over, "诉求人已撤诉", LEADER)
    session.commit()
    assert listed(leader) == [sooner.order_no, later.order_no, over.order_no]
    assert listed(leader, "/workorders?state=open&sort=-due") == [later.order_no, sooner.order_no]


@pytest.mark.parametrize(
    "question",
    ["platform=city", "kind=投诉", "urgency=紧急", "flag=urged", "state=received", "state=open",
     "due=today", "due=soon", "due=overdue", "q=排队", "no=NJ-1", "from=2026-01-01"],
)  # fmt: skip
def test_every_filter_narrows_to_what_it_says(session, leader, question):
    urged = {"at": "2026-11-18T11:00:00+08:00", "by": "市", "content": "尽快"}
    order = received(session, platform(session), urgency="紧急", urged=[urged])
    own(session, kind=Kind.SUGGESTION, title="建议增加座椅", content="候诊区座椅太少")
    session.commit()
    found = listed(leader, f"/workorders?{question}")
    if question.startswith("due"):
        assert len(found) <= 2  # what falls due depends on the hour; the chip must stand there
        assert "时限：" in text(leader.get(f"/workorders?{question}"))
    else:
        assert order.order_no in found
        both = question in {"state=received", "state=open", "from=2026-01-01"}
        assert len(found) == (2 if both else 1)


def test_pages_do_not_lose_or_repeat_an_order(session, leader):
    made = {own(session).order_no for _ in range(53)}
    session.commit()
    first = text(leader.get("/workorders"))
    address = re.search(r'href="([^"]*cursor=[^"]*)"', first).group(1).replace("&amp;", "&")
    seen = re.findall(r'value="(WO\d{8}-\d{6})"', first)
    seen += re.findall(r'value="(WO\d{8}-\d{6})"', text(leader.get(address)))
    assert len(seen) == 53
    assert set(seen) == made


def test_the_search_box_leads_to_the_order(session, leader):
    order = own(session)
    city = received(session, platform(session))
    session.commit()
    answer = post(leader, "/search", q=order.order_no.lower())
    assert leader.get(answer.location).location == f"/workorders/{order.order_no}"
    assert leader.get("/workorders/find?number=NJ-1").location == f"/workorders/{city.order_no}"
    unknown = leader.get("/workorders/find?number=WO20200101-000001")
    assert unknown.location == "/workorders"


def test_the_export_says_how_often_and_hides_what_a_secret_caller_thinks(session, leader, manager):
    for title, confidential in (("甲事", False), ("乙事", True)):
        order = replied(session, own(session, title=title, confidential=confidential))
        for words in ("快", "再快"):
            flags.raise_flag(session, order, FlagKind.URGED, LEADER, words)
        answer = Answer(True, True, False, Satisfaction.DISSATISFIED, "医生态度 13800001111")
        call_backs.record(session, order, answer, LEADER)
    session.commit()
    for browser, opinions in (
        (leader, ["医生态度 138****1111"] * 2),
        (manager, ["医生态度 138****1111", "（保密）"]),
    ):
        sent = browser.get("/workorders/export.csv").get_data(as_text=True).removeprefix("\ufeff")
        rows = list(csv.DictReader(io.StringIO(sent)))
        assert {row["催办次数"] for row in rows} == {"2"}
        assert {row["首次满意度"] for row in rows} == {"不满意"}
        assert sorted(row["回访意见"] for row in rows) == sorted(opinions)


def test_the_export_has_exactly_what_is_filtered_numbers_masked(session, leader, manager):
    order = own(session, title="=1+1", content="我的号码13800002222")
    secret = own(session, confidential=True, title="泄露病历", kind=Kind.REPORT)
    own(session, kind=Kind.SUGGESTION)
    session.commit()
    sent = leader.get("/workorders/export.csv?kind=投诉").get_data(as_text=True)
    assert order.order_no in sent
    assert sent.count("WO20") == 1
    assert "13800002222" not in sent
    assert "'=1+1" in sent
    sheet = openpyxl.load_workbook(io.BytesIO(manager.get("/workorders/export.xlsx").data)).active
    cells = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert len(cells) == 3
    assert "泄露病历" not in str(cells[secret.order_no])
    assert "（保密）" in cells[secret.order_no]
    assert session.exec(select(AuditEntry).where(AuditEntry.action == "exported")).first()


def test_each_chosen_order_is_signed_for_by_itself(session, leader):
    ready, done = own(session), own(session)
    service.accept(session, done, LEADER)
    session.commit()
    page = text(post(leader, "/workorders/bulk", action="accept",
                     selected=[ready.order_no, done.order_no, "WO20200101-000001"]))  # fmt: skip
    assert "1 张已签收，2 张没有签收" in page
    assert "工单现在是“已签收”" in page
    session.expire_all()
    assert session.get(Order, ready.key).state is State.ACCEPTED


def test_chosen_orders_go_to_a_unit_that_is_asked_for(session, leader):
    ready, waiting = own(session), own(session)
    service.accept(session, ready, LEADER)
    where = unit(session)
    session.commit()
    chosen = [ready.order_no, waiting.order_no]
    asked = post(leader, "/workorders/bulk", action="assign", selected=chosen)
    assert "派给" in text(asked)
    missing = post(leader, "/workorders/bulk/assign", selected=chosen, instruction="请核实")
    assert missing.status_code == 422
    assert "请选择承办单位" in text(missing)
    assert "请核实" in text(missing)
    page = text(post(leader, "/workorders/bulk/assign", selected=chosen, unit=where.key,
                     instruction="请核实"))  # fmt: skip
    assert "1 张已派单，1 张没有派单" in page
    assert session.exec(select(OrderUnit.instruction)).all() == ["请核实"]


def test_chosen_orders_are_urged_with_words(session, leader):
    order = own(session)
    session.commit()
    page = post(
        leader, "/workorders/bulk", action="urge", selected=order.order_no, reason="来电催问"
    )
    assert "全部完成" in text(page)
    session.expire_all()
    assert session.get(Order, order.key).flags == ["urged"]


def test_counts_say_how_many_wait_for_what(session, leader):
    own(session)
    session.commit()
    assert re.search(r"待签收 <b>1</b>", text(leader.get("/workorders/counts")))


def test_agents_do_nothing_in_bulk(session, agent):
    make_person(session, "li")
    assert post(agent, "/workorders/bulk", action="accept", selected="x").status_code == 403


def test_what_may_no_longer_be_returned_is_not_late(session, leader):
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    for clock in session.exec(select(WorkOrderClock).where(WorkOrderClock.order_id == order.id)):
        clock.due_at = now() + timedelta(days=-1 if clock.kind is ClockKind.RETURN_BY else 1)
    session.commit()
    assert listed(leader, "/workorders?due=overdue") == []
    assert "不能再退" in text(leader.get(f"/workorders/{order.order_no}"))
    mine = own(session)
    kinds = session.exec(select(WorkOrderClock.kind).where(WorkOrderClock.order_id == mine.id))
    assert ClockKind.RETURN_BY not in kinds.all()
