"""Call-backs of the demonstration are worked off, a few hours behind, as people would."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
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
    attempts: list[dict[str, Any]] = []
    for duty_id, last_at in found if people else ():
        by = rng.choice(people)
        if at - last_at > LEFT_FOR:
            attempts += _made(duty_id or 0, last_at, by, rng)
        elif rng.random() < 0.15:
            _claim(session, duty_id or 0, by, at)
    _settle(session, attempts)
    return len(found)


def _made(duty_id: int, last_at: datetime, by: int, rng: random.Random) -> list[dict[str, Any]]:
    notes = texts()["callback_notes"]
    return [
        {"callback_id": duty_id, "at": last_at + timedelta(minutes=20 + 45 * n), "by": by,
         "result": result, "note": notes[result]}
        for n, result in enumerate(_attempts(rng))
    ]  # fmt: skip


def _settle(session: Session, attempts: list[dict[str, Any]]) -> None:
    if attempts:
        session.execute(insert(CallbackAttempt), attempts)
        duties = groupby(attempts, itemgetter("callback_id"))
        session.execute(update(Callback), [_closed(list(each)) for _, each in duties])


def _closed(attempts: list[dict[str, Any]]) -> dict[str, Any]:
    first, last = attempts[0], attempts[-1]
    reached = last["result"] is AttemptResult.REACHED
    return {
        "id": first["callback_id"],
        "state": CallbackState.REACHED if reached else CallbackState.GAVE_UP,
        "claimed_by": first["by"],
        "claimed_at": first["at"],
        "attempts": len(attempts),
        "closed_at": last["at"],
    }


def _attempts(rng: random.Random) -> list[AttemptResult]:
    made: list[AttemptResult] = []
    while len(made) < MOST_ATTEMPTS:
        if rng.random() < 0.65:
            return [*made, AttemptResult.REACHED]
        made.append(rng.choice(_FAILED))
    return made


def _claim(session: Session, duty_id: int, by: int, at: datetime) -> None:
    values = {"state": CallbackState.CLAIMED, "claimed_by": by, "claimed_at": at}
    session.execute(update(Callback).where(col(Callback.id) == duty_id).values(values))
