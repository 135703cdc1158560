"""The one place where an order's state changes, and where its timeline is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import or_
from sqlmodel import Session, col, select

from hotline import audit, live
from hotline.clock import now
from hotline.errors import Refused
from workorders import leaving, rules
from workorders.actors import SYSTEM, Actor
from workorders.models import Order, OrderStep
from workorders.rules import Origin, State, Step


class Telling(TypedDict, total=False):
    """What a line of the timeline says besides its step; ``at`` is now unless said."""

    at: datetime | None
    content: str | None
    unit_id: int | None
    detail: dict[str, Any] | None


def locked(session: Session, order_no: str) -> Order:
    """The order with this number, fresh, locked for a step. Raises Refused 404."""
    return _one(session, Order.order_no == order_no)


def locked_by_id(session: Session, order_id: int) -> Order:
    """The same by its id."""
    return _one(session, Order.id == order_id)


def lock_in_turn(session: Session, *conditions: Any) -> None:
    """Lock orders with their masters and with whoever is merged into the same, by their ids: who
    locks several in an order of their own would wait for one who waits for them."""
    found = session.exec(select(Order.id, Order.master_id).where(*conditions)).all()
    keys = {key for pair in found for key in pair if key is not None}
    if keys:
        together = or_(col(Order.id).in_(keys), col(Order.master_id).in_(keys))
        query = select(Order.id).where(together).order_by(col(Order.id))
        session.exec(query.with_for_update()).all()


def _one(session: Session, condition: Any) -> Order:
    lock_in_turn(session, condition)
    query = select(Order).where(condition).with_for_update()
    order = session.exec(query.execution_options(populate_existing=True)).first()
    if order is None:
        raise Refused("order_unknown", "没有这张工单，请核对工单号。", 404)
    return order


def move(
    session: Session, order: Order, step: Step, actor: Actor, **said: Unpack[Telling]
) -> OrderStep:
    """Do a step to a locked order. Raises Refused when its state or the person does not allow."""
    actor.require(step, order)
    target = rules.after(order.state, step)
    if target is None:
        raise Refused(
            "step_not_possible",
            f"工单现在是“{order.state.label}”，不能{step.label}。请刷新页面查看最新状态。",
            409,
        )
    return put(session, order, step, target, actor, **said)


def put(
    session: Session,
    order: Order,
    step: Step,
    target: State,
    actor: Actor,
    **said: Unpack[Telling],
) -> OrderStep:
    """Bring an order to a state that a rule has named; ``move`` and ``following`` ask the rules."""
    moment, before = said.get("at") or now(), order.state
    order.state, order.updated_at = target, now()
    _stamp(order, target, moment)
    session.add(order)
    line = note(session, order, step, actor, before=before, **said | {"at": moment})
    if target is not before:
        _leave(session, order, target, moment)
    return line


def _leave(session: Session, order: Order, target: State, at: datetime) -> None:
    leaving.resume(session, order, target, at)
    leaving.take_back_parts(session, order, target, at)
    for request in leaving.lapsed(session, order, target, at):
        note(session, order, Step.REQUEST_WITHDRAWN, SYSTEM, at=at, content=request.decision,
             detail={"request": request.kind.value})  # fmt: skip


def _stamp(order: Order, target: State, at: datetime) -> None:
    if target is State.CALLBACK:
        order.replied_at = at
    if target in (State.CLOSED, State.ARCHIVED, State.RETURNED):
        order.closed_at = order.closed_at or at
    if target is State.ARCHIVED:
        order.archived_at = at
    if target in rules.OPEN:
        order.closed_at = order.archived_at = None


def note(
    session: Session,
    order: Order,
    step: Step,
    actor: Actor,
    *,
    before: State | None = None,
    **said: Unpack[Telling],
) -> OrderStep:
    """Add a line to the timeline, to the audit log when a person did it, and tell the pages."""
    line = OrderStep(
        order_id=order.key,
        at=said.get("at") or now(),
        step=step,
        before=before or order.state,
        after=order.state,
        origin=actor.origin,
        person_id=actor.person_id,
        person_name=actor.name,
        address=actor.address,
        unit_id=said.get("unit_id"),
        content=said.get("content"),
        detail=said.get("detail") or {},
        is_demo=order.is_demo,
    )
    session.add(line)
    if step is not Step.FILED:  # it has just been written
        order.updated_at = now()
    session.flush()
    if actor.origin is Origin.PERSON:
        audit.record(session, audit.Action.RECORD_CHANGED, order.subject,
                     detail={"step": step.label, "state": order.state.label})  # fmt: skip
    tell(session)
    return line


def tell(session: Session) -> None:
    """Everybody who looks at orders looks again; which order it was is not their business."""
    live.publish(session, "orders", "orders", {})
