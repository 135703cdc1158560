"""Call-backs of the demonstration are worked off, a few hours behind, as people would."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from hotline.calls.models import Callback, CallbackAttempt
from hotline.calls.rules import MOST_ATTEMPTS, AttemptResult, CallbackState
from hotline.demo.stories import texts

LEFT_FOR = timedelta(hours=3)
_FAILED = (AttemptResult.NO_ANSWER, AttemptResult.BUSY, AttemptResult.POWERED_OFF)


def work_off(session: Session, at: datetime, people: Sequence[int], rng: random.Random) -> int:
    """Settle demonstration duties older than three hours, claim some younger ones; how many."""
    found = session.exec(
        select(Callback.id, Callback.last_at)
        .where(col(Callback.is_demo), Callback.state == CallbackState.OPEN)
        .order_by(col(Callback.id))
        .with_for_update(skip_locked=True)
    ).all()
    for duty_id, last_at in found if people else ():
        by = rng.choice(people)
        if at - last_at > LEFT_FOR:
            _settle(session, duty_id or 0, last_at, by, rng)
        elif rng.random() < 0.15:
            _change(session, duty_id or 0, CallbackState.CLAIMED, claimed_by=by, claimed_at=at)
    return len(found)


def _settle(session: Session, duty_id: int, last_at: datetime, by: int, rng: random.Random) -> None:
    attempts = _attempts(rng)
    moments = [last_at + timedelta(minutes=20 + 45 * n) for n in range(len(attempts))]
    notes = texts()["callback_notes"]
    rows = [
        {"callback_id": duty_id, "at": at, "by": by, "result": result, "note": notes[result]}
        for at, result in zip(moments, attempts, strict=True)
    ]
    session.execute(insert(CallbackAttempt), rows)
    reached = attempts[-1] is AttemptResult.REACHED
    _change(
        session,
        duty_id,
        CallbackState.REACHED if reached else CallbackState.GAVE_UP,
        claimed_by=by,
        claimed_at=moments[0],
        attempts=len(attempts),
        closed_at=moments[-1],
    )


def _attempts(rng: random.Random) -> list[AttemptResult]:
    made: list[AttemptResult] = []
    while len(made) < MOST_ATTEMPTS:
        if rng.random() < 0.65:
            return [*made, AttemptResult.REACHED]
        made.append(rng.choice(_FAILED))
    return made


def _change(session: Session, duty_id: int, state: CallbackState, **values: Any) -> None:
    session.execute(
        update(Callback).where(col(Callback.id) == duty_id).values(state=state, **values)
    )
