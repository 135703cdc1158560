"""撤销并单: an order that was put to another one is handled by itself again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, exists, select

from workorders import moving, timing
from workorders.actors import SYSTEM, Actor
from workorders.exchange.models import Outgoing
from workorders.models import Order
from workorders.platforms.wire import EventType
from workorders.rules import SELF, State, Step
from workorders.service import required

ANSWERS = (EventType.REPLY, EventType.REWORK_DONE)


def split(session: Session, order: Order, reason: str, actor: Actor) -> None:
    """Take a locked order out of its master: it was put there by mistake. Raises Refused."""
    actor.require(Step.SPLIT, order)
    _take_out(session, order, required(reason, "reason", "请填写撤销并单的理由。", 500), actor)


def free_unanswered(session: Session, master: Order, at: datetime) -> None:
    """A master that is over without an answer lets go of the orders that waited for it: nobody
    else would answer them."""
    told = exists().where(col(Outgoing.order_id) == col(Order.id), col(Outgoing.type).in_(ANSWERS))
    query = select(Order).where(col(Order.master_id) == master.key, ~told).order_by(col(Order.id))
    for each in session.exec(query.with_for_update()):
        if each.platform == SELF and master.replied_at and master.state is not State.RETURNED:
            continue
        words = f"主单 {master.order_no} {master.state.label}，这张工单恢复单独办理。"
        _take_out(session, each, words, SYSTEM, at=at)


def _take_out(
    session: Session, order: Order, words: str, actor: Actor, *, at: datetime | None = None
) -> None:
    if order.state is State.MERGED:  # else ``move`` refuses, and nothing may have changed
        order.master_id = None
    moving.move(session, order, Step.SPLIT, actor, at=at, content=words)
    timing.split_off(session, order)
