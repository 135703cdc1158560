"""What hangs on an order that leaves the hands of those who handle it: a suspension ends, units'
unfinished parts are taken back, requests that can no longer be granted lapse. And how it comes
back for another round."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from workorders import timing
from workorders.models import Order, OrderRequest, OrderUnit
from workorders.rules import HANDLING, OVER, REQUEST_IN, RequestKind, RequestState, State, UnitState

_UNFINISHED = (UnitState.ASSIGNED, UnitState.IN_PROGRESS)


def resume(session: Session, order: Order, target: State, at: datetime) -> None:
    """Nothing is suspended that is not handled: clocks that stood still for it go on."""
    if order.suspended_at is not None and target not in HANDLING:
        order.suspended_at = None
        timing.request_over(session, order, RequestKind.SUSPEND, at)


def take_back_parts(session: Session, order: Order, target: State, at: datetime) -> None:
    """What units have not finished when the answer is out, or the order is over, is theirs no more:
    nobody escalates it."""
    if target is not State.CALLBACK and target not in OVER:
        return
    query = select(OrderUnit).where(
        OrderUnit.order_id == order.key, col(OrderUnit.state).in_(_UNFINISHED)
    )
    for part in session.exec(query.with_for_update()):
        part.state, part.settled_at = UnitState.WITHDRAWN, at
        session.add(part)
    timing.units_over(session, order, at)


def begin_round(session: Session, order: Order, at: datetime) -> None:
    """重办: another round with clocks of its own. What units replied stays with the round before,
    so that the same unit can be asked again."""
    order.round += 1
    query = select(OrderUnit).where(
        OrderUnit.order_id == order.key, OrderUnit.state == UnitState.REPLIED
    )
    for part in session.exec(query.with_for_update()):
        part.state = UnitState.EARLIER
        session.add(part)
    timing.reworked(session, order, at)


def lapsed(session: Session, order: Order, target: State, at: datetime) -> list[OrderRequest]:
    """The requests that an order in this state cannot be granted: they are settled here."""
    states = [RequestState.APPROVED] if target in OVER else []
    if states or target is State.CALLBACK:
        states.append(RequestState.ASKED)
    query = select(OrderRequest).where(
        OrderRequest.order_id == order.key, col(OrderRequest.state).in_(states)
    )
    found = [
        request for request in (session.exec(query.with_for_update()) if states else ())
        if target not in REQUEST_IN[request.kind]
    ]  # fmt: skip
    for request in found:
        request.state, request.decided_at = RequestState.WITHDRAWN, request.decided_at or at
        request.decision = request.decision or f"工单{target.label}，申请不再需要。"
        session.add(request)
    return found
