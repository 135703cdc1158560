"""The clocks of an order as they are stored, and reckoning them anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from workorders.deadlines.ground import Ground, put
from workorders.deadlines.models import WorkOrderClock, WorkOrderPause
from workorders.deadlines.rules import ClockKind


def clock_of(
    session: Session, order_id: int, kind: ClockKind, unit: int | None = None
) -> WorkOrderClock | None:
    """The clock of the latest round, running or stopped."""
    mine = col(WorkOrderClock.unit_id).is_not_distinct_from(unit)
    query = select(WorkOrderClock).where(
        WorkOrderClock.order_id == order_id, WorkOrderClock.kind == kind, mine
    )
    return session.exec(query.order_by(col(WorkOrderClock.round).desc()).limit(1)).first()


def running_clock(
    session: Session, order_id: int, kind: ClockKind, unit: int | None = None
) -> WorkOrderClock | None:
    """The clock that was not stopped."""
    clock = clock_of(session, order_id, kind, unit)
    return clock if clock is not None and clock.is_running else None


def running(session: Session, order_id: int) -> list[WorkOrderClock]:
    """The clocks of an order that were not stopped, what breaks next first."""
    query = select(WorkOrderClock).where(
        WorkOrderClock.order_id == order_id, col(WorkOrderClock.stopped_at).is_(None)
    )
    return list(session.exec(query.order_by(col(WorkOrderClock.due_at), col(WorkOrderClock.id))))


def heed(clock: WorkOrderClock, given: datetime | None) -> bool:
    """Take a deadline that the platform gave, unless it is an outdated one repeated; whether
    anything is new."""
    if given is None or given in {clock.given_due_at, clock.outdated_due_at}:
        return False
    clock.given_due_at = given
    return True


def pauses_of(
    session: Session, clocks: Iterable[WorkOrderClock]
) -> dict[int, list[WorkOrderPause]]:
    """When each of these clocks stood still, by the clock's id."""
    found: dict[int, list[WorkOrderPause]] = {clock.key: [] for clock in clocks}
    query = select(WorkOrderPause).where(col(WorkOrderPause.clock_id).in_(list(found)))
    for one in session.exec(query.order_by(col(WorkOrderPause.since))) if found else ():
        found[one.clock_id].append(one)
    return found


def reckon_all(session: Session, known: Ground, clocks: list[WorkOrderClock], at: datetime) -> None:
    """Write the deadlines of these clocks anew, each by its rule."""
    pauses = pauses_of(session, clocks)
    for clock in clocks:
        story = known.of_clock(clock, known.rule_of(clock), pauses[clock.key])
        if story is not None:
            put(clock, story, at)
        session.add(clock)
    session.flush()
