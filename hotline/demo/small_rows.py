"""Turns of the voice line, the calls that had them, and stretches of presence as rows."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session

from hotline.calls.models import CallTurn, VoiceCall
from hotline.calls.voice_rules import Doubt, Verdict, Whole, doubt
from hotline.demo.plan import Stretch, TurnPlan
from hotline.demo.stories import texts

# Supervisors have listened to most of what is older.
LISTENED_AFTER = timedelta(days=3)
_LISTENED = 0.93
_LEFT = text(
    """
    INSERT INTO voice_call (call_uid, started_at, seconds, turns, missed, achieved, went, reason,
                            last_step, model, slow, is_demo)
    SELECT call_uid, min(at), extract(epoch FROM max(at) - min(at)) + 6, count(*),
           count(*) FILTER (WHERE missed), 'nothing', 'person', 'asked',
           (array_agg(expects ORDER BY position DESC))[1], max(model), bool_or(slow), true
    FROM call_turn WHERE call_uid = ANY(:uids) GROUP BY call_uid ON CONFLICT DO NOTHING
    """
)


def write_turns(
    session: Session,
    turns: Iterable[tuple[str, int, TurnPlan]],
    latest: datetime | None = None,
    supervisors: Sequence[int] = (),
) -> None:
    """Add turns, each with its call's uid and its place there. What is old enough at ``latest``
    has been listened to by supervisors."""
    told = list(turns)
    taken_back = {(uid, turn.detail.corrects) for uid, _, turn in told if turn.detail.corrects}
    rows = [_turn(uid, place, turn, (uid, place) in taken_back) for uid, place, turn in told]
    if latest is not None and supervisors:
        rng = random.Random(str(latest))
        for row in rows:
            if row["doubt"] and row["at"] < latest - LISTENED_AFTER and rng.random() < _LISTENED:
                row.update(_listened(rng, row, supervisors))
    if rows:
        session.execute(insert(CallTurn), rows)


def _turn(uid: str, place: int, turn: TurnPlan, is_taken_back: bool) -> dict[str, Any]:
    detail = turn.detail
    why = Doubt.CORRECTED if is_taken_back else doubt(turn.expects, turn.outcome, detail)
    return {
        "call_uid": uid,
        "position": place,
        "at": turn.at,
        "expects": turn.expects,
        "prompt": turn.prompt,
        "heard": turn.heard or None,
        "outcome": turn.outcome,
        "slots": json.dumps(turn.slots, ensure_ascii=False),
        "alternatives": json.dumps(detail.alternatives, ensure_ascii=False),
        "confidence": detail.confidence,
        "missed": detail.missed,
        "interrupted": detail.interrupted,
        "corrected": detail.corrects is not None,
        "slow": detail.slow,
        "model": detail.model,
        **{f"{name}_ms": value for name, value in vars(detail.times).items()},
        "doubt": why,
        "verdict": None, "said": None, "checked_by": None, "checked_at": None,
    }  # fmt: skip


def _listened(
    rng: random.Random, row: dict[str, Any], supervisors: Sequence[int]
) -> dict[str, Any]:
    verdict = rng.choices(list(Verdict), (70, 18, 12))[0]
    said = rng.choice(texts()["turns"]["really_said"]) if row["missed"] else row["heard"]
    return {
        "verdict": verdict,
        "said": said if verdict is Verdict.SAID else None,
        "checked_by": rng.choice(supervisors),
        "checked_at": row["at"] + timedelta(days=1, minutes=rng.randint(0, 300)),
    }


def write_voice_calls(session: Session, calls: Iterable[tuple[str, datetime, Whole]]) -> None:
    """Add how calls left the voice line: uid, when it took them, the whole."""
    rows = [
        {**vars(whole), "reason": whole.reason or None, "call_uid": uid, "started_at": starts,
         "is_demo": True}
        for uid, starts, whole in calls
    ]  # fmt: skip
    if rows:
        session.execute(insert(VoiceCall), rows)


def write_live_voice_calls(session: Session, uids: list[str]) -> None:
    """The same for live calls that have just left the voice line for a person."""
    if uids:
        session.execute(_LEFT, {"uids": uids})


def write_presence(
    session: Session, stretches: Sequence[Stretch], people: Mapping[str, int]
) -> None:
    """Add closed stretches of presence."""
    rows = [
        (people[one.username], one.presence.value, one.starts, one.ends)
        for one in stretches
        if one.username in people
    ]
    driver: Any = session.connection().connection.driver_connection
    command = "COPY presence_change (person_id, presence, from_at, until_at) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)
