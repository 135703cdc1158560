"""The clocks of an order: started, stopped, stood still, put off, explained. The order's row is
locked by whoever calls (``workorders.moving.locked``); instants are aware."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session

from workorders.deadlines.clocks import (
    clock_of,
    heed,
    pauses_of,
    reckon_all,
    running,
    running_clock,
)
from workorders.deadlines.delays import (
    close,
    extend,
    extended_until,
    pause,
    require_extension,
    require_return,
    resume,
)
from workorders.deadlines.ground import Timed, ground, written
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.reckoning import Course
from workorders.deadlines.rules import ClockKind

__all__ = [
    "Timed",
    "begin",
    "clock_of",
    "drop",
    "extend",
    "extended_until",
    "pause",
    "renew",
    "require_extension",
    "require_return",
    "restart",
    "resume",
    "running",
    "start",
    "stop",
    "why",
]

_ADD = insert(WorkOrderClock.__table__)  # type: ignore[attr-defined]
_TOLD = [name for name in WorkOrderClock.model_fields if name != "id"]


def start(
    session: Session,
    order: Timed,
    kind: ClockKind,
    at: datetime,
    *,
    remote_due: datetime | None = None,
    unit: int | None = None,
) -> WorkOrderClock | None:
    """Start a clock once: what was started before is given back, with a new ``remote_due`` heeded.

    ``remote_due`` is the deadline that the platform gave, or for a unit whoever assigned it.
    None where neither a rule nor anybody else gives a deadline. A unit's clock without either
    ends with the order's 办结.
    """
    have = clock_of(session, order.key, kind, unit)
    if have is None:
        return _begin(session, order, kind, at, remote_due, unit)
    if have.is_running and heed(have, remote_due):
        reckon_all(session, ground(session), [have], at)
    return have


def restart(
    session: Session,
    order: Timed,
    kind: ClockKind,
    at: datetime,
    *,
    remote_due: datetime | None = None,
    unit: int | None = None,
) -> WorkOrderClock | None:
    """A new clock for another round (重办, dispatched or assigned again). The one before is kept;
    if it still runs it is stopped now. A ``remote_due`` that was the last round's and is over
    does not bind this one."""
    stop(session, order, kind, at, unit=unit)
    have = clock_of(session, order.key, kind, unit)
    if have is None:
        return _begin(session, order, kind, at, remote_due, unit)
    last = {have.given_due_at, have.outdated_due_at}
    is_over = remote_due is not None and remote_due in last and remote_due <= at
    clock = _begin(session, order, kind, at, None if is_over else remote_due, unit, have.round + 1)
    if clock is not None and is_over:
        clock.outdated_due_at = remote_due
    return clock


def begin(
    session: Session, order: Timed, due: Mapping[ClockKind, datetime | None], at: datetime
) -> None:
    """The first clocks of an order just filed, each with the deadline somebody else gave. What is
    there is not looked for: thousands of orders may come at once after an outage."""
    known, clocks = ground(session), []
    for kind, given in due.items():
        story = known.tell(kind, known.choose(order, kind, at), Course(at, given))
        if story is not None:
            clocks.append(
                WorkOrderClock(order_id=order.key, kind=kind, round=1, started_at=at,
                               given_due_at=given, **written(story))
            )  # fmt: skip
    if clocks:  # sent off together, which flushing them would not do
        session.execute(_ADD, [{name: getattr(each, name) for name in _TOLD} for each in clocks])


def _begin(
    session: Session,
    order: Timed,
    kind: ClockKind,
    at: datetime,
    given: datetime | None,
    unit: int | None,
    turn: int = 1,
) -> WorkOrderClock | None:
    known = ground(session)
    rule = known.choose(order, kind, at)
    if rule is None and given is None and kind is ClockKind.UNIT:
        finish = running_clock(session, order.key, ClockKind.FINISH)
        given = finish.due_at if finish else None
    story = known.tell(kind, rule, Course(at, given))
    if story is None:
        return None
    clock = WorkOrderClock(
        order_id=order.key, unit_id=unit, kind=kind, round=turn, started_at=at,
        given_due_at=given, **written(story),
    )  # fmt: skip
    session.add(clock)
    session.flush()
    return clock


def stop(
    session: Session, order: Timed, kind: ClockKind, at: datetime, *, unit: int | None = None
) -> WorkOrderClock | None:
    """What was timed is done: the clock says whether in time. None where none runs."""
    clock = running_clock(session, order.key, kind, unit)
    if clock is None:
        return None
    _end(session, [clock], at)
    clock.met = at <= clock.due_at
    session.flush()
    return clock


def drop(session: Session, order: Timed, at: datetime, *, only: ClockKind | None = None) -> None:
    """Let every running clock of an order (or those of one kind) go unjudged: it was returned,
    merged or withdrawn."""
    clocks = running(session, order.key)
    _end(session, [clock for clock in clocks if only in (None, clock.kind)], at)
    session.flush()


def _end(session: Session, clocks: list[WorkOrderClock], at: datetime) -> None:
    pauses = pauses_of(session, clocks)
    for clock in clocks:
        close(session, pauses[clock.key], at)
        clock.paused_since = None
    session.flush()
    reckon_all(session, ground(session), [clock for clock in clocks if pauses[clock.key]], at)
    for clock in clocks:
        clock.stopped_at = max(at, clock.started_at)
        session.add(clock)


def renew(
    session: Session, order: Timed, at: datetime, *, remote_due: datetime | None = None
) -> None:
    """The order changed (kind, urgency): running clocks are reckoned by the rule that fits it now,
    each from its own start. ``remote_due``: the platform's deadline for 办结, where it changed."""
    known, clocks = ground(session), running(session, order.key)
    for clock in clocks:
        if clock.kind is ClockKind.FINISH:
            heed(clock, remote_due)
        rule = known.choose(order, clock.kind, clock.started_at)
        clock.rule_id = rule.id if rule else clock.rule_id
    reckon_all(session, known, clocks, at)


def why(clock: WorkOrderClock) -> str:
    """The sentence that explains a clock's deadline."""
    return str(clock.explanation.get("why", ""))
