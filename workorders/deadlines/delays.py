"""What moves a deadline: the order waits for something, or 办结 is put off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from hotline.clock import local
from hotline.errors import Refused
from workorders.deadlines.clocks import heed, pauses_of, reckon_all, running, running_clock
from workorders.deadlines.ground import Timed, ground
from workorders.deadlines.models import WorkOrderClock, WorkOrderPause
from workorders.deadlines.rules import ClockKind, check_extension
from workorders.rules import RequestKind


def pause(session: Session, order: Timed, at: datetime, reason: RequestKind) -> None:
    """The order waits: clocks whose rule says so stand still. Safe to say twice."""
    known, clocks = ground(session), running(session, order.key)
    pauses = pauses_of(session, clocks)
    for clock in clocks:
        rule = known.rule_of(clock)
        is_open = any(one.reason is reason and one.until is None for one in pauses[clock.key])
        if rule is not None and reason in rule.pause_in and not is_open:
            since = max(at, clock.started_at)
            session.add(WorkOrderPause(clock_id=clock.key, reason=reason, since=since))
            clock.paused_since = clock.paused_since or since
    session.flush()
    reckon_all(session, known, clocks, at)


def resume(session: Session, order: Timed, at: datetime, reason: RequestKind) -> None:
    """What it waited for came: its clocks go on, later by as long as they stood still."""
    clocks = running(session, order.key)
    pauses = pauses_of(session, clocks)
    for clock in clocks:
        close(session, [one for one in pauses[clock.key] if one.reason is reason], at)
        still = [one.since for one in pauses[clock.key] if one.until is None]
        clock.paused_since = min(still, default=None)
    session.flush()
    reckon_all(session, ground(session), clocks, at)


def close(session: Session, pauses: Iterable[WorkOrderPause], at: datetime) -> None:
    """End the pauses that are open."""
    for one in pauses:
        if one.until is None:
            one.until = max(at, one.since)
            session.add(one)


def require_extension(session: Session, order: Timed, days: int, at: datetime) -> WorkOrderClock:
    """The clock that a 延期 asked for at ``at`` would put off. Raises Refused: late, too often,
    too many days in all, or not foreseen."""
    clock = running_clock(session, order.key, ClockKind.FINISH)
    if clock is None:
        raise Refused("extension_no_clock", "这张工单没有正在计时的办结期限，不能延期。")
    had = (clock.extended_times, clock.extended_days)
    check_extension(ground(session).rule_of(clock), clock.due_at, at, days, had)
    return clock


def extend(
    session: Session,
    order: Timed,
    days: int,
    at: datetime,
    *,
    granted: bool = False,
    remote_due: datetime | None = None,
) -> WorkOrderClock | None:
    """Put 办结 off by so many working days; refused as ``require_extension`` refuses.

    ``granted``: it was checked when it was asked for, or the platform decided; None then where no
    clock runs. ``remote_due`` is the platform's new deadline; its old one no longer binds, where a
    rule of ours says how long.
    """
    clock = (running_clock(session, order.key, ClockKind.FINISH) if granted
             else require_extension(session, order, days, at))  # fmt: skip
    if clock is None:
        return None
    clock.extended_days += days
    clock.extended_times += 1
    if clock.rule_id is not None:
        clock.outdated_due_at = clock.given_due_at or clock.outdated_due_at
        clock.given_due_at = None
    heed(clock, remote_due)
    reckon_all(session, ground(session), [clock], at)
    return clock


def extended_until(session: Session, order: Timed, days: int) -> datetime | None:
    """When our rule would have 办结 after so many working days more; changes nothing."""
    clock = running_clock(session, order.key, ClockKind.FINISH)
    if clock is None:
        return None
    known, pauses = ground(session), pauses_of(session, [clock])[clock.key]
    story = known.of_clock(clock, known.rule_of(clock), pauses, days)
    return (story.due.own_at or story.due.at) if story else None


def require_return(session: Session, order: Timed, at: datetime) -> None:
    """Refuse a 退单 that comes after its own deadline."""
    clock = running_clock(session, order.key, ClockKind.RETURN_BY)
    if clock is not None and at > clock.due_at:
        until = f"{local(clock.due_at):%Y-%m-%d %H:%M}"
        raise Refused(
            "return_late",
            f"退单须在 {until} 前提出，现已过期：请继续办理，确需退回的请与派单平台协商。",
        )
