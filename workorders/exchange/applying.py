"""What lies in the inbox becomes orders: each row in a transaction of its own, so that one that
cannot be applied keeps none of the others."""

from __future__ import annotations

import time
import traceback
from datetime import datetime

import structlog
from rq.timeouts import BaseTimeoutException
from sqlmodel import Session, col, select

from hotline.clock import now
from hotline.db import transaction
from hotline.errors import Refused
from workorders import following, moving
from workorders.exchange import health, rules
from workorders.exchange.models import Incoming
from workorders.exchange.rules import IncomingState
from workorders.models import Platform
from workorders.platforms import reading
from workorders.platforms.wire import Unreadable

log = structlog.get_logger(__name__)
BATCH = 500
_BECAME = {
    following.Result.NEW: IncomingState.APPLIED,
    following.Result.CHANGED: IncomingState.APPLIED,
    following.Result.OLDER: IncomingState.OLDER,
    following.Result.PARKED: IncomingState.PARKED,
}


def apply_due(platform: str, *, seconds: float) -> int:
    """Apply what is due, older versions first, for so long; how many rows were looked at."""
    until, done = time.monotonic() + seconds, set[int]()
    while time.monotonic() < until:
        with transaction() as session:
            batch = [row for row in due(session, platform, now()) if row not in done]
        if not batch:
            break
        for row in batch:
            apply_one(row)
            done.add(row)
            if time.monotonic() > until:
                break
    return len(done)


def due(session: Session, platform: str, at: datetime) -> list[int]:
    """Rows whose time has come: the earliest, each order's versions in their order."""
    query = (
        select(Incoming.id, Incoming.version)
        .where(
            Incoming.platform == platform,
            Incoming.state == IncomingState.DUE,
            Incoming.next_attempt_at <= at,
        )
        .order_by(col(Incoming.id))
        .limit(BATCH)
    )
    rows = session.exec(query).all()
    return [key for key, version in sorted(rows, key=lambda row: row[1] or 0) if key is not None]


def apply_one(incoming_id: int) -> None:
    """Apply one row. Whatever goes wrong is written at the row, which is tried again."""
    try:
        with transaction() as session:
            _apply(session, incoming_id, now())
    except BaseTimeoutException:  # the job's time is over, it is not the row's fault
        raise
    except Exception as error:
        # a database that is away makes this fail too, and the row stays as it was
        with transaction() as session:
            _note(session, incoming_id, error, now())


def _apply(session: Session, incoming_id: int, at: datetime) -> None:
    row = _locked(session, incoming_id)
    if row is None:
        return
    row.settled_at = at
    try:
        remote = reading.read_text(row.raw)
    except Unreadable as why:
        row.state, row.reason = IncomingState.UNREADABLE, why.reason[:300]
        return
    source = session.get_one(Platform, row.platform)
    again = row.order_id is not None  # parked once, and a person has seen to it
    found = following.follow(session, source, remote, row.received_at, again=again)
    row.state, row.order_id = _BECAME[found.result], found.order.key
    row.reason = found.reason[:300] if found.reason else None
    moving.tell(session)


def _locked(session: Session, incoming_id: int) -> Incoming | None:
    query = select(Incoming).where(Incoming.id == incoming_id, Incoming.state == IncomingState.DUE)
    return session.exec(query.with_for_update(skip_locked=True)).first()


def _note(session: Session, incoming_id: int, error: Exception, at: datetime) -> None:
    row = _locked(session, incoming_id)
    if row is None:
        return
    row.attempts += 1
    words = error.message if isinstance(error, Refused) else f"程序出错（{_place(error)}）"
    row.reason = health.said(words)
    if row.attempts >= rules.TRIES_TO_APPLY:
        row.state, row.settled_at = IncomingState.PARKED, at
        moving.tell(session)
    else:
        row.next_attempt_at = at + rules.pause(row.attempts, health.luck())
    log.error("incoming_not_applied", incoming=row.key, tries=row.attempts, error=_place(error))


def _place(error: Exception) -> str:
    """What went wrong and where, without what it was about."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__} {where}".strip()
