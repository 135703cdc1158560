"""Calls that were to become orders and have not: supervisors see them until they have."""

import re

from hotline.calls.rules import Disposition
from tests.workorders.pages.callers import settled
from tests.workorders.pages.clicks import post, text
from workorders.pages import unfiled


def filed_from(leader, call, **more):
    typed = {"kind": "投诉", "urgency": "一般", "title": call.summary[:20], "content": "多收费",
             "call": call.call_no} | more  # fmt: skip
    return post(leader, "/workorders/new", **typed)


def test_a_call_is_on_the_list_until_it_has_its_order(session, leader, agent, agent_id):
    call = settled(session, agent_id)
    settled(session, agent_id, disposition=Disposition.ANSWERED)
    assert "转工单未建单 <b>1</b>" in text(leader.get("/workorders"))
    assert "转工单未建单" not in text(agent.get("/workorders"))
    page = text(leader.get("/workorders/unfiled"))
    assert call.call_no in page
    assert f"/workorders/new?call={call.call_no}" in page
    assert "医疗服务投诉" in page
    assert "139****7788" in page
    assert "共 1 条" in page
    assert filed_from(leader, call).status_code == 302
    assert "没有漏建的工单" in text(leader.get("/workorders/unfiled"))
    assert "转工单未建单" not in text(leader.get("/workorders/counts"))


def test_it_is_read_in_pages_the_longest_wait_first(session, leader, agent_id):
    calls = [settled(session, agent_id) for _ in range(unfiled.PAGE + 1)]
    first = text(leader.get("/workorders/unfiled"))
    assert calls[0].call_no in first
    assert calls[-1].call_no not in first
    onward = re.search(r"/workorders/unfiled\?cursor=([\w-]+)", first).group(1)
    rest = text(leader.get(f"/workorders/unfiled?cursor={onward}"))
    assert calls[-1].call_no in rest
    assert calls[-2].call_no not in rest
    assert leader.get("/workorders/unfiled?cursor=WzEsMl0").status_code == 400
