"""更正: what an order says is put right, and what a platform says later does not undo it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlmodel import Session, col, select

from hotline import security
from hotline.audit import AuditEntry
from hotline.errors import Refused
from tests.people import make_person
from tests.workorders.orders import AT, LEADER, agent, own, platform, received, remote, replied
from workorders import correcting, following, merging, service
from workorders.deadlines.queries import clocks_of
from workorders.deadlines.rules import ClockKind
from workorders.exchange.models import Outgoing
from workorders.models import Order, OrderStep
from workorders.rules import FlagKind, Kind, State, Step, Urgency


@pytest.fixture(autouse=True)
def _queue(redis: Redis) -> None:
    """Doorbells have somewhere to ring."""


def correct(session: Session, order: Order, actor: Any = LEADER, **given: Any) -> list[str]:
    draft = replace(correcting.as_it_is(order), **given)
    return correcting.correct(session, order, draft, "登记时听错", actor, at=AT)


def last_step(session: Session, order: Order) -> OrderStep:
    query = select(OrderStep).where(OrderStep.order_id == order.key, OrderStep.step == "corrected")
    return session.exec(query.order_by(col(OrderStep.id).desc())).one()


def test_what_it_said_before_is_kept_and_nobodys_number_is(session: Session) -> None:
    order = own(session, caller_name="林晓", content="请回 13800002222")
    changed = correct(session, order, caller_phone="13911113333", caller_name="林笑",
                      content="请回电话", place="鼓楼区")  # fmt: skip
    assert set(changed) == {"caller_phone", "caller_name", "content", "place"}
    assert order.phone_hash == security.lookup_hash("phone", "+8613911113333")
    assert order.caller_name == "林笑"
    step = last_step(session, order)
    assert step.before is step.after is State.RECEIVED
    assert (step.content or "").splitlines() == [
        "登记时听错", "诉求内容原为：请回 138****2222", "地点：玄武区 → 鼓楼区", "姓名：林* → 林*",
        "联系电话：138****2222 → 139****3333",
    ]  # fmt: skip
    query = select(AuditEntry).where(AuditEntry.subject == order.subject)
    entry = session.exec(query.order_by(col(AuditEntry.id).desc())).first()
    assert entry is not None
    assert entry.reason == "登记时听错"
    assert entry.detail["before"]["联系电话"] == "138****2222"
    assert entry.detail["after"] == {
        "联系电话": "139****3333", "姓名": "林*", "诉求内容": "请回电话", "地点": "鼓楼区",
    }  # fmt: skip


def test_it_is_found_by_what_it_says_now(session: Session) -> None:
    order = own(session, title="收费与公示不一致", content="多收二十元", place="", target="")
    correct(session, order, title="疫苗接种预约不上", content="社区医院一直约满")
    matter = merging.Matter(title="疫苗接种预约不上", content="社区医院一直约满")
    assert [each.order.key for each in merging.repeats(session, matter)] == [order.key]


def test_who_filed_it_may_and_who_handles_it_may_not(session: Session) -> None:
    filer, handler = make_person(session, "li"), make_person(session, "zhao")
    order = own(session, agent(filer.key))
    order.handler_id = handler.key
    with pytest.raises(Refused, match="not_your_order"):
        correct(session, order, agent(handler.key), title="别的")
    assert correct(session, order, agent(filer.key), title="别的") == ["title"]


def test_an_order_that_is_over_is_not_put_right(session: Session) -> None:
    order = own(session)
    replied(session, order)
    service.close(session, order, "已解决", LEADER)
    with pytest.raises(Refused, match=r"order_over.*已办结"):
        correct(session, order, title="别的")
    first, second = own(session), own(session)
    merging.merge(session, first, second, "同一件事", LEADER)
    with pytest.raises(Refused, match=r"order_over.*并入主单"):
        correct(session, first, title="别的")


def test_nothing_changed_and_nonsense_are_refused(session: Session) -> None:
    order = own(session)
    with pytest.raises(Refused, match="nothing_changed"):
        correct(session, order)
    with pytest.raises(Refused) as refused:
        correct(session, order, title=" ", caller_phone="不清楚")
    assert set(refused.value.fields) == {"title", "caller_phone"}


def test_a_platforms_odd_number_stands_in_nobodys_way(session: Session) -> None:
    order = received(session, platform(session), caller={"name": "林晓", "phone": "不详"})
    assert correct(session, order, title="排队时间过长") == ["title"]
    assert order.caller_phone == "不详"
    with pytest.raises(Refused, match="order_incomplete"):
        correct(session, order, caller_phone="不清楚")


def test_another_type_or_urgency_is_another_deadline(session: Session) -> None:
    order = own(session, kind=Kind.COMPLAINT)
    before = due(session, order)
    correct(session, order, kind=Kind.CONSULTATION)
    sooner = due(session, order)
    assert sooner[ClockKind.FINISH] < before[ClockKind.FINISH] - timedelta(days=2)
    correct_again = replace(correcting.as_it_is(order), urgency=Urgency.MOST_URGENT)
    correcting.correct(session, order, correct_again, "更急", LEADER)
    assert due(session, order)[ClockKind.SIGN] < sooner[ClockKind.SIGN]


def due(session: Session, order: Order) -> dict[ClockKind, Any]:
    return {clock.kind: clock.due_at for clock in clocks_of(session, order.key)
            if clock.is_running}  # fmt: skip


def test_whether_an_answer_is_wanted_starts_and_stops_the_first_contact(session: Session) -> None:
    order = own(session, reply_wanted=False)
    service.accept(session, order, LEADER)
    assert ClockKind.FIRST_CONTACT not in due(session, order)
    correct(session, order, reply_wanted=True)
    assert ClockKind.FIRST_CONTACT in due(session, order)
    draft = replace(correcting.as_it_is(order), reply_wanted=False)
    correcting.correct(session, order, draft, "不用了", LEADER)
    assert ClockKind.FIRST_CONTACT not in due(session, order)


def test_secrecy_is_a_flag_and_taken_off_by_a_supervisor(session: Session) -> None:
    filer = agent(make_person(session, "li").key)
    order = own(session, filer)
    assert correct(session, order, filer, confidential=True) == ["confidential"]
    assert (order.confidential, order.flags) == (True, [FlagKind.CONFIDENTIAL.value])
    with pytest.raises(Refused, match="not_for_you"):
        correct(session, order, filer, confidential=False)
    draft = replace(correcting.as_it_is(order), confidential=False, title="秘密的标题")
    correcting.correct(session, order, draft, "本人同意公开", LEADER)
    assert (order.confidential, order.flags) == (False, [])
    entry = session.exec(select(AuditEntry).where(AuditEntry.reason == "本人同意公开")).one()
    assert entry.detail["after"] == {"标题": "（保密）", "保密": "否"}


def test_a_platform_that_says_the_same_again_undoes_nothing(session: Session) -> None:
    source = platform(session)
    order = received(session, source)
    correct(session, order, caller_phone="13911113333", title="排队三小时", kind=Kind.HELP)
    told = {"version": 2, "urged": [{"at": "2026-11-19T09:00:00+08:00", "content": "请尽快"}]}
    following.follow(session, source, remote(**told), AT)
    assert (order.title, order.kind) == ("排队三小时", Kind.HELP)
    assert order.caller_phone == "+8613911113333"
    assert order.phone_hash == security.lookup_hash("phone", "+8613911113333")
    # masked once it was signed for, as some do
    masked = {"name": "林*", "sex": "女", "phone": "138****1111"}
    following.follow(session, source, remote(version=3, caller=masked), AT)
    assert order.caller_phone == "+8613911113333"
    # and what the platform changes itself counts
    following.follow(session, source, remote(version=4, title="改过的标题"), AT)
    assert (order.title, order.kind) == ("改过的标题", Kind.HELP)
    assert order.caller_phone == "+8613911113333"
    assert session.exec(select(Outgoing).where(Outgoing.order_id == order.key)).all() == []


def test_a_correction_is_a_line_of_the_timeline_only(session: Session) -> None:
    order = own(session)
    correct(session, order, title="别的")
    assert last_step(session, order).step is Step.CORRECTED
    assert order.state is State.RECEIVED
