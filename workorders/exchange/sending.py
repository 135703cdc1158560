"""Sending what platforms must hear: an event is claimed, sent with no transaction open, settled.

A claim puts the next attempt off: killed anywhere, the event is due again when the lease is over,
and goes out with the same ``event_id``. Of one order the next event waits for the one before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import text
from sqlmodel import Session, select

from hotline import settings
from hotline.clock import now
from hotline.db import transaction
from hotline.security import Undecryptable
from workorders import actors, moving, requests
from workorders.exchange import health, lost, outbox, rules
from workorders.exchange.models import Exchange, Outgoing
from workorders.exchange.rules import OutgoingState
from workorders.models import Order, Platform
from workorders.platforms import adapter as ways
from workorders.platforms.adapter import Adapter, Outcome, Result
from workorders.platforms.wire import OutgoingEvent

log = structlog.get_logger(__name__)
LONGEST_ANSWER = 20_000  # characters of an answer that are kept

_NEXT = text(
    """
    SELECT o.id FROM work_order_outgoing o
    WHERE o.platform = :platform AND o.state = 'due' AND o.next_attempt_at <= :at AND NOT EXISTS (
        SELECT FROM work_order_outgoing e WHERE e.order_id = o.order_id AND e.id < o.id
        AND e.state IN ('due', 'refused', 'given_up'))
    ORDER BY o.next_attempt_at, o.id LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)


@dataclass(frozen=True)
class Claimed:
    """An event on its way: nobody else sends it before its lease is over."""

    id: int
    remote_no: str
    event: OutgoingEvent
    attempt: int


def send_due(
    platform: str,
    adapter: Adapter,
    kept: list[ways.Exchange],
    *,
    seconds: float,
    per_second: float,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Send what is due, no faster than ``per_second``, for so long; how many were tried.

    ``kept`` is where the adapter notes its exchanges. Stops when nothing is due or the platform
    is to be left alone.
    """
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        started = time.monotonic()
        with transaction() as session:
            claimed = claim(session, platform, now())
        if claimed is None:
            break
        kept.clear()
        outcome = adapter.send(claimed.remote_no, claimed.event)
        with transaction() as session:
            settle(session, claimed, outcome, kept[-1] if kept else None, now())
        tried += 1
        sleep(max(0.0, started + 1 / per_second - time.monotonic()))
    return tried


def claim(session: Session, platform: str, at: datetime) -> Claimed | None:
    """The next event, put off so that nobody else sends it; None when none may go now."""
    if health.rests(health.of(session, platform), at):
        return None
    while (found := session.execute(_NEXT, {"platform": platform, "at": at}).scalar()) is not None:
        row = session.get_one(Outgoing, found, options=[lost.NO_BODY])
        try:
            event = outbox.event_of(row)
        except Undecryptable:
            _set_aside(session, row, at)
            continue
        row.attempts += 1
        row.next_attempt_at = at + rules.LEASE
        number = session.exec(select(Order.remote_no).where(Order.id == row.order_id)).one()
        return Claimed(row.key, number or "", event, row.attempts)
    return None


def _set_aside(session: Session, row: Outgoing, at: datetime) -> None:
    """What does not open cannot go out; the others do."""
    row.state, row.settled_at, row.last_error = OutgoingState.GIVEN_UP, at, lost.GOES
    session.flush()
    log.error("event_does_not_open", platform=row.platform, outgoing=row.id)
    moving.tell(session)


def settle(
    session: Session,
    claimed: Claimed,
    outcome: Outcome,
    kept: ways.Exchange | None,
    at: datetime,
) -> None:
    """Write down what became of an attempt. One that ends late takes nothing back."""
    row = session.get_one(Outgoing, claimed.id, with_for_update=True, options=[lost.NO_BODY])
    session.add(_attempt(row, claimed, outcome, kept, at))
    if outcome.is_settled:
        row.state, row.settled_at, row.last_error = OutgoingState.SENT, at, None
    elif row.state is OutgoingState.DUE:
        _not_taken(session, row, outcome, at)
    platform = health.of(session, row.platform)  # locked last: everybody wants it
    if outcome.result is Result.UNKNOWN:
        health.failed(platform, at, outcome.trouble, outcome.message, outcome.retry_after)
    else:
        health.answered(platform, at)


def _not_taken(session: Session, row: Outgoing, outcome: Outcome, at: datetime) -> None:
    row.last_error = health.said(f"{outcome.code} {outcome.message}".strip())
    site = settings.current()
    patience = timedelta(hours=site.workorders_give_up_hours)
    if outcome.result is Result.REFUSED:
        row.state = OutgoingState.REFUSED
        _deny(session, row, at)
    elif rules.is_hopeless(
        row.attempts, at - row.created_at, site.workorders_give_up_attempts, patience
    ):
        row.state = OutgoingState.GIVEN_UP
    else:
        asked = timedelta(seconds=outcome.retry_after or 0)
        row.next_attempt_at = at + max(rules.pause(row.attempts, health.luck()), asked)
        return
    log.error("event_stuck", platform=row.platform, outgoing=row.id, state=row.state.value)
    moving.tell(session)


def _deny(session: Session, row: Outgoing, at: datetime) -> None:
    """A request that the platform does not even take waits for nobody: clocks run on."""
    kind = next((kind for kind, event in requests.EVENTS.items() if event is row.type), None)
    if kind is None:
        return
    try:
        order = moving.locked_by_id(session, row.order_id)
    except Undecryptable:  # the event is stuck, and a person sees to its order
        return
    source = session.get_one(Platform, row.platform, options=[lost.NO_SECRET])
    teller = actors.platform(source.name)
    words = f"平台不接受：{row.last_error}"
    requests.platform_decided(session, order, kind, False, teller, at=at, words=words)


def _attempt(
    row: Outgoing, claimed: Claimed, outcome: Outcome, kept: ways.Exchange | None, at: datetime
) -> Exchange:
    answer = kept.answer.decode(errors="replace")[:LONGEST_ANSWER] if kept else ""
    return Exchange(
        platform=row.platform,
        outgoing_id=row.key,
        what=f"send:{row.type.value}",
        at=kept.at if kept else at,
        milliseconds=round(kept.seconds * 1000) if kept else 0,
        attempt=claimed.attempt,
        outcome=outcome.result.value,
        status=kept.status if kept else None,
        answer=answer.replace("\x00", "") or None,
        error=health.said(outcome.message) if not outcome.is_settled else None,
        is_demo=row.is_demo,
    )


_IS_DUE = text(
    """
    SELECT EXISTS (SELECT FROM work_order_outgoing o
    WHERE o.platform = :platform AND o.state = 'due' AND o.next_attempt_at <= :at AND NOT EXISTS (
        SELECT FROM work_order_outgoing e WHERE e.order_id = o.order_id AND e.id < o.id
        AND e.state IN ('due', 'refused', 'given_up')))
    """
)


def is_due(session: Session, platform: str, at: datetime) -> bool:
    """Whether an event may go now."""
    resting = health.rests(health.of(session, platform), at)
    return not resting and bool(
        session.execute(_IS_DUE, {"platform": platform, "at": at}).scalar_one()
    )
