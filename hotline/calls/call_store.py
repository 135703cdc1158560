"""Calls as rows, many at a time: numbering, locking, writing what the fold found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline import phone, security
from hotline.calls.event_store import looks_like_a_number
from hotline.calls.folded import Folded, Known
from hotline.calls.rows import as_json, record_set
from hotline.calls.rules import Direction, Source, State
from hotline.clock import local

# What the fold writes, with the type of each in PostgreSQL.
FOLDED = {
    "call_uid": "text",
    "direction": "text",
    "state": "text",
    "caller": "bytea",
    "caller_hash": "bytea",
    "called": "text",
    "queue": "text",
    "agent": "text",
    "agent_id": "bigint",
    "started_at": "timestamptz",
    "queued_at": "timestamptz",
    "ringing_at": "timestamptz",
    "answered_at": "timestamptz",
    "ended_at": "timestamptz",
    "waiting_since": "timestamptz",
    "last_event_at": "timestamptz",
    "ivr_seconds": "int",
    "wait_seconds": "int",
    "ring_seconds": "int",
    "talk_seconds": "int",
    "hold_seconds": "int",
    "holds": "int",
    "transfers": "int",
    "consultations": "int",
    "self_served": "bool",
    "abandoned_in": "text",
    "short_abandon": "bool",
    "end_cause": "text",
    "ended_by": "text",
    "skewed": "bool",
    "told_late": "bool",
    "stale_closed_at": "timestamptz",
}
_NOT_AS_FOLDED = {  # these are made from the facts, the rest is written as it is
    "call_uid", "direction", "state", "caller", "caller_hash", "called", "queue", "agent",
    "agent_id", "end_cause", "ended_by", "stale_closed_at",
}  # fmt: skip
_AS_FOLDED = [name for name in FOLDED if name not in _NOT_AS_FOLDED]


_KNOWN = (
    "SELECT id, call_uid, call_no, state, source, agent_id, caller_hash,"
    " abandoned_in IS NOT NULL, wrapped_up_at IS NOT NULL, stale_closed_at, is_demo"
    " FROM call WHERE call_uid = ANY(:uids)"
)


def missing(session: Session, call_uids: Sequence[str]) -> list[str]:
    """Those of these calls that have no row yet, sorted."""
    rows = session.execute(
        text("SELECT call_uid FROM call WHERE call_uid = ANY(:uids)"), {"uids": list(call_uids)}
    )
    return sorted(set(call_uids) - {uid for (uid,) in rows})


def lock(session: Session, call_uids: Iterable[str]) -> dict[str, Known]:
    """Lock rows, always in the order of their ids: two batches wait but never for each other."""
    rows = session.execute(
        text(_KNOWN + " ORDER BY call_uid FOR UPDATE"), {"uids": sorted(call_uids)}
    )
    return {row[1]: _known(tuple(row)) for row in rows}


def _known(row: tuple[Any, ...]) -> Known:
    known = Known(*row)
    return replace(known, state=State(known.state), source=Source(known.source))


def insert_new(session: Session, calls: Sequence[Folded], at: datetime) -> None:
    """Add rows for new calls, sorted; ``id`` stays 0 where another process was faster.

    Spoken numbers are taken first: whoever waits for a number then holds no call.
    """
    numbers = _take_numbers(session, calls)
    new = [_row(call) | _new(call, numbers[call.call_uid]) for call in calls]
    given = {"rows": as_json(new), "now": at}
    rows = {uid: (key, no) for key, uid, no in session.execute(_INSERT, given)}
    for call in calls:
        call.id, call.call_no = rows.get(call.call_uid, (0, ""))


def _take_numbers(session: Session, calls: Sequence[Folded]) -> dict[str, str]:
    def day(call: Folded) -> date:
        return local(call.facts.started_at).date()

    numbers: dict[str, str] = {}
    ordered = sorted(calls, key=lambda call: (day(call), call.facts.started_at, call.call_uid))
    for wanted_day, of_day in groupby(ordered, key=day):
        uids = [call.call_uid for call in of_day]
        taken = session.execute(
            text("SELECT take_call_numbers(:day, :count)"), {"day": wanted_day, "count": len(uids)}
        )
        numbers |= zip(uids, taken.scalars(), strict=True)
    return numbers


def update_folded(session: Session, calls: Sequence[Folded], at: datetime) -> None:
    """Write what the fold found over rows that are locked."""
    session.execute(_UPDATE, {"rows": as_json(map(_row, calls)), "now": at})


def delete_empty(session: Session, call_uids: Sequence[str]) -> None:
    """Take back calls whose every event turned out to belong elsewhere."""
    if call_uids:
        session.execute(
            text("DELETE FROM call WHERE call_uid = ANY(:uids)"), {"uids": list(call_uids)}
        )


def seal_caller(call: Folded) -> None:
    """Encrypt the number and hash it for look-up."""
    number = call.facts.caller
    call.caller = security.encrypt("call.caller", number) if number else None
    call.caller_hash = security.lookup_hash("phone", number) if number else None


def _new(call: Folded, call_no: str) -> dict[str, Any]:
    return {"call_no": call_no, "source": call.source.value, "is_demo": call.is_demo}


def _row(call: Folded) -> dict[str, Any]:
    facts = call.facts
    row = {name: getattr(facts, name) for name in _AS_FOLDED}
    row |= {
        "call_uid": call.call_uid,
        "direction": facts.direction.value,
        "state": call.state.value,
        "caller": call.caller,
        "caller_hash": call.caller_hash,
        "called": facts.called if facts.direction is Direction.INBOUND else shown(facts.called),
        "queue": shown(facts.queue),
        "agent": shown(facts.agent),
        "agent_id": call.agent_id,
        "end_cause": shown(facts.end_cause),
        "ended_by": shown(facts.ended_by),
        "stale_closed_at": call.stale_closed_at,
    }
    return row


def shown(value: str | None) -> str | None:
    """A text for a plain column: whatever could be a number is masked."""
    return phone.mask(value) if value and looks_like_a_number(value) else value


_AT_BIRTH = FOLDED | {"call_no": "text", "source": "text", "is_demo": "bool"}
_NAMES = ", ".join(_AT_BIRTH)
_INSERT = text(
    f"INSERT INTO call ({_NAMES}, created_at, updated_at)"  # noqa: S608 - names of ours only
    f" SELECT {_NAMES}, :now, :now FROM {record_set(_AT_BIRTH)}"
    " ORDER BY call_uid ON CONFLICT (call_uid) DO NOTHING RETURNING id, call_uid, call_no"
)
_SET = ", ".join(f"{n} = given.{n}" for n in FOLDED if n != "call_uid")
_UPDATE = text(
    f"UPDATE call SET {_SET}, updated_at = :now"  # noqa: S608
    f" FROM {record_set(FOLDED)} WHERE call.call_uid = given.call_uid"
)
