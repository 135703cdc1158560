"""What hangs on an order never outlives its turn, however the order leaves our hands."""

import pytest
from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.errors import Refused
from tests.people import make_person
from tests.workorders.orders import LEADER, agent, own, platform, received, remote, replied, unit
from workorders import call_backs, following, requests, service, units
from workorders.call_backs import Answer
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.exchange.models import Outgoing
from workorders.models import Order, OrderRequest
from workorders.rules import RequestKind, RequestState, Satisfaction, State, UnitState

CONTENT = Answer(True, True, True, Satisfaction.SATISFIED)
ANGRY = Answer(True, True, False, Satisfaction.DISSATISFIED, "没有退费")


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}:")


def clock(session: Session, order: Order, kind: ClockKind) -> WorkOrderClock:
    query = select(WorkOrderClock).where(
        WorkOrderClock.order_id == order.key, WorkOrderClock.kind == kind
    )
    return session.exec(query.order_by(col(WorkOrderClock.id).desc())).first()


def test_a_platform_takes_back_an_order_whose_answer_is_written(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.RETURN, "不属于职责", LEADER)
    requests.approve(session, order, asked.key, LEADER)
    service.reply(session, order, "先行答复", LEADER)
    following.follow(session, city, remote(version=2, status="70"), now())
    assert (order.state, asked.state) == (State.RETURNED, RequestState.GRANTED)


def test_what_was_asked_for_cannot_be_granted_when_the_order_has_moved_on(
    session: Session,
) -> None:
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.EXTEND, "需会诊", LEADER, days=1)
    service.reply(session, order, "已核实", LEADER)
    with refused("request_not_possible"):
        requests.approve(session, order, asked.key, LEADER)
    assert session.exec(select(Outgoing.type).order_by(col(Outgoing.id))).all() == ["accept"]


def test_a_request_lapses_with_its_order(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    service.accept(session, order, LEADER)
    waits = requests.ask(session, order, RequestKind.EXTEND, "需会诊", LEADER, days=1)
    requests.approve(session, order, waits.key, LEADER)
    asked = requests.ask(session, order, RequestKind.RETURN, "不属于职责", LEADER)
    following.follow(session, city, remote(version=2, status="50"), now())
    assert order.state is State.CLOSED
    assert {waits.state, asked.state} == {RequestState.WITHDRAWN}
    assert asked.decision == "工单已办结，申请不再需要。"


def test_only_who_asked_or_a_supervisor_takes_a_request_back(session: Session) -> None:
    filer, handler = make_person(session, "li"), make_person(session, "zhao")
    order = own(session, agent(filer.key))
    service.accept(session, order, LEADER)
    service.hand_to(session, order, handler.key, handler.name, LEADER)
    asked = requests.ask(session, order, RequestKind.EXTEND, "会诊", agent(handler.key), days=1)
    with refused("not_your_request"):
        requests.withdraw(session, order, asked.key, agent(filer.key))
    requests.withdraw(session, order, asked.key, agent(handler.key))
    assert asked.state is RequestState.WITHDRAWN


def test_a_suspended_order_that_is_answered_runs_on_when_it_is_sent_back(session: Session) -> None:
    order = own(session)
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.SUSPEND, "等待鉴定", LEADER)
    requests.approve(session, order, asked.key, LEADER)
    assert clock(session, order, ClockKind.FINISH).paused_since is not None
    service.reply(session, order, "鉴定已出", LEADER)
    service.send_reply_back(session, order, "请补充", LEADER)
    assert order.suspended_at is None
    assert clock(session, order, ClockKind.FINISH).paused_since is None


def test_a_unit_that_has_not_answered_is_not_late_when_the_answer_is_out(session: Session) -> None:
    order = own(session)
    service.accept(session, order, LEADER)
    units.assign(session, order, unit(session), LEADER)
    service.reply(session, order, "已由我们答复", LEADER)
    assert clock(session, order, ClockKind.UNIT).is_running
    service.pass_reply(session, order, LEADER)
    ended = clock(session, order, ClockKind.UNIT)
    assert (ended.is_running, ended.met) == (False, None)
    assert units.parts(session, order)[0].state is UnitState.WITHDRAWN


def test_a_unit_that_has_answered_does_not_begin_again(session: Session) -> None:
    order, office = own(session), unit(session)
    service.accept(session, order, LEADER)
    units.assign(session, order, office, LEADER)
    units.take_reply(session, order, office, "已核实", LEADER)
    with refused("unit_has_begun"):
        units.start(session, order, office, LEADER)


def test_the_same_unit_is_asked_again_in_another_round(session: Session) -> None:
    order, office = own(session), unit(session)
    service.accept(session, order, LEADER)
    units.assign(session, order, office, LEADER)
    units.take_reply(session, order, office, "已核实", LEADER)
    service.reply(session, order, "已核实", LEADER)
    service.pass_reply(session, order, LEADER)
    call_backs.record(session, order, ANGRY, LEADER)
    asked = session.exec(select(OrderRequest)).one()
    requests.approve(session, order, asked.key, LEADER)
    units.assign(session, order, office, LEADER)
    states = [part.state for part in units.parts(session, order)]
    assert states == [UnitState.EARLIER, UnitState.ASSIGNED]
    assert units.parts(session, order)[0].reply == "已核实"
    assert clock(session, order, ClockKind.UNIT).is_running


def test_a_rework_refused_before_the_caller_was_asked_closes_nothing(session: Session) -> None:
    order = replied(session, own(session))
    asked = requests.ask(session, order, RequestKind.REWORK, "回复有误", LEADER)
    requests.refuse(session, order, asked.key, "先回访", LEADER)
    assert order.state is State.CALLBACK
    call_backs.record(session, order, CONTENT, LEADER)
    assert order.state is State.CLOSED


def test_an_unsatisfied_answer_is_kept_though_rework_was_asked_for_before(
    session: Session,
) -> None:
    order = replied(session, own(session))
    requests.ask(session, order, RequestKind.REWORK, "回复有误", LEADER)
    call_backs.record(session, order, ANGRY, LEADER)
    assert order.satisfaction is Satisfaction.DISSATISFIED
    assert len(session.exec(select(OrderRequest)).all()) == 1


def test_a_round_has_one_answer(session: Session) -> None:
    order = replied(session, received(session, platform(session)))
    call_backs.record(session, order, CONTENT, LEADER)
    for again in (ANGRY, Answer(False)):
        with refused("call_back_settled"):
            call_backs.record(session, order, again, LEADER)
    told = session.exec(select(Outgoing.type).order_by(col(Outgoing.id))).all()
    assert told.count("callback") == 1


def test_who_was_never_reached_may_still_say_something(session: Session) -> None:
    order = replied(session, received(session, platform(session)))
    for _ in range(call_backs.MOST_ATTEMPTS):
        call_backs.record(session, order, Answer(False), LEADER)
    with refused("call_back_settled"):
        call_backs.record(session, order, Answer(False), LEADER)
    call_backs.record(session, order, CONTENT, LEADER)
    assert order.satisfaction is Satisfaction.SATISFIED
