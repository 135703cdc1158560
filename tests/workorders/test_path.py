"""Orders on their way, on the database: steps, requests, call-backs, what the platform is told."""

import json

import pytest
from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.errors import Refused
from tests.people import make_person
from tests.workorders.orders import LEADER, agent, own, platform, received, remote, replied, unit
from workorders import call_backs, following, moving, requests, service, units
from workorders.call_backs import Answer
from workorders.exchange.models import Outgoing
from workorders.models import Order, OrderRequest, OrderStep
from workorders.rules import (
    Origin,
    RequestKind,
    RequestState,
    Satisfaction,
    State,
    Step,
    UnitState,
)


def told(session: Session, order: Order) -> list[str]:
    rows = session.exec(
        select(Outgoing).where(Outgoing.order_id == order.key).order_by(col(Outgoing.id))
    )
    return [row.type.value for row in rows]


def timeline(session: Session, order: Order) -> list[Step]:
    rows = session.exec(
        select(OrderStep).where(OrderStep.order_id == order.key).order_by(col(OrderStep.id))
    )
    return [row.step for row in rows]


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}:")


def test_a_platform_order_goes_the_whole_way(session: Session) -> None:
    city = platform(session)
    order = replied(session, received(session, city))
    assert order.state is State.CALLBACK
    answer = Answer(True, True, True, Satisfaction.SATISFIED, "已解决")
    call_backs.record(session, order, answer, LEADER)
    assert (order.state, order.satisfaction) == (State.CALLBACK, Satisfaction.SATISFIED)
    assert told(session, order) == ["accept", "assign", "reply", "callback"]
    following.follow(session, city, remote(version=2, status="50"), now())
    following.follow(session, city, remote(version=3, status="60"), now())
    session.refresh(order)
    assert (order.state, order.remote_status) == (State.ARCHIVED, "60")
    assert timeline(session, order) == [
        Step.FILED, Step.ACCEPT, Step.ASSIGN, Step.REPLY, Step.REPLY_PASSED, Step.CALL_BACK,
        Step.CLOSE, Step.ARCHIVE,
    ]  # fmt: skip


def test_every_step_says_who_when_and_from_where(session: Session) -> None:
    order = own(session)
    service.accept(session, order, LEADER)
    line = session.exec(select(OrderStep).where(OrderStep.step == Step.ACCEPT)).one()
    assert (line.origin, line.person_name, line.address) == (Origin.PERSON, "班长", "127.0.0.1")
    assert (line.before, line.after) == (State.RECEIVED, State.ACCEPTED)
    assert line.at is not None


def test_a_step_out_of_turn_is_refused_and_leaves_nothing(session: Session) -> None:
    order = own(session)
    with refused("step_not_possible"):
        service.progress(session, order, "已联系医院", LEADER)
    assert order.state is State.RECEIVED
    assert told(session, order) == []
    assert timeline(session, order) == [Step.FILED]


def test_an_agent_handles_own_orders_only(session: Session) -> None:
    person = make_person(session)
    order = own(session)
    service.accept(session, order, LEADER)
    with refused("not_your_order"):
        service.start(session, order, agent(person.key))
    service.hand_to(session, order, person.key, person.name, LEADER)
    service.start(session, order, agent(person.key))
    service.reply(session, order, "已退还费用。", agent(person.key))
    with refused("not_your_order"):
        service.pass_reply(session, order, agent(person.key))
    assert order.state is State.REPLIED


def test_a_reply_is_looked_at_before_the_platform_sees_it(session: Session) -> None:
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    service.reply(session, order, "已处理", LEADER)
    assert "reply" not in told(session, order)
    service.send_reply_back(session, order, "请写明处理结果", LEADER)
    assert order.state is State.IN_PROGRESS
    service.reply(session, order, "已核实，责任人已批评教育", LEADER)
    service.pass_reply(session, order, LEADER)
    assert told(session, order) == ["accept", "reply"]


def test_a_return_is_decided_by_the_supervisor_then_by_the_platform(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.RETURN, "不属于卫生健康部门职责", LEADER)
    assert asked.state is RequestState.ASKED
    assert told(session, order) == ["accept"]
    requests.approve(session, order, asked.key, LEADER)
    assert (asked.state, order.state) == (RequestState.APPROVED, State.ACCEPTED)
    assert told(session, order) == ["accept", "return"]
    following.follow(session, city, remote(version=2, status="31"), now())
    following.follow(session, city, remote(version=3, status="70"), now())
    session.refresh(order)
    session.refresh(asked)
    assert (asked.state, order.state) == (RequestState.GRANTED, State.RETURNED)


def test_a_return_the_platform_denies_leaves_the_order_with_us(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.RETURN, "不属于职责", LEADER)
    requests.approve(session, order, asked.key, LEADER)
    following.follow(session, city, remote(version=2, status="31"), now())
    following.follow(session, city, remote(version=3, status="30"), now())
    session.refresh(asked)
    assert asked.state is RequestState.DENIED
    assert session.get(Order, order.id).state is State.ACCEPTED


def test_an_extension_granted_by_the_platform(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.EXTEND, "需专家会诊", LEADER, days=3)
    requests.approve(session, order, asked.key, LEADER)
    body = json.loads(session.exec(select(Outgoing).order_by(col(Outgoing.id).desc())).first().body)
    assert body["type"] == "extend"
    assert body["until"]
    following.follow(session, city, remote(version=2, status="32"), now())
    later = "2026-12-25T18:00:00+08:00"
    following.follow(session, city, remote(version=3, status="30", due_at=later), now())
    session.refresh(asked)
    assert asked.state is RequestState.GRANTED


def test_a_request_is_not_asked_twice(session: Session) -> None:
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    requests.ask(session, order, RequestKind.RETURN, "不属于职责", LEADER)
    with refused("request_there"):
        requests.ask(session, order, RequestKind.RETURN, "不属于职责", LEADER)


def test_a_decided_request_is_not_decided_again(session: Session) -> None:
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.RETURN, "不属于职责", LEADER)
    requests.refuse(session, order, asked.key, "属于我们的职责", LEADER)
    with refused("request_decided"):
        requests.approve(session, order, asked.key, LEADER)
    assert told(session, order) == ["accept"]


def test_an_unsatisfied_caller_of_our_own_order_is_worked_for_again(session: Session) -> None:
    order = replied(session, own(session))
    answer = Answer(True, True, False, Satisfaction.DISSATISFIED, "没有退费")
    call_backs.record(session, order, answer, LEADER)
    asked = session.exec(select(OrderRequest)).one()
    assert (asked.kind, asked.state) == (RequestKind.REWORK, RequestState.ASKED)
    requests.approve(session, order, asked.key, LEADER)
    assert (order.state, order.round) == (State.IN_PROGRESS, 2)
    service.reply(session, order, "已退费", LEADER)
    service.pass_reply(session, order, LEADER)
    call_backs.record(session, order, Answer(True, True, True, Satisfaction.SATISFIED), LEADER)
    assert order.state is State.CLOSED
    assert order.satisfaction_first is Satisfaction.DISSATISFIED
    assert order.satisfaction is Satisfaction.SATISFIED
    service.archive(session, order, LEADER)
    assert order.state is State.ARCHIVED


def test_a_rework_a_supervisor_refuses_closes_the_order(session: Session) -> None:
    order = replied(session, own(session))
    answer = Answer(True, True, False, Satisfaction.VERY_DISSATISFIED, "要求赔偿")
    call_backs.record(session, order, answer, LEADER)
    asked = session.exec(select(OrderRequest)).one()
    requests.refuse(session, order, asked.key, "诉求无依据，已充分解释", LEADER)
    assert order.state is State.CLOSED
    assert order.satisfaction is Satisfaction.VERY_DISSATISFIED


def test_nobody_there_three_times(session: Session) -> None:
    order = replied(session, own(session))
    for _ in range(2):
        call_backs.record(session, order, Answer(False), LEADER)
        assert order.state is State.CALLBACK
    call_backs.record(session, order, Answer(False), LEADER)
    assert order.state is State.CLOSED
    assert order.satisfaction is None


def test_who_was_not_reached_is_not_satisfied(session: Session) -> None:
    order = replied(session, own(session))
    with refused("not_reached"):
        call_backs.record(session, order, Answer(False, solved=True), LEADER)
    with refused("answer_incomplete"):
        call_backs.record(session, order, Answer(True), LEADER)


def test_a_platform_that_wants_it_done_again(session: Session) -> None:
    city = platform(session)
    order = replied(session, received(session, city))
    answer = Answer(True, True, False, Satisfaction.DISSATISFIED, "未解决")
    call_backs.record(session, order, answer, LEADER)
    following.follow(session, city, remote(version=2, status="41"), now())
    session.refresh(order)
    assert (order.state, order.round) == (State.IN_PROGRESS, 2)
    service.reply(session, order, "再次核实，已解决", LEADER)
    service.pass_reply(session, order, LEADER)
    assert told(session, order) == ["accept", "assign", "reply", "callback", "rework_done"]


def test_a_unit_has_the_order_returns_it_and_another_gets_it(session: Session) -> None:
    order = own(session)
    service.accept(session, order, LEADER)
    one, other = unit(session, "医政科"), unit(session, "监督所")
    units.assign(session, order, one, LEADER, instruction="请核实")
    with refused("unit_has_it"):
        units.assign(session, order, one, LEADER)
    units.take_back(session, order, one, "属监督所职责", LEADER)
    assert (order.state, order.unit_id) == (State.IN_PROGRESS, None)
    units.assign(session, order, other, LEADER)
    assert (order.state, order.unit_id) == (State.ASSIGNED, other.key)
    assert [part.state for part in units.parts(session, order)] == [
        UnitState.RETURNED, UnitState.ASSIGNED,
    ]  # fmt: skip


def test_suspension_only_where_the_platform_allows(session: Session) -> None:
    city, province = platform(session), platform(session, "province", may_suspend=True)
    here = received(session, city)
    there = received(session, province, status="WAIT_SIGN")
    for order in (here, there):
        service.accept(session, order, LEADER)
    with refused("platform_no_suspension"):
        requests.ask(session, here, RequestKind.SUSPEND, "等待鉴定", LEADER)
    asked = requests.ask(session, there, RequestKind.SUSPEND, "等待鉴定", LEADER)
    requests.approve(session, there, asked.key, LEADER)
    assert there.suspended_at is not None
    requests.resume(session, there, LEADER)
    assert there.suspended_at is None


def test_a_closed_order_is_not_moved_by_hand(session: Session) -> None:
    order = replied(session, own(session))
    call_backs.record(session, order, Answer(True, True, True, Satisfaction.SATISFIED), LEADER)
    for step in (Step.ACCEPT, Step.REPLY, Step.CLOSE, Step.MERGE, Step.CALL_BACK):
        with refused("step_not_possible"):
            moving.move(session, order, step, LEADER)
