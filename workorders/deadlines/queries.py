"""Reads: what breaks next, and the clocks of many orders at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.web import Page, decode_cursor, encode_cursor
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.deadlines.service import why
from workorders.models import Order, Unit

PAGE = 50
CAP = 1000


@dataclass(frozen=True)
class Scope:
    """Which clocks a list is about; what is None does not matter."""

    platform: str | None = None
    clock: ClockKind | None = None
    unit_id: int | None = None
    handler_id: int | None = None
    overdue: bool = False


@dataclass(frozen=True)
class Breaking:
    """A running clock with its order, for a list sorted by what breaks next."""

    clock: WorkOrderClock
    order: Order
    unit: str | None

    @property
    def why(self) -> str:
        """Why it is due then."""
        return why(self.clock)

    def tone(self, at: datetime) -> str:
        """``danger`` when it broke, ``soon`` when it was warned of, ``quiet`` while it waits."""
        return tone(self.clock, at)


def tone(clock: WorkOrderClock, at: datetime) -> str:
    """How much a running clock presses."""
    if clock.paused_since:
        return "quiet"
    if clock.due_at < at:
        return "danger"
    return "soon" if clock.warn_at <= at else ""


def what_breaks_next(
    session: Session, scope: Scope, cursor: str | None = None, size: int = PAGE
) -> Page[Breaking]:
    """Running clocks, those that broke first, then what breaks next. One that stands still is
    listed where it would fall."""
    query = (
        select(WorkOrderClock, Order, Unit.name)
        .join(Order, col(Order.id) == col(WorkOrderClock.order_id))
        .outerjoin(Unit, col(Unit.id) == col(WorkOrderClock.unit_id))
        .where(*_conditions(scope))
        .order_by(col(WorkOrderClock.due_at), col(WorkOrderClock.id))
        .limit(size + 1)
    )
    if after := decode_cursor(cursor, 2):
        mark = (datetime.fromisoformat(after[0]), int(after[1]))
        query = query.where(_after(*mark))
    found = [Breaking(*row) for row in session.exec(query)]
    rows, more = found[:size], len(found) > size
    last = rows[-1].clock if more else None
    following = encode_cursor(last.due_at.isoformat(), last.key) if last else None
    total = count(session, scope)
    return Page(rows, following, min(total, CAP), total > CAP)


def _after(due_at: datetime, clock_id: int) -> Any:
    same = (col(WorkOrderClock.due_at) == due_at) & (col(WorkOrderClock.id) > clock_id)
    return (col(WorkOrderClock.due_at) > due_at) | same


def count(session: Session, scope: Scope) -> int:
    """How many clocks run in this scope, up to ``CAP`` and one more."""
    inner = (
        select(WorkOrderClock.id)
        .join(Order, col(Order.id) == col(WorkOrderClock.order_id))
        .where(*_conditions(scope))
        .limit(CAP + 1)
        .subquery()
    )
    return session.exec(select(func.count()).select_from(inner)).one()


def _conditions(scope: Scope) -> list[Any]:
    wanted: list[Any] = [col(WorkOrderClock.stopped_at).is_(None)]
    for column, value in (
        (Order.platform, scope.platform),
        (WorkOrderClock.kind, scope.clock),
        (WorkOrderClock.unit_id, scope.unit_id),
        (Order.handler_id, scope.handler_id),
    ):
        if value is not None:
            wanted.append(col(column) == value)
    if scope.clock is None:  # no duty, so nothing breaks: only who asks for it sees it
        wanted.append(col(WorkOrderClock.kind) != ClockKind.RETURN_BY)
    if scope.overdue:
        wanted += [col(WorkOrderClock.due_at) < now(), col(WorkOrderClock.paused_since).is_(None)]
    return wanted


def clocks_of(session: Session, order_id: int) -> list[WorkOrderClock]:
    """Every clock of an order, all rounds, in the order in which they started."""
    query = select(WorkOrderClock).where(WorkOrderClock.order_id == order_id)
    return list(
        session.exec(query.order_by(col(WorkOrderClock.started_at), col(WorkOrderClock.id)))
    )
