"""回访 of merged orders: each platform waits for what its own caller says. Who asked for the order
and for its master is asked once, and both are told; another caller is asked by themselves."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, select

from workorders.exchange.models import Outgoing
from workorders.handing_out import ANSWERS, TOLD
from workorders.models import Order, Platform
from workorders.platforms.wire import EventType
from workorders.rules import SELF, Meaning, State

_OVER = (Meaning.DONE.value, Meaning.FILED.value, Meaning.BACKED.value)


def waits() -> ColumnElement[bool]:
    """As a condition on ``work_order``: its caller is to be asked how it went."""
    return or_(col(Order.state) == State.CALLBACK, and_(*_answered(), ~_asked_with_master()))


def is_waiting(session: Session, order: Order) -> bool:
    """The same of one order."""
    query = select(Order.id).where(Order.id == order.key, waits())
    return session.exec(query).first() is not None


def of_the_same_caller(session: Session, master: Order) -> list[Order]:
    """The merged orders whose caller is the master's, that their platforms wait to hear of."""
    if master.phone_hash is None:
        return []
    query = select(Order).where(
        Order.master_id == master.key, Order.phone_hash == master.phone_hash, *_answered()
    )
    return list(session.exec(query.order_by(col(Order.id)).with_for_update()))


def _answered() -> tuple[ColumnElement[bool], ...]:
    """Its platform was given the answer, has not heard of a call-back, and is not done with it."""
    told = exists().where(col(Outgoing.order_id) == col(Order.id))
    there = (
        select(col(Platform.mapping)[col(Order.remote_status)].astext)
        .where(Platform.code == Order.platform)
        .correlate(Order)
        .scalar_subquery()
    )
    return (
        col(Order.state) == State.MERGED,
        col(Order.platform) != SELF,
        told.where(col(Outgoing.type).in_(ANSWERS), col(Outgoing.state).in_(TOLD)),
        ~told.where(col(Outgoing.type) == EventType.CALLBACK),
        there.is_(None) | there.not_in(_OVER),
    )


def _asked_with_master() -> ColumnElement[bool]:
    master = aliased(Order)
    return exists().where(
        col(master.id) == col(Order.master_id),
        col(master.state) == State.CALLBACK,
        col(master.phone_hash) == col(Order.phone_hash),
    )
