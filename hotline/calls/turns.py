"""Turns of the voice line, kept as they happen, so that a person who takes over sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from hotline import live
from hotline.calls import alerts
from hotline.calls.history_models import CallTurn
from hotline.calls.service import find_call
from hotline.clock import now


def record_turn(
    session: Session,
    call_uid: str,
    *,
    expects: str | None = None,
    prompt: str | None = None,
    heard: str | None = None,
    outcome: str | None = None,
    slots: Mapping[str, Any] | None = None,
    position: int | None = None,
    at: datetime | None = None,
) -> CallTurn:
    """Keep one turn; ``position`` counts from 1 and follows the last one unless given.

    Words of danger raise an alert at once. ``slots`` is what is filled so far.
    """
    turn = CallTurn(
        call_uid=call_uid,
        position=position or _next_position(session, call_uid),
        at=at or now(),
        expects=expects,
        prompt=prompt,
        heard=heard,
        outcome=outcome,
        slots=json.dumps(dict(slots), ensure_ascii=False) if slots else None,
    )
    session.add(turn)
    session.flush()
    call = find_call(session, call_uid)
    if call is not None:
        live.publish(session, "calls", "turn", {"call_uid": call_uid, "turn": turn.position})
        if heard:
            alerts.watch(session, call, heard, "ivr")
    return turn


def _next_position(session: Session, call_uid: str) -> int:
    last = select(func.max(col(CallTurn.position))).where(CallTurn.call_uid == call_uid)
    return (session.exec(last).one() or 0) + 1
