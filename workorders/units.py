"""承办单位: an order, or a part of it, is theirs for a while."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.errors import Refused
from workorders import moving, timing
from workorders.actors import Actor
from workorders.exchange.outbox import tell_platform
from workorders.models import Order, OrderUnit, Unit
from workorders.platforms.wire import EventType
from workorders.rules import Step, UnitState
from workorders.service import required

WITH_THEM = (UnitState.ASSIGNED, UnitState.IN_PROGRESS, UnitState.REPLIED)


def assign(
    session: Session,
    order: Order,
    unit: Unit,
    actor: Actor,
    *,
    instruction: str = "",
    due_at: datetime | None = None,
    is_main: bool = True,
) -> OrderUnit:
    """派单. A new main unit takes the order from the one before; others help beside it."""
    session.refresh(unit, with_for_update={"read": True})  # it is not stopped meanwhile
    if not unit.is_active:
        raise Refused("unit_inactive", f"{unit.name}已停用，请选择其他承办单位。",
                      fields={"unit": "该单位已停用。"})  # fmt: skip
    if due_at is not None and due_at <= now():
        raise Refused("due_past", "单位的办理时限应晚于现在。", fields={"due_at": "应晚于现在。"})
    if _part(session, order, unit) is not None:
        raise Refused("unit_has_it", f"{unit.name}已在办理这张工单。", 409)
    if is_main:
        _take_from_main(session, order)
        order.unit_id = unit.key
    part = OrderUnit(
        order_id=order.key, unit_id=unit.key, is_main=is_main, due_at=due_at,
        instruction=instruction.strip()[:1000] or None, assigned_by=actor.person_id,
        is_demo=order.is_demo,
    )  # fmt: skip
    session.add(part)
    moving.move(session, order, Step.ASSIGN, actor, unit_id=unit.key, content=part.instruction)
    timing.assigned(session, order, part)
    tell_platform(session, order, EventType.ASSIGN, actor, unit=unit.name,
                  content=part.instruction)  # fmt: skip
    return part


def start(session: Session, order: Order, unit: Unit, actor: Actor) -> None:
    """The unit has begun."""
    part = require_part(session, order, unit)
    if part.state is not UnitState.ASSIGNED:
        raise Refused(
            "unit_has_begun", f"{unit.name}的状态是“{part.state.label}”，请刷新页面。", 409
        )
    part.state = UnitState.IN_PROGRESS
    moving.move(session, order, Step.UNIT_STARTED, actor, unit_id=unit.key)


def take_reply(session: Session, order: Order, unit: Unit, content: str, actor: Actor) -> None:
    """What the unit answered; the order's own reply is written from it."""
    words = required(content, "content", "请填写承办单位的回复。")
    part = require_part(session, order, unit)
    part.state, part.reply, part.settled_at = UnitState.REPLIED, words, now()
    moving.move(session, order, Step.UNIT_REPLIED, actor, unit_id=unit.key, content=words)
    timing.unit_done(session, order, part)


def take_back(session: Session, order: Order, unit: Unit, reason: str, actor: Actor) -> None:
    """The unit returns the order to us: not theirs."""
    words = required(reason, "reason", "请填写承办单位退回的原因。", 1000)
    part = require_part(session, order, unit)
    part.state, part.settled_at = UnitState.RETURNED, now()
    if order.unit_id == unit.key:
        order.unit_id = None
    moving.move(session, order, Step.UNIT_RETURNED, actor, unit_id=unit.key, content=words)
    timing.unit_done(session, order, part)


def require_part(session: Session, order: Order, unit: Unit) -> OrderUnit:
    """The unit's open part of an order. Raises Refused."""
    part = _part(session, order, unit)
    if part is None:
        raise Refused("unit_has_it_not", f"这张工单不在{unit.name}，请刷新页面。", 409)
    return part


def parts(session: Session, order: Order) -> list[OrderUnit]:
    """Every unit's part of an order, the first one first."""
    query = select(OrderUnit).where(OrderUnit.order_id == order.key)
    return list(session.exec(query.order_by(col(OrderUnit.assigned_at), col(OrderUnit.id))))


def _part(session: Session, order: Order, unit: Unit) -> OrderUnit | None:
    query = select(OrderUnit).where(
        OrderUnit.order_id == order.key,
        OrderUnit.unit_id == unit.key,
        col(OrderUnit.state).in_(WITH_THEM),
    )
    return session.exec(query.with_for_update()).first()


def _take_from_main(session: Session, order: Order) -> None:
    """The main unit before keeps what it replied; what it has not begun or done is taken back."""
    query = select(OrderUnit).where(
        OrderUnit.order_id == order.key,
        col(OrderUnit.is_main),
        col(OrderUnit.state).in_(WITH_THEM),
    )
    for part in session.exec(query.with_for_update()):
        part.is_main = False
        if part.state is not UnitState.REPLIED:
            part.state, part.settled_at = UnitState.WITHDRAWN, now()
            timing.unit_done(session, order, part)
        session.add(part)
