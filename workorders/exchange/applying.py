"""What lies in the inbox becomes orders: a few rows in a transaction, or each in its own where one
of them cannot be applied."""

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
from hotline.security import Undecryptable
from workorders import following, moving
from workorders.exchange import health, lost, rules
from workorders.exchange.models import Incoming
from workorders.exchange.rules import IncomingState
from workorders.models import Order, Platform
from workorders.platforms import reading
from workorders.platforms.wire import Unreadable

log = structlog.get_logger(__name__)
BATCH, AT_ONCE = 500, 20
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
        for start in range(0, len(batch), AT_ONCE):
            apply(batch[start : start + AT_ONCE])
            done.update(batch[start : start + AT_ONCE])
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


def apply(ids: list[int]) -> None:
    """Apply some rows together; if that fails, each by itself, so that one that cannot be applied
    keeps none of the others. What goes wrong with it is written there, and it is tried again."""
    try:
        with transaction() as session:
            _apply(session, ids, now())
    except BaseTimeoutException:  # the job's time is over, it is not the rows' fault
        raise
    except Exception as error:
        if len(ids) > 1:
            for each in ids:
                apply([each])
            return
        # a database that is away makes this fail too, and the row stays as it was
        with transaction() as session:
            _note(session, ids[0], error, now())


def _apply(session: Session, ids: list[int], at: datetime) -> None:
    rows = _locked(session, ids)
    _lock_orders(session, rows)
    sources = {code: session.get_one(Platform, code, options=[lost.NO_SECRET])
               for code in {row.platform for row in rows}}  # fmt: skip
    became = [(row, *_became(session, row, sources[row.platform])) for row in rows]
    for row, state, reason, order_id in became:  # at the end: one statement for all of them
        row.state, row.reason, row.order_id = state, (reason or "")[:300] or None, order_id
        row.settled_at = at
    if rows:
        moving.tell(session)


def _became(
    session: Session, row: Incoming, source: Platform
) -> tuple[IncomingState, str | None, int | None]:
    """What a row has become: its state, why a person must look, the order."""
    try:
        remote = reading.read_text(row.raw)
    except Unreadable as why:
        return IncomingState.UNREADABLE, why.reason, row.order_id
    except Undecryptable:
        return IncomingState.UNREADABLE, lost.CAME, row.order_id
    again = row.order_id is not None  # parked once, and a person has seen to it
    found = following.follow(session, source, remote, row.received_at, again=again)
    return _BECAME[found.result], found.reason, found.order.key


def _locked(session: Session, ids: list[int]) -> list[Incoming]:
    """Those that are still due and nobody else is at, in the order asked for."""
    query = select(Incoming).where(col(Incoming.id).in_(ids), Incoming.state == IncomingState.DUE)
    if len(ids) == 1:  # the one at fault may be one that does not open
        query = query.options(lost.NO_RAW)
    rows = session.exec(query.order_by(col(Incoming.id)).with_for_update(skip_locked=True)).all()
    return sorted(rows, key=lambda row: ids.index(row.key))


def _lock_orders(session: Session, rows: list[Incoming]) -> None:
    moving.lock_in_turn(
        session,
        col(Order.platform).in_({row.platform for row in rows}),
        col(Order.remote_no).in_([row.remote_no for row in rows if row.remote_no]),
    )


def _note(session: Session, incoming_id: int, error: Exception, at: datetime) -> None:
    rows = _locked(session, [incoming_id])
    if not rows:
        return
    (row,) = rows
    row.attempts += 1
    row.reason = health.said(_words(error))
    if row.attempts >= rules.TRIES_TO_APPLY or isinstance(error, Undecryptable):
        row.state, row.settled_at = IncomingState.PARKED, at
        moving.tell(session)
    else:
        row.next_attempt_at = at + rules.pause(row.attempts, health.luck())
    log.error("incoming_not_applied", incoming=row.key, tries=row.attempts, error=_place(error))


def _words(error: Exception) -> str:
    if isinstance(error, Undecryptable):
        return lost.ORDER
    return error.message if isinstance(error, Refused) else f"程序出错（{_place(error)}）"


def _place(error: Exception) -> str:
    """What went wrong and where, without what it was about."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__} {where}".strip()
