"""An order's page: it reads like a file, it opens to who may read, numbers only for a reason."""

import pytest
from sqlmodel import select

from hotline.audit import AuditEntry
from tests.workorders.orders import LEADER, own, platform, received, replied, unit
from tests.workorders.pages.clicks import post, text
from workorders import call_backs, requests, service, units
from workorders.call_backs import Answer
from workorders.exchange.models import Exchange, Outgoing
from workorders.rules import FlagKind, RequestKind, Satisfaction, State


def test_the_page_tells_the_whole_story(session, leader):
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    units.assign(session, order, unit(session), LEADER, instruction="请三日内核实")
    requests.ask(session, order, RequestKind.EXTEND, "需要专家会诊", LEADER, days=2)
    session.commit()
    page = text(leader.get(f"/workorders/{order.order_no}"))
    for words in ("门诊排队时间过长", "市12345 NJ-1", "平台状态 10", "鼓楼医院", "138****1111",
                  "医政科", "请三日内核实", "延期 2 个工作日", "待班长审批", "需要专家会诊",
                  "为什么", "办结期限", "待签收 → 已签收",
                  "提出申请：延期，2 个工作日"):  # fmt: skip
        assert words in page, words
    assert "13800001111" not in page
    read = select(AuditEntry).where(AuditEntry.action == "record_read")
    assert [entry.subject for entry in session.exec(read)] == [order.subject]


def test_what_may_be_done_is_offered_and_nothing_else(session, leader, manager, agent, agent_id):
    order = own(session)
    session.commit()
    page = text(leader.get(f"/workorders/{order.order_no}"))
    assert 'data-key-name="签收"' in page
    assert 'data-key-name="回复"' not in page
    assert "data-key-name" not in text(manager.get(f"/workorders/{order.order_no}/now"))
    service.accept(session, order, LEADER)
    session.commit()
    assert 'data-key-name="回复"' not in text(agent.get(f"/workorders/{order.order_no}/now"))
    order.handler_id = agent_id
    session.commit()
    page = text(agent.get(f"/workorders/{order.order_no}/now"))
    assert 'data-key-name="回复"' in page
    assert 'data-key-name="派单"' not in page


def test_a_confidential_order_opens_to_nobody_else(session, leader, agent, manager, agent_id):
    order = own(session, confidential=True)
    session.commit()
    address = f"/workorders/{order.order_no}"
    assert leader.get(address).status_code == 200
    for browser in (agent, manager):
        for page in (address, f"{address}/now"):
            answer = browser.get(page)
            assert answer.status_code == 403
            assert "收费" not in text(answer)
    assert "保密工单" in text(agent.get(address))
    for path in ("/form/note", "/sheet", "/attachments/1"):
        assert agent.get(address + path).status_code == 403, path
    assert post(agent, f"{address}/reveal/number", reason="核对身份").status_code == 403
    assert post(agent, f"{address}/do/flag", kind="confidential", content="x").status_code == 403
    order.handler_id = agent_id
    session.commit()
    assert agent.get(address).status_code == 200


def test_a_number_is_shown_for_a_reason_that_goes_on_record(session, agent):
    order = own(session, caller_name="林晓", content="请打13911112222找我")
    session.commit()
    address = f"/workorders/{order.order_no}/reveal"
    assert post(agent, f"{address}/number", reason="").status_code == 422
    assert post(agent, f"{address}/number", reason="回拨").json == {"value": "13800002222"}
    assert post(agent, f"{address}/name", reason="回拨").json == {"value": "林晓"}
    assert "13911112222" in post(agent, f"{address}/content", reason="回拨").json["value"]
    revealed = select(AuditEntry).where(AuditEntry.action == "number_revealed")
    assert [entry.reason for entry in session.exec(revealed)] == ["回拨"] * 3


@pytest.mark.parametrize(("line", "has", "has_not"), [
    ("", "发给平台：签收", "nothing"), ("steps", "待签收 → 已签收", "发给平台"),
    ("exchange", "发给平台：签收", "待签收 → 已签收"),
])  # fmt: skip
def test_the_timeline_is_filtered(session, leader, line, has, has_not):
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    session.commit()
    page = text(leader.get(f"/workorders/{order.order_no}?line={line}"))
    assert has in page
    assert has_not not in page


def test_the_exchange_is_the_supervisors(session, agent, leader):
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    sent = session.exec(select(Outgoing)).one()
    session.add(
        Exchange(platform="city", outgoing_id=sent.key, what="accept", outcome="refused",
                 status=409, answer='{"message": "请联系13800001111"}')
    )  # fmt: skip
    session.commit()
    page = text(leader.get(f"/workorders/{order.order_no}?line=exchange"))
    assert "平台不同意（409）" in page
    assert "请联系138****1111" in page
    assert "发给平台" not in text(agent.get(f"/workorders/{order.order_no}?line=exchange"))


def test_call_backs_and_likely_repeats_stand_on_the_page(session, leader):
    order, again = replied(session, own(session)), own(session)
    answer = Answer(True, True, False, Satisfaction.DISSATISFIED, "没有退款")
    call_backs.record(session, order, answer, LEADER)
    session.commit()
    page = text(leader.get(f"/workorders/{order.order_no}"))
    assert "没有退款" in page
    assert "不满意" in page
    assert order.state is State.CALLBACK
    page = text(leader.get(f"/workorders/{again.order_no}"))
    assert "可能是同一件事" in page
    assert order.order_no in page


def test_a_unit_gets_a_sheet_without_the_caller_of_a_confidential_order(session, leader):
    order = own(session, confidential=True, caller_name="林晓", content="我是林晓，被多收费")
    plain = own(session, caller_name="林晓")
    session.commit()
    page = text(leader.get(f"/workorders/{order.order_no}/sheet"))
    assert "林" not in page.replace("班长", "")
    assert "诉求人要求保密" in page
    assert "138****2222" in text(leader.get(f"/workorders/{plain.order_no}/sheet"))
    assert FlagKind.CONFIDENTIAL.value in order.flags


def test_an_unknown_order_is_said_to_be_unknown(session, leader):
    answer = leader.get("/workorders/WO20200101-000001")
    assert answer.status_code == 404
    assert "没有这张工单" in text(answer)
