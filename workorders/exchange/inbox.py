"""What came from a platform is a row first, as it came; a repetition is the same row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal_column, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from workorders.exchange import bells, lost
from workorders.exchange.models import Incoming
from workorders.exchange.rules import IncomingState, Via
from workorders.models import Platform
from workorders.platforms import reading
from workorders.platforms.wire import LONGEST_NO, RemoteOrder, Unreadable

_ALONE = text("SELECT pg_advisory_xact_lock(12345, hashtext('store ' || :platform))")


@dataclass(frozen=True)
class Arrived:
    """One thing that came: its text, its digest, and what could be read of it at once.

    ``fault`` says why it is no order.
    """

    raw: str
    digest: bytes
    no: str | None = None
    version: int | None = None
    fault: str | None = None


def from_item(item: RemoteOrder | Unreadable) -> Arrived:
    """An item of a page, a file or a reconciliation."""
    raw = item.raw if isinstance(item.raw, str) else reading.raw_text(item.raw)
    digest = _digest(item.raw, raw)
    if isinstance(item, Unreadable):
        return Arrived(raw, digest, _number(item.no), None, item.reason)
    return Arrived(raw, digest, item.no, item.version)


def from_body(body: bytes) -> Arrived:
    """What was pushed. The same order pulled is the same row."""
    raw = body.decode(errors="backslashreplace")
    try:
        order = reading.read_text(body)
    except Unreadable as why:
        return Arrived(raw, _digest(why.raw, raw), _number(why.no), None, why.reason)
    return Arrived(raw, _digest(order.raw, raw), order.no, order.version)


def store(
    session: Session, platform: Platform, arrived: Iterable[Arrived], via: Via, at: datetime
) -> int:
    """Keep what came and ring for it to be applied; how many had never come before."""
    each: dict[bytes, tuple[Arrived, int]] = {}
    for one in arrived:
        each[one.digest] = (one, each.get(one.digest, (one, 0))[1] + 1)
    if not each:
        return 0
    session.execute(_ALONE, {"platform": platform.code})  # two pages would wait for each other
    new = insert(Incoming).values(
        [_row(platform, one, times, via, at) for one, times in each.values()]
    )
    is_new: ColumnElement[bool] = literal_column("xmax = 0")
    stored = new.on_conflict_do_update(
        constraint="uq_work_order_incoming_once", set_=_again(new.excluded)
    ).returning(is_new)
    bells.ring_after_commit(session, bells.APPLY, platform.code)
    return sum(1 for is_first in session.execute(stored).scalars() if is_first)


def _again(came: Any) -> dict[str, Any]:
    """A repetition is counted; one of what did not open any more takes its place and is due."""
    does_not_open = and_(
        col(Incoming.state) == IncomingState.UNREADABLE, col(Incoming.reason) == lost.CAME
    )
    renewed = ("raw", "state", "reason", "attempts", "next_attempt_at", "settled_at")
    return {"times": col(Incoming.times) + came.times} | {
        name: case((does_not_open, came[name]), else_=getattr(Incoming, name)) for name in renewed
    }


def _row(platform: Platform, one: Arrived, times: int, via: Via, at: datetime) -> dict[str, Any]:
    state = IncomingState.UNREADABLE if one.fault else IncomingState.DUE
    return {
        "platform": platform.code,
        "digest": one.digest,
        "raw": one.raw,
        "via": via,
        "remote_no": one.no,
        "version": one.version,
        "state": state,
        "reason": one.fault[:300] if one.fault else None,
        "times": times,
        "attempts": 0,
        "received_at": at,
        "next_attempt_at": at,
        "is_demo": platform.is_demo,
    }


def _digest(content: object, raw: str) -> bytes:
    """Of what is said, not of how: a platform may write its fields in any order."""
    try:
        said = json.dumps(content, sort_keys=True) if isinstance(content, dict) else raw
    except (TypeError, ValueError, RecursionError):
        said = raw
    return hashlib.sha256(said.encode(errors="backslashreplace")).digest()


def _number(no: str | None) -> str | None:
    return no[:LONGEST_NO] if no else None
