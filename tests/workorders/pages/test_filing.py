"""A new order: typed once, carried over from a call, shown what may be the same before it is."""

import json

from sqlmodel import select

from hotline.calls.models import CallTurn
from hotline.calls.rules import Disposition
from tests.people import form_token, make_person
from tests.workorders.orders import LEADER, own
from tests.workorders.orders import agent as desk
from tests.workorders.pages.callers import CALLER, settled
from tests.workorders.pages.clicks import post, text
from workorders import filing, service
from workorders.models import Order
from workorders.rules import Kind, State, Step, Urgency

SAID = {
    "kind": "投诉", "urgency": "紧急", "title": "急诊夜间无人接诊",
    "content": "昨晚十点带孩子去急诊，等了一个小时没有医生。", "place": "江宁区",
    "target": "江宁医院",
    "caller_name": "林晓", "caller_sex": "女", "caller_phone": "13800007777",
    "tags": ["未成年人", "不是标签"], "confidential": "yes", "reply_wanted": "yes",
}  # fmt: skip
AGAIN = {
    "title": "收费与公示不一致", "content": "今天挂号被多收二十元",
    "caller_phone": "13800002222", "place": "玄武区", "target": "某医院",
}  # fmt: skip
PANEL = {"HX-Request": "true"}


def only(session) -> Order:
    session.expire_all()
    return session.exec(select(Order)).one()


def panel(browser, address, **typed):
    typed["csrf_token"] = form_token(browser)
    return browser.post(address, data=typed, headers=PANEL)


def test_what_was_typed_is_the_order(session, agent, agent_id):
    assert "诉求内容" in text(agent.get("/workorders/new"))
    answer = post(agent, "/workorders/new", **SAID)
    order = only(session)
    assert answer.location.endswith(f"/workorders/{order.order_no}")
    assert (order.kind, order.urgency) == (Kind.COMPLAINT, Urgency.URGENT)
    assert (order.state, order.filed_by) == (State.RECEIVED, agent_id)
    assert (order.caller_name, order.caller_phone) == ("林晓", "+8613800007777")
    assert order.caller_tags == ["未成年人"]
    assert order.confidential
    assert "confidential" in order.flags
    assert "已登记" in text(agent.get(answer.location))


def test_what_is_missing_is_said_beside_it_and_the_rest_is_kept(session, agent):
    typed = SAID | {"title": "", "caller_phone": ""}
    answer = post(agent, "/workorders/new", **typed)
    page = text(answer)
    assert answer.status_code == 422
    assert "请填写标题" in page
    assert "诉求人要求回复，请填写联系电话" in page
    assert "昨晚十点带孩子去急诊" in page
    assert 'value="未成年人" checked' in page
    assert session.exec(select(Order)).first() is None
    answer = post(agent, "/workorders/new", **{**SAID, "kind": "聊天"})
    assert "请选择诉求类型" in text(answer)


def test_a_call_is_carried_over_and_becomes_one_order(session, agent, agent_id):
    call = settled(
        session, agent_id, "孩子发热，医院多收二十元", confidential=True, caller_name="林晓"
    )
    slots = {
        "hospital": "鼓楼医院",
        "department": "儿科",
        "name": "林晓",
        "id_number": "3201021990",
    }
    session.add(CallTurn(call_uid=call.call_uid, position=1, slots=json.dumps(slots)))
    session.commit()
    page = text(agent.get(f"/workorders/new?call={call.call_no}"))
    assert "反映鼓楼医院门诊多收二十元。要求退还。" in page
    assert "孩子发热" in page
    assert "语音线已听到：医院鼓楼医院，科室儿科。" in page
    assert 'value="鼓楼医院儿科"' in page
    assert 'value="反映鼓楼医院门诊多收二十元"' in page
    assert "留空用来电号码 139****7788" in page
    assert "3201021990" not in page
    assert CALLER not in page
    assert 'name="confidential" value="yes" checked' in page
    typed = SAID | {"call": call.call_no, "caller_phone": ""}
    assert post(agent, "/workorders/new", **typed).status_code == 302
    order = only(session)
    assert (order.call_id, order.caller_phone) == (call.id, f"+86{CALLER}")
    again = post(agent, "/workorders/new", **typed)
    assert again.status_code == 409
    assert order.order_no in text(again)
    assert agent.get(f"/workorders/new?call={call.call_no}").location.endswith(order.order_no)
    assert order.order_no in text(agent.get(f"/calls/{call.call_no}"))
    assert order.order_no in text(agent.get(f"/desk/{call.call_no}"))


def test_a_report_is_one_and_a_consultation_too(session, agent, agent_id):
    for given, kind in (
        ({"subcategory": "illegal_practice"}, "举报"),
        ({"category": "consultation"}, "咨询"),
        ({}, "投诉"),
    ):
        call = settled(session, agent_id, **given)
        page = text(agent.get(f"/workorders/new?call={call.call_no}"))
        assert f'name="kind" value="{kind}" checked' in page


def test_a_confidential_call_of_somebody_else_is_not_carried_over(session, agent):
    other = make_person(session, "li", name="李芳")
    call = settled(session, other.key, confidential=True)
    assert agent.get(f"/workorders/new?call={call.call_no}").status_code == 403
    assert panel(agent, "/workorders/new/panel", call=call.call_no).status_code == 403
    answer = post(agent, "/workorders/new/likely", call=call.call_no)
    assert answer.status_code == 403
    assert f"/workorders/new?call={call.call_no}" not in text(agent.get(f"/calls/{call.call_no}"))


def test_the_way_is_shown_where_an_order_is_due(session, agent, agent_id):
    due = settled(session, agent_id)
    not_due = settled(session, agent_id, category="consultation",
                      disposition=Disposition.ANSWERED)  # fmt: skip
    assert f"/workorders/new?call={due.call_no}" in text(agent.get(f"/calls/{due.call_no}"))
    assert "/workorders/new?call=" not in text(agent.get(f"/calls/{not_due.call_no}"))


def test_at_the_desk_the_panel_takes_what_is_not_saved_yet(session, agent, agent_id):
    call = settled(session, agent_id, "想问疫苗", category=None, summary=None)
    assert "data-panel" in text(agent.get(f"/desk/{call.call_no}"))
    chosen = {"category": "consultation", "caller_name": "周宁", "confidential": "yes"}
    page = text(panel(agent, "/workorders/new/panel", call=call.call_no, **chosen))
    assert 'name="kind" value="咨询" checked' in page
    assert 'value="周宁"' in page
    assert 'name="confidential" value="yes" checked' in page
    typed = SAID | {"call": call.call_no}
    refused = panel(agent, "/workorders/new", **(typed | {"content": ""}))
    assert refused.status_code == 422
    assert "请填写诉求内容" in text(refused)
    answer = panel(agent, "/workorders/new", **typed)
    order = only(session)
    told = json.loads(answer.headers["HX-Trigger"])["filed"]
    assert told == {"words": f"已转工单 {order.order_no}。", "kind": "投诉"}
    assert order.order_no in text(answer)
    assert order.order_no in text(panel(agent, "/workorders/new/panel", call=call.call_no))


def test_what_may_be_the_same_is_shown_while_it_is_typed(session, agent, leader):
    there = own(session)
    session.commit()
    page = text(post(agent, "/workorders/new/likely", **AGAIN))
    assert there.order_no in page
    assert "同一号码、同一地点、同一被反映对象、内容相近 100%" in page
    assert f'name="master" value="{there.order_no}"' in page
    assert "没有发现" in text(post(agent, "/workorders/new/likely", title="疫苗在哪里打"))
    there.confidential = True
    session.commit()
    assert there.order_no not in text(post(agent, "/workorders/new/likely", **AGAIN))
    assert there.order_no in text(post(leader, "/workorders/new/likely", **AGAIN))


def test_nothing_is_filed_beside_a_repetition_that_nobody_saw(session, agent):
    there = own(session)
    session.commit()
    answer = post(agent, "/workorders/new", **(SAID | AGAIN))
    assert answer.status_code == 409
    assert "可能已有同一件事的工单" in text(answer)
    assert f'name="shown" value="{there.order_no}"' in text(answer)
    assert len(session.exec(select(Order)).all()) == 1
    answer = post(agent, "/workorders/new", shown=there.order_no, **(SAID | AGAIN))
    assert answer.status_code == 302
    assert len(session.exec(select(Order)).all()) == 2


def test_one_key_files_it_into_the_one_that_is_there(session, agent, agent_id):
    there = own(session)
    call = settled(session, agent_id)
    session.commit()
    typed = SAID | AGAIN | {"call": call.call_no, "master": there.order_no.lower()}
    assert post(agent, "/workorders/new", **typed).status_code == 302
    session.expire_all()
    filed = session.exec(select(Order).where(Order.call_id == call.id)).one()
    assert (filed.state, filed.master_id) == (State.MERGED, there.id)
    page = text(agent.get(f"/workorders/{filed.order_no}"))
    assert "登记时认定为同一件事：同一号码" in page
    assert "已并入主单" in page


def test_what_cannot_be_filed_into_files_nothing(session, agent):
    there = own(session)
    service.accept(session, there, LEADER)
    there.confidential = True
    session.commit()
    answer = post(agent, "/workorders/new", master=there.order_no, **(SAID | AGAIN))
    assert answer.status_code == 403
    answer = post(agent, "/workorders/new", master="WO0", **(SAID | AGAIN))
    assert answer.status_code == 404
    assert "昨晚" not in text(answer)
    assert "今天挂号被多收二十元" in text(answer)
    assert session.exec(select(Order)).one().order_no == there.order_no


def test_who_filed_it_may_merge_it_only_until_it_is_signed_for(session, agent, agent_id):
    actor = desk(agent_id)
    draft = filing.Draft(Kind.HELP, "找不到诊室", "在门诊楼", reply_wanted=False)
    filed = filing.file_own(session, draft, actor)
    assert actor.may(Step.MERGE, filed)
    service.accept(session, filed, LEADER)
    assert not actor.may(Step.MERGE, filed)
    assert not actor.may(Step.MERGE, own(session))
