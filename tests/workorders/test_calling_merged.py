"""回访 of merged orders; and how several orders are locked."""

from __future__ import annotations

import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.db import transaction
from hotline.errors import Refused
from tests.workorders.orders import LEADER, own, platform, received, remote, replied
from workorders import call_backs, calling_merged, following, merging, moving
from workorders.call_backs import Answer
from workorders.confidential import SYSTEM
from workorders.exchange.models import Outgoing
from workorders.models import Order
from workorders.pages import call_backs_due
from workorders.rules import Satisfaction, State

CONTENT = Answer(True, True, True, Satisfaction.SATISFIED, "谢谢")


@pytest.fixture(autouse=True)
def _queue(redis: Redis) -> None:
    """Doorbells have somewhere to ring."""


def told(session: Session, order: Order) -> list[str]:
    query = select(Outgoing.type).where(Outgoing.order_id == order.key)
    return [kind.value for kind in session.exec(query.order_by(col(Outgoing.id)))]


def family(session: Session, phone: str) -> tuple[Order, Order]:
    """An order of our own and the city's that was merged into it, both answered."""
    city = platform(session)
    caller = {"name": "林晓", "sex": "女", "phone": phone}
    child = received(session, city, caller=caller)
    master = own(session)
    merging.merge(session, child, master, "同一诉求", LEADER)
    replied(session, master)
    return master, child


def listed(session: Session) -> list[str]:
    return [due.row.order.order_no for due in call_backs_due.page(session, SYSTEM, None).rows]


def test_one_caller_is_asked_once_and_both_platforms_hear(session: Session) -> None:
    master, child = family(session, "13800002222")
    assert listed(session) == [master.order_no]
    with pytest.raises(Refused, match="no_call_back"):
        call_backs.record(session, child, CONTENT, LEADER)
    call_backs.record(session, master, CONTENT, LEADER)
    assert told(session, child) == ["accept", "reply", "callback"]
    assert (child.state, child.satisfaction) == (State.MERGED, Satisfaction.SATISFIED)
    assert listed(session) == []


def test_another_caller_is_asked_by_themselves(session: Session) -> None:
    master, child = family(session, "13800009999")
    assert set(listed(session)) == {master.order_no, child.order_no}
    (due,) = (each for each in call_backs_due.page(session, SYSTEM, None).rows
              if each.row.order.key == child.key)  # fmt: skip
    assert due.reply == "已核实并整改，已电话告知诉求人。"
    call_backs.record(session, master, CONTENT, LEADER)
    assert told(session, child) == ["accept", "reply"]
    call_backs.record(session, child, Answer(False), LEADER)
    assert listed(session) == [child.order_no]
    angry = Answer(True, True, False, Satisfaction.DISSATISFIED, "没有退费")
    call_backs.record(session, child, angry, LEADER)
    assert told(session, child)[-1] == "callback"
    assert (child.state, child.satisfaction) == (State.MERGED, Satisfaction.DISSATISFIED)
    assert listed(session) == []


def test_who_is_not_answered_yet_or_done_with_is_not_asked(session: Session) -> None:
    city = platform(session)
    child, master = received(session, city), own(session)
    merging.merge(session, child, master, "同一诉求", LEADER)
    assert not calling_merged.is_waiting(session, child)
    replied(session, master)
    assert calling_merged.is_waiting(session, child)
    following.follow(session, city, remote(version=2, status="50"), now())
    assert not calling_merged.is_waiting(session, child), "the platform has asked itself"
    ours = own(session)
    merging.merge(session, ours, own(session), "同一诉求", LEADER)
    assert not calling_merged.is_waiting(session, ours)


def test_whoever_takes_one_has_the_whole_family(committed: str) -> None:
    with transaction() as session:
        first, second, other = own(session), own(session), own(session)
        merging.merge(session, first, second, "同一诉求", LEADER)
        keys = {first.order_no: first.key, second.order_no: second.key}
        alone = other.key
    for number in keys:
        with transaction() as session:
            moving.locked(session, number)
            for key in keys.values():
                assert not may_be_locked(key)
            assert may_be_locked(alone)


def may_be_locked(key: int) -> bool:
    try:
        with transaction() as session:
            session.execute(text("SELECT FROM work_order WHERE id = :key FOR UPDATE NOWAIT"),
                            {"key": key})  # fmt: skip
    except OperationalError:
        return False
    return True
