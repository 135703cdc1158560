"""Which clocks are to be warned of, and which broke: marked once, and brought before people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import live
from hotline.agents.rules import Role
from workorders import moving
from workorders.actors import SYSTEM
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.deadlines.service import why
from workorders.rules import Step

BATCH = 200
ESCALATED_TO = Role.SUPERVISOR

# Whoever works on an order has its clocks: those are looked at the next time.
_WARN = text(
    """
    UPDATE work_order_clock SET warned_at = :at WHERE id IN (
        SELECT id FROM work_order_clock
        WHERE stopped_at IS NULL AND warned_at IS NULL AND paused_since IS NULL AND warn_at <= :at
        ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED)
    """
)


def warn(session: Session, at: datetime) -> int:
    """Mark up to ``BATCH`` clocks that are due soon; how many."""
    marked: int = session.execute(_WARN, {"at": at, "batch": BATCH}).rowcount  # type: ignore[attr-defined]
    if marked:
        moving.tell(session)
    return marked


def overdue_orders(session: Session, at: datetime) -> list[int]:
    """The orders with a clock that broke and that nobody was told of."""
    query = select(WorkOrderClock.order_id).where(*_broken(at)).distinct()
    return sorted(session.exec(query))


def escalate(session: Session, order_id: int, at: datetime) -> int:
    """Write what broke into the order's timeline and tell the supervisors; how many clocks."""
    order = moving.locked_by_id(session, order_id)
    mine = (WorkOrderClock.order_id == order_id, *_broken(at))
    clocks = session.exec(select(WorkOrderClock).where(*mine).order_by(col(WorkOrderClock.due_at)))
    told = 0
    for clock in clocks.all():
        clock.escalated_at = at
        clock.warned_at = clock.warned_at or at
        session.add(clock)
        words = f"{clock.kind.label}超时，已升级给{ESCALATED_TO.label}。{why(clock)}"
        detail = {"clock": clock.kind.value, "to": ESCALATED_TO.value}
        moving.note(session, order, Step.OVERDUE, SYSTEM, at=at, content=words,
                    unit_id=clock.unit_id, detail=detail)  # fmt: skip
        told += 1
    if told:
        live.publish(session, f"role:{ESCALATED_TO.value}", "orders", {})
    return told


def _broken(at: datetime) -> list[Any]:
    return [
        col(WorkOrderClock.stopped_at).is_(None),
        # Until when an order may be returned is a right: nobody is late when it is over.
        col(WorkOrderClock.kind) != ClockKind.RETURN_BY,
        col(WorkOrderClock.paused_since).is_(None),
        col(WorkOrderClock.escalated_at).is_(None),
        col(WorkOrderClock.escalate_at) <= at,
    ]
