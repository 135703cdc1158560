"""An order, its timeline and its exchange, as a reader at a machine door may see them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlmodel import Session, col, select

from hotline import phone
from workorders import confidential
from workorders.confidential import HIDDEN, Reader
from workorders.exchange import lost
from workorders.exchange.forms import (
    ArrivalOut,
    AttemptOut,
    EventOut,
    ExchangeOut,
    OrderDetailOut,
    OrderOut,
    StepOut,
)
from workorders.exchange.models import Exchange, Incoming, Outgoing
from workorders.models import Order, OrderStep

MOST_ROWS = 5_000
_SAME = set(OrderOut.model_fields) - {
    "state_label", "title", "place", "target", "caller_name", "caller_phone", "master_no",
}  # fmt: skip


def orders_out(session: Session, orders: list[Order], reading: Reader) -> list[dict[str, Any]]:
    """The fields of ``OrderOut``, of each."""
    masters = select(Order.id, Order.order_no).where(
        col(Order.id).in_({order.master_id for order in orders if order.master_id})
    )
    numbers = dict(session.exec(masters).all())
    return [order_out(order, reading, numbers.get(order.master_id)) for order in orders]


def order_out(order: Order, reading: Reader, master_no: str | None) -> dict[str, Any]:
    """The fields of ``OrderOut``."""
    said = confidential.content(order, reading)
    return {name: getattr(order, name) for name in _SAME} | {
        "state_label": order.state.label,
        "master_no": master_no,
        **{name: said[name] for name in ("title", "place", "target")},
        **{name: said[name] for name in ("caller_name", "caller_phone")},
    }


def order_detail(session: Session, order: Order, reading: Reader) -> OrderDetailOut:
    """One order with what happened to it and what was said about it."""
    said = confidential.content(order, reading)
    is_open = confidential.can_read(order, reading)
    (said_of,) = orders_out(session, [order], reading)
    return OrderDetailOut(
        **said_of,
        content=said["content"],
        reply=said["reply"],
        public_reply=said["public_reply"],
        timeline=_timeline(session, order, is_open),
        exchange=ExchangeOut(
            sent=_sent(session, order, is_open), received=_received(session, order, is_open)
        ),
    )


def _timeline(session: Session, order: Order, is_open: bool) -> list[StepOut]:
    query = select(OrderStep).where(OrderStep.order_id == order.key)
    rows = session.exec(query.order_by(col(OrderStep.at), col(OrderStep.id)).limit(MOST_ROWS))
    return [_step(row, is_open) for row in rows]


def _step(row: OrderStep, is_open: bool) -> StepOut:
    words = _said(row.content, is_open) or ""
    return StepOut(
        at=row.at, step=row.step, before=row.before, after=row.after, origin=row.origin,
        by=row.person_name, content=words, detail=row.detail if is_open else {},
    )  # fmt: skip


def _said(words: str | None, is_open: bool) -> str | None:
    """What a person or a platform wrote: it may be about the caller."""
    if not words:
        return words
    return phone.redact(words) if is_open else HIDDEN


def _sent(session: Session, order: Order, is_open: bool) -> list[EventOut]:
    query = select(Outgoing).where(Outgoing.order_id == order.key)
    query = query.options(lost.NO_BODY).order_by(col(Outgoing.id))
    rows = session.exec(query.limit(MOST_ROWS)).all()
    tries = _attempts(session, [row.key for row in rows], is_open)
    return [
        EventOut(
            event_id=str(row.event_id), type=row.type, state=row.state,
            created_at=row.created_at, settled_at=row.settled_at,
            last_error=_said(row.last_error, is_open), attempts=tries[row.key],
        )
        for row in rows
    ]  # fmt: skip


def _attempts(session: Session, outgoing: list[int], is_open: bool) -> dict[int, list[AttemptOut]]:
    query = select(Exchange).where(col(Exchange.outgoing_id).in_(outgoing))
    found: dict[int, list[AttemptOut]] = defaultdict(list)
    query = query.options(lost.NO_ANSWER).order_by(col(Exchange.id))
    for row in session.exec(query.limit(MOST_ROWS)):
        found[row.outgoing_id or 0].append(
            AttemptOut(
                at=row.at, attempt=row.attempt, outcome=row.outcome, status=row.status,
                milliseconds=row.milliseconds, error=_said(row.error, is_open),
            )
        )  # fmt: skip
    return found


def _received(session: Session, order: Order, is_open: bool) -> list[ArrivalOut]:
    query = select(Incoming).where(
        Incoming.platform == order.platform, Incoming.order_id == order.key
    )
    rows = session.exec(query.options(lost.NO_RAW).order_by(col(Incoming.id)).limit(MOST_ROWS))
    return [
        ArrivalOut(
            received_at=row.received_at, via=row.via, version=row.version, state=row.state,
            reason=_said(row.reason, is_open), times=row.times,
        )
        for row in rows
    ]  # fmt: skip
