"""Turns of the voice line, kept as they happen, so that a person who takes over sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from hotline import live
from hotline.calls import alerts
from hotline.calls.service import find_call
from hotline.calls.voice_models import CallTurn, VoiceCall
from hotline.calls.voice_rules import (
    PERSONAL,
    Achieved,
    Detail,
    Doubt,
    Left,
    Outcome,
    Whole,
    doubt,
)
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
    detail: Detail | None = None,
    danger: str | None = None,
) -> CallTurn:
    """Keep one turn; ``position`` counts from 1 and follows the last one unless given.

    Words of danger raise an alert at once; ``danger`` are such words where ``heard`` does not
    say what was said. ``slots`` is what is filled so far. What it takes back is marked for
    somebody to listen to.
    """
    detail = detail or Detail()
    turn = CallTurn(
        call_uid=call_uid,
        position=position or _next_position(session, call_uid),
        at=at or now(),
        expects=expects,
        prompt=prompt,
        heard=heard,
        outcome=outcome,
        slots=json.dumps(dict(slots), ensure_ascii=False) if slots else None,
        doubt=doubt(expects, outcome, detail),
        **_columns(detail),
    )
    session.add(turn)
    session.flush()
    if detail.corrects is not None:
        _mark_corrected(session, call_uid, detail.corrects)
    _tell(session, turn, danger or heard)
    return turn


def _columns(detail: Detail) -> dict[str, Any]:
    readings = [[text, round(share, 3)] for text, share in detail.alternatives]
    times = {f"{name}_ms": value for name, value in vars(detail.times).items()}
    return times | {
        "alternatives": json.dumps(readings, ensure_ascii=False) if readings else None,
        "confidence": detail.confidence,
        "missed": detail.missed,
        "interrupted": detail.interrupted,
        "corrected": detail.corrects is not None,
        "slow": detail.slow,
        "model": detail.model,
    }


def _mark_corrected(session: Session, call_uid: str, position: int) -> None:
    session.execute(
        update(CallTurn)
        .where(
            col(CallTurn.call_uid) == call_uid,
            col(CallTurn.position) == position,
            col(CallTurn.outcome) == Outcome.SPEECH.value,
            col(CallTurn.expects).not_in(PERSONAL),
            col(CallTurn.verdict).is_(None),
        )
        .values(doubt=Doubt.CORRECTED)
    )


def _tell(session: Session, turn: CallTurn, said: str | None) -> None:
    call = find_call(session, turn.call_uid)
    if call is None:
        return
    live.publish(session, "calls", "turn", {"call_uid": turn.call_uid, "turn": turn.position})
    if said:
        alerts.watch(session, call, said, "ivr")


def _next_position(session: Session, call_uid: str) -> int:
    last = select(func.max(col(CallTurn.position))).where(CallTurn.call_uid == call_uid)
    return (session.exec(last).one() or 0) + 1


def record_begun(session: Session, call_uid: str) -> None:
    """The voice line takes a call: were its process to die now, the call would still be known."""
    whole = Whole(Achieved.NOTHING, Left.UNDER_WAY, 0, 0, 0)
    given = {"call_uid": call_uid, "started_at": now(), **vars(whole) | {"reason": None}}
    session.execute(insert(VoiceCall).values(given).on_conflict_do_nothing())


def record_whole(
    session: Session, call_uid: str, whole: Whole, *, at: datetime | None = None
) -> VoiceCall:
    """Keep how a call left the voice line at ``at``. Told again, the last word stands."""
    call = VoiceCall(
        call_uid=call_uid,
        started_at=(at or now()) - timedelta(seconds=whole.seconds),
        **vars(whole) | {"reason": whole.reason or None},
    )
    return session.merge(call)
