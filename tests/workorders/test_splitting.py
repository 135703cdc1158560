"""An order that was merged is never forgotten with its master."""

import pytest
from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.errors import Refused
from tests.people import make_person
from tests.workorders.orders import LEADER, agent, own, platform, received, remote, replied
from workorders import call_backs, following, merging, requests, service, splitting
from workorders.call_backs import Answer
from workorders.deadlines.models import WorkOrderClock
from workorders.exchange.models import Outgoing
from workorders.models import Order, OrderRequest, Platform
from workorders.rules import Satisfaction, State


def merged(session: Session) -> tuple[Order, Order]:
    """A province's order that follows the city's."""
    city, province = platform(session), platform(session, "province")
    master = received(session, city)
    child = received(session, province, no="JS-1", status="WAIT_SIGN")
    merging.merge(session, child, master, "同一诉求", LEADER)
    return master, child


def told(session: Session, order: Order) -> list[str]:
    query = select(Outgoing.type).where(Outgoing.order_id == order.key)
    return [kind.value for kind in session.exec(query.order_by(col(Outgoing.id)))]


def running(session: Session, order: Order) -> list[WorkOrderClock]:
    query = select(WorkOrderClock).where(
        WorkOrderClock.order_id == order.key, col(WorkOrderClock.stopped_at).is_(None)
    )
    return list(session.exec(query))


def test_a_merge_by_mistake_is_undone(session: Session) -> None:
    master, child = merged(session)
    with pytest.raises(Refused, match=r"^reason_needed:"):
        splitting.split(session, child, " ", LEADER)
    splitting.split(session, child, "另一家医院的事", LEADER)
    assert (child.state, child.master_id) == (State.ACCEPTED, None)
    (clock,) = running(session, child)
    assert clock.started_at == child.received_at
    replied(session, master)
    assert told(session, child) == ["accept"]
    with pytest.raises(Refused, match=r"^step_not_possible:"):
        splitting.split(session, child, "再撤销", LEADER)


def test_only_a_supervisor_undoes_it(session: Session) -> None:
    person = make_person(session)
    master = own(session)
    child = own(session, agent(person.key))
    merging.merge(session, child, master, "同一诉求", agent(person.key))
    with pytest.raises(Refused, match=r"^not_your_order:"):
        splitting.split(session, child, "不是一件事", agent(person.key))
    assert child.master_id == master.key


@pytest.mark.parametrize(("status", "state"), [("70", State.RETURNED), ("50", State.CLOSED)])
def test_a_master_that_goes_unanswered_lets_go(session: Session, status: str, state: State) -> None:
    master, child = merged(session)
    city = session.get_one(Platform, "city")
    following.follow(session, city, remote(version=2, status=status), now())
    session.refresh(child)
    assert (master.state, child.state) == (state, State.ACCEPTED)
    assert running(session, child)


def test_a_second_round_of_the_master_is_not_told_to_who_asked_for_none(session: Session) -> None:
    master = own(session)
    child = received(session, platform(session))
    merging.merge(session, child, master, "同一诉求", LEADER)
    replied(session, master)
    angry = Answer(True, True, False, Satisfaction.DISSATISFIED, "没有退费")
    call_backs.record(session, master, angry, LEADER)
    asked = session.exec(select(OrderRequest)).one()
    requests.approve(session, master, asked.key, LEADER)
    service.reply(session, master, "已退费", LEADER)
    service.pass_reply(session, master, LEADER)
    assert told(session, child) == ["accept", "reply"]
