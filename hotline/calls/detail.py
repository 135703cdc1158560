"""One call with everything that happened in it, as its reader may see it."""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import Session, col, select

from hotline import phone
from hotline.calls.confidential import HIDDEN, Reader, can_read, content
from hotline.calls.event_store import looks_like_a_number
from hotline.calls.forms import CallDetailOut, CallOut, EventOut, LegOut, TurnOut
from hotline.calls.models import Call, CallEventRow, CallLeg, CallTurn

_PLAIN = set(CallOut.model_fields) - {"caller", "stale"}
# Said in the words of CONTRACTS again: ``from`` is no name for a field in Python.
_SPOKEN = {"from_agent": "from"}


def call_out(call: Call, reading: Reader) -> CallOut:
    """A call for a list."""
    return CallOut(**_fields(call, reading))


def _fields(call: Call, reading: Reader) -> dict[str, Any]:
    plain = {name: getattr(call, name) for name in _PLAIN}
    return plain | {"stale": call.is_stale} | content(call, reading)


def call_detail(session: Session, call: Call, reading: Reader) -> CallDetailOut:
    """A call with events, legs and voice-line turns."""
    return CallDetailOut(
        **_fields(call, reading),
        events=[_event(row) for row in events_of(session, call)],
        legs=[LegOut.model_validate(leg, from_attributes=True) for leg in legs_of(session, call)],
        turns=[_turn(turn, can_read(call, reading)) for turn in turns_of(session, call)],
    )


def events_of(session: Session, call: Call) -> list[CallEventRow]:
    """Every event, in the order of its time."""
    query = select(CallEventRow).where(CallEventRow.call_uid == call.call_uid)
    return list(session.exec(query.order_by(col(CallEventRow.at), col(CallEventRow.id))))


def legs_of(session: Session, call: Call) -> list[CallLeg]:
    """Each agent's part, in order."""
    query = select(CallLeg).where(CallLeg.call_id == call.id)
    return list(session.exec(query.order_by(col(CallLeg.position))))


def turns_of(session: Session, call: Call) -> list[CallTurn]:
    """What was asked and heard on the voice line, in order."""
    query = select(CallTurn).where(CallTurn.call_uid == call.call_uid)
    return list(session.exec(query.order_by(col(CallTurn.position))))


def _event(row: CallEventRow) -> EventOut:
    said = row.data | (json.loads(row.private) if row.private else {})
    shown = {_SPOKEN.get(name, name): _masked(name, value) for name, value in said.items()}
    return EventOut(
        event_id=row.event_id,
        type=row.type.value,
        at=row.at,
        received_at=row.received_at,
        data=shown,
    )


def _masked(name: str, value: str) -> str:
    is_number = name in {"caller", "original_caller"} or looks_like_a_number(value)
    return phone.mask(value) if is_number and name != "called" else value


def _turn(turn: CallTurn, readable: bool) -> TurnOut:
    return TurnOut(
        at=turn.at,
        expects=turn.expects,
        prompt=turn.prompt,
        heard=phone.redact(turn.heard or "") if readable else HIDDEN,
        outcome=turn.outcome,
        slots=json.loads(turn.slots) if turn.slots and readable else {},
        confidence=turn.confidence,
        missed=turn.missed,
        interrupted=turn.interrupted,
        latency_ms=turn.latency_ms,
    )
