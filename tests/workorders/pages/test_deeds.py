"""Each thing that may be done on an order's page, done as a browser does it."""

import io
import re
from urllib.parse import unquote

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.clock import now
from tests.people import make_person
from tests.workorders.orders import LEADER, own, platform, received, replied, unit
from tests.workorders.orders import agent as desk
from tests.workorders.pages.clicks import do, post, text
from workorders import call_backs, requests, service, units
from workorders.call_backs import Answer
from workorders.models import Order, OrderRequest, OrderUnit
from workorders.pages.deeds import DEEDS
from workorders.pages.offering import Facts
from workorders.rules import RequestKind, RequestState, Satisfaction, State
from workorders.side_models import Attachment, CallBackAttempt, FlagNote, OrderFlag


def one(session, table):
    session.expire_all()
    return session.exec(select(table).order_by(table.id.desc())).first()


def fresh(session, order) -> Order:
    session.expire_all()
    return session.get(Order, order.id)


@pytest.fixture
def order(session):
    """One that was signed for."""
    made = own(session)
    service.accept(session, made, LEADER)
    session.commit()
    return made


def test_signing_for_and_starting_need_one_press(session, leader):
    order = own(session)
    session.commit()
    assert do(leader, order, "accept").status_code == 302
    assert do(leader, order, "start").status_code == 302
    assert fresh(session, order).state is State.IN_PROGRESS


def test_an_order_is_handed_to_somebody_at_the_desk(session, leader, order):
    person = make_person(session, "li", name="李芳")
    boss = make_person(session, "zhu", Role.MANAGER)
    assert do(leader, order, "hand", handler=boss.key).status_code == 422
    assert do(leader, order, "hand", handler=person.key).status_code == 302
    assert fresh(session, order).handler_id == person.key


def test_a_unit_takes_answers_and_returns(session, leader, order):
    where, help_ = unit(session), unit(session, "疾控中心")
    session.commit()
    past = "2020-01-01T08:00"
    answer = do(leader, order, "assign", unit=where.key, due_at=past, instruction="请核实")
    assert answer.status_code == 422
    assert "应晚于现在" in text(answer)
    assert "请核实" in text(answer)
    assert "请填写日期和时间" in text(do(leader, order, "assign", unit=where.key, due_at="明天"))
    assert do(leader, order, "assign", unit=where.key, part="main").status_code == 302
    assert do(leader, order, "assign", unit=help_.key, part="help").status_code == 302
    assert do(leader, order, "unit-start", unit=where.key).status_code == 302
    assert do(leader, order, "unit-reply", unit=where.key, content="").status_code == 422
    assert do(leader, order, "unit-reply", unit=where.key, content="已整改").status_code == 302
    assert do(leader, order, "unit-return", unit=help_.key, reason="不属本单位").status_code == 302
    session.expire_all()
    parts = {part.unit_id: part for part in session.exec(select(OrderUnit))}
    assert parts[where.key].reply == "已整改"
    assert parts[help_.key].state == "returned"
    assert not parts[help_.key].is_main
    assert "已整改" in text(leader.get(f"/workorders/{order.order_no}/form/reply"))


def test_the_handler_writes_and_a_supervisor_looks_at_it(session, leader, agent, agent_id, order):
    order.handler_id = agent_id
    session.commit()
    assert do(agent, order, "progress", content="已联系医院").status_code == 302
    assert do(agent, order, "contact", reached="yes", content="已告知").status_code == 302
    assert do(agent, order, "contact", content="没选").status_code == 422
    answer = do(agent, order, "reply", reply="已退还二十元", public="已退还")
    assert answer.status_code == 302
    assert do(agent, order, "pass").status_code == 403
    assert do(leader, order, "send-back", reason="").status_code == 422
    assert do(leader, order, "send-back", reason="写明时间").status_code == 302
    assert do(agent, order, "reply", reply="11月20日已退还二十元").status_code == 302
    assert do(leader, order, "pass").status_code == 302
    now_is = fresh(session, order)
    assert (now_is.state, now_is.reply) == (State.CALLBACK, "11月20日已退还二十元")
    assert now_is.caller_contacted


def test_who_does_not_have_the_order_is_refused_and_keeps_what_was_typed(session, agent, order):
    answer = do(agent, order, "reply", reply="我来回复")
    assert answer.status_code == 403
    assert "须由工单经办人或班长操作" in text(answer)
    assert "我来回复" in text(answer)
    assert fresh(session, order).state is State.ACCEPTED


def test_an_order_that_moved_meanwhile_is_shown_anew_and_the_text_is_kept(session, leader, order):
    saw = order.updated_at.isoformat()
    service.progress(session, order, "同事先写了", LEADER)
    session.commit()
    answer = do(leader, order, "reply", seen=saw, reply="我写的回复")
    assert answer.status_code == 409
    assert "工单在您填写时已变化：班长" in text(answer)
    assert "我写的回复" in text(answer)
    assert "同事先写了" in text(answer)
    assert fresh(session, order).state is State.IN_PROGRESS
    assert do(leader, order, "reply", reply="我写的回复").status_code == 302


def test_a_request_is_asked_for_refused_withdrawn_and_granted(
    session, leader, agent, agent_id, order
):
    order.handler_id = agent_id
    session.commit()
    assert do(agent, order, "ask", reason="x").status_code == 422
    assert do(agent, order, "ask", kind="extend", reason="会诊").status_code == 422
    assert "没有可退回的平台" in text(do(agent, order, "ask", kind="return", reason="不属实"))
    assert do(agent, order, "ask", kind="extend", reason="会诊", days="2").status_code == 302
    item = one(session, OrderRequest).id
    assert do(agent, order, "approve", item=item).status_code == 403
    assert do(leader, order, "refuse", item=item, reason="").status_code == 422
    assert do(leader, order, "refuse", item=item, reason="时间足够").status_code == 302
    assert one(session, OrderRequest).state is RequestState.REFUSED
    do(agent, order, "ask", kind="suspend", reason="等候鉴定")
    do(agent, order, "withdraw", item=one(session, OrderRequest).id)
    assert one(session, OrderRequest).state is RequestState.WITHDRAWN
    do(agent, order, "ask", kind="suspend", reason="等候鉴定结果")
    do(leader, order, "approve", item=one(session, OrderRequest).id, words="同意")
    assert fresh(session, order).suspended_at is not None
    assert do(leader, order, "resume").status_code == 302
    assert fresh(session, order).suspended_at is None


def test_what_the_platform_said_by_telephone_is_written_down(session, leader):
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.RETURN, "不属卫生健康部门", LEADER)
    requests.approve(session, order, asked.key, LEADER)
    session.commit()
    assert do(leader, order, "platform", item=asked.key).status_code == 422
    assert do(leader, order, "platform", item=asked.key, granted="yes").status_code == 302
    assert fresh(session, order).state is State.RETURNED
    assert do(leader, order, "platform", item=asked.key, granted="yes").status_code == 409


def test_flags_have_a_thread(session, leader, agent, agent_id, order):
    assert do(leader, order, "flag", content="x").status_code == 422
    assert do(leader, order, "flag", kind="difficult", content="").status_code == 422
    assert do(leader, order, "flag", kind="difficult", content="涉及两家医院").status_code == 302
    order.handler_id = agent_id
    session.commit()
    flag = one(session, OrderFlag).id
    assert do(agent, order, "note", item=flag, content="已约专家").status_code == 302
    assert one(session, FlagNote).content == "已约专家"
    assert do(agent, order, "unflag", item=flag, reason="x").status_code == 403
    assert do(leader, order, "unflag", item=flag, reason="已解决").status_code == 302
    assert fresh(session, order).flags == []


def test_anybody_at_the_desk_keeps_a_callers_secret_and_raises_no_other_flag(session, agent, order):
    form = text(agent.get(f"/workorders/{order.order_no}/form/flag"))
    assert "保密" in form
    assert "督办" not in form
    assert do(agent, order, "flag", kind="supervised", content="督办").status_code == 403
    assert do(agent, order, "flag", kind="confidential", content="来电人要求").status_code == 302
    assert fresh(session, order).confidential


def test_what_only_adds_needs_no_fresh_page(session, leader, order):
    file = (io.BytesIO(b"%PDF-1.7 x"), "说明.pdf")
    address = f"/workorders/{order.order_no}/do/attach"
    answer = do(leader, order, "attach", seen="2020-01-01", file=file)
    assert answer.status_code == 302
    kept = one(session, Attachment)
    got = leader.get(f"/workorders/{order.order_no}/attachments/{kept.id}")
    assert got.data == b"%PDF-1.7 x"
    said = got.headers["Content-Disposition"]
    assert said.isascii()  # a server refuses a header that is not
    assert unquote(said) == "attachment; filename*=UTF-8''说明.pdf"
    wrong = post(leader, address, file=(io.BytesIO(b"<script>"), "x.html"))
    assert wrong.status_code == 422
    assert "类型不能添加" in text(wrong)
    assert "请选择文件" in text(post(leader, address))


def test_an_order_is_merged_into_its_master(session, leader, order):
    master = own(session)
    session.commit()
    assert "请填写主单" in text(do(leader, order, "merge", reason="重复"))
    assert "没有这张工单" in text(do(leader, order, "merge", master="WO1", reason="重复"))
    assert do(leader, order, "merge", master=order.order_no, reason="x").status_code == 422
    answer = do(leader, order, "merge", master=master.order_no.lower(), reason="同一件事")
    assert answer.status_code == 302
    assert fresh(session, order).master_id == master.key
    assert "撤销并单" in text(leader.get(f"/workorders/{order.order_no}"))
    assert do(leader, order, "split", reason="").status_code == 422
    assert do(leader, order, "split", reason="不是一件事").status_code == 302
    assert fresh(session, order).state is State.ACCEPTED


def test_a_call_back_is_written_down(session, leader):
    order = replied(session, own(session))
    session.commit()
    assert do(leader, order, "call-back").status_code == 422
    assert do(leader, order, "call-back", connected="yes").status_code == 422
    assert do(leader, order, "call-back", connected="no", solved="yes").status_code == 422
    done = do(leader, order, "call-back", connected="yes", truthful="yes", solved="yes",
              satisfaction="satisfied", opinion="谢谢")  # fmt: skip
    assert done.status_code == 302
    assert one(session, CallBackAttempt).satisfaction is Satisfaction.SATISFIED
    assert fresh(session, order).state is State.CLOSED
    assert do(leader, order, "archive").status_code == 302
    assert fresh(session, order).state is State.ARCHIVED


def test_an_own_order_is_closed_with_words_a_platforms_is_not(session, leader):
    mine = replied(session, own(session))
    theirs = replied(session, received(session, platform(session)))
    session.commit()
    assert do(leader, mine, "close", reason="").status_code == 422
    assert do(leader, mine, "close", reason="诉求人撤诉").status_code == 302
    assert fresh(session, mine).state is State.CLOSED
    assert 'data-key-name="办结"' not in text(leader.get(f"/workorders/{theirs.order_no}"))
    assert do(leader, theirs, "close", reason="x").status_code == 409


def test_a_call_back_that_has_its_answer_is_not_offered_again(session, leader):
    order = replied(session, own(session))
    session.commit()
    address = f"/workorders/{order.order_no}"
    assert "登记回访" in text(leader.get(address))
    call_backs.record(session, order, Answer(True, True, False, Satisfaction.DISSATISFIED), LEADER)
    session.commit()
    assert "登记回访" not in text(leader.get(address))
    assert do(leader, order, "call-back", connected="yes", solved="yes",
              satisfaction="satisfied").status_code == 409  # fmt: skip


def test_an_unsatisfied_caller_leads_to_another_round(session, leader):
    order = replied(session, own(session))
    answer = Answer(True, True, False, Satisfaction.DISSATISFIED, "没退款")
    call_backs.record(session, order, answer, LEADER, at=now())
    session.commit()
    do(leader, order, "approve", item=one(session, OrderRequest).id)
    assert fresh(session, order).round == 2
    assert "第 2 轮" in text(leader.get(f"/workorders/{order.order_no}"))


def test_every_deed_has_a_form_that_opens(session, leader, order):
    units.assign(session, order, unit(session), LEADER)
    session.commit()
    for name in DEEDS:
        page = leader.get(f"/workorders/{order.order_no}/form/{name}")
        assert page.status_code == 200, name
        whole = leader.get(f"/workorders/{order.order_no}?do={name}")
        assert whole.status_code == 200, name
    assert leader.get(f"/workorders/{order.order_no}/form/explode").status_code == 404


def test_keys_are_given_once():
    keys = [deed.key for deed in DEEDS.values() if deed.key]
    assert len(keys) == len(set(keys))


def test_who_has_not_the_order_is_offered_to_keep_it_secret_only(agent_id, order):
    facts = Facts(order, [], [], [])
    offered = [name for name, deed in DEEDS.items() if deed.is_offered(facts, desk(agent_id))]
    assert offered == ["flag"]


def test_what_an_order_says_is_put_right_and_what_was_typed_is_kept(session, leader, order):
    page = text(leader.get(f"/workorders/{order.order_no}/form/correct"))
    assert "138****2222" in page
    assert "13800002222" not in page
    said = {"title": order.title, "content": order.content, "kind": "投诉", "urgency": "一般",
            "place": order.place, "target": order.target, "reply_wanted": "yes",
            "confidential": "no", "tags": ["老年人", "孕产妇"]}  # fmt: skip
    answer = do(leader, order, "correct", **said | {"title": "", "reason": "听错了"})
    assert answer.status_code == 422
    page = text(answer)
    assert "请填写标题" in page
    assert 'value="听错了"' in page
    assert re.search(r'value="孕产妇" checked', page)
    answer = do(leader, order, "correct", **said | {
        "caller_phone": "13911113333", "kind": "求助", "reason": "听错了"})  # fmt: skip
    assert answer.status_code == 302
    order = fresh(session, order)
    assert (order.kind.value, order.caller_phone) == ("求助", "+8613911113333")
    assert order.caller_tags == ["老年人", "孕产妇"]
    page = text(leader.get(f"/workorders/{order.order_no}"))
    assert "诉求类型：投诉 → 求助" in page
    assert "138****2222 → 139****3333" in page


def test_a_number_is_cleared_by_a_word_and_stays_when_nothing_is_typed(session, leader, order):
    said = {"title": order.title, "content": order.content.replace("\n", "\r\n"), "kind": "投诉",
            "urgency": "一般", "place": order.place, "target": order.target,
            "confidential": "no"}  # fmt: skip
    do(leader, order, "correct", **said | {"reply_wanted": "no", "reason": "不用回复"})
    assert fresh(session, order).caller_phone == "+8613800002222"
    do(leader, order, "correct", **said | {"reply_wanted": "no", "caller_phone": "无",
                                           "reason": "不留号码"})  # fmt: skip
    assert fresh(session, order).caller_phone is None


def test_only_who_may_put_it_right_sees_the_numbers_in_the_words(session, leader, agent):
    made = own(session, content="打过 13800007777 没人接")
    session.commit()
    there = f"/workorders/{made.order_no}/form/correct"
    assert "13800007777" not in text(agent.get(there))
    assert "13800007777" in text(leader.get(there))
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "number_revealed")).one()
    assert (entry.subject, entry.reason) == (made.subject, "更正工单")
    assert 'data-key-name="更正"' not in agent.get(f"/workorders/{made.order_no}").text


def test_a_closed_order_is_not_put_right(session, leader, order):
    replied(session, received(session, platform(session)))
    service.reply(session, order, "已核实并整改。", LEADER)
    service.pass_reply(session, order, LEADER)
    service.close(session, order, "已解决", LEADER)
    session.commit()
    answer = do(leader, order, "correct", title="别的", content="别的", kind="投诉",
                urgency="一般", reason="听错了")  # fmt: skip
    assert answer.status_code == 409
    assert "内容不再更改" in text(answer)


def test_of_a_platforms_order_the_page_says_that_the_platform_hears_nothing(session, leader):
    made = received(session, platform(session))
    session.commit()
    assert "平台接口没有“更正”事项" in text(leader.get(f"/workorders/{made.order_no}/form/correct"))
