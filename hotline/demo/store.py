"""A planned day as rows: events through the intake, the rest many rows at a time."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session

from hotline.calls import grams
from hotline.calls.intake import record_events
from hotline.calls.models import ClassificationFeedback, DangerAlert
from hotline.calls.rules import Source
from hotline.classification.suggest import suggest
from hotline.classification.vocabulary import set_version
from hotline.clock import month_of
from hotline.demo.plan import CallPlan, WrapUpPlan
from hotline.demo.small_rows import write_turns, write_voice_calls

# Sorting a text takes a millisecond: only what is recent is compared with what agents chose.
SUGGESTED_WITHIN = timedelta(days=2)
_ALERT_LEFT_OPEN = timedelta(minutes=30)

# What people wrote, with the type of each in PostgreSQL. Grams come as text: arrays of
# arrays cannot have different lengths.
_WRITTEN = {
    "call_uid": "text",
    "category": "text",
    "subcategory": "text",
    "category_set": "text",
    "disposition": "text",
    "summary": "text",
    "result": "text",
    "follow_up": "text",
    "confidential": "bool",
    "caller_name": "text",
    "wrapped_up_at": "timestamptz",
    "wrapped_up_by": "bigint",
    "suggestion": "text",
    "search_text": "text",
    "grams": "text",
}
_CAST = {"suggestion": "::jsonb", "grams": "::integer[]"}
_NAMES = ", ".join(_WRITTEN)
_GIVEN = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _WRITTEN.items())
_SET = ", ".join(f"{n} = given.{n}{_CAST.get(n, '')}" for n in _WRITTEN if n != "call_uid")
_WRITE = text(
    f"UPDATE call SET {_SET},"  # noqa: S608 - names of ours only
    " state = CASE WHEN state = 'wrap_up' THEN 'closed' ELSE state END"
    f" FROM unnest({_GIVEN}) AS given ({_NAMES})"
    " WHERE call.call_uid = given.call_uid RETURNING call.id, call.call_uid"
)


def write_calls(
    session: Session,
    calls: Sequence[CallPlan],
    people: Mapping[str, int],
    at: datetime,
    latest: datetime,
) -> None:
    """Add these calls as if they had just been told at ``at``; ``latest`` is now."""
    heard = [one for call in calls for one in call.heard]
    record_events(session, heard, source=Source.DEMO, is_demo=True, received_at=at)
    ids = _write_wrap_ups(session, calls, people, latest)
    write_turns(
        session,
        [(call.uid, n, turn) for call in calls for n, turn in enumerate(call.turns, 1)],
        latest,
        _supervisors(people),
    )
    write_voice_calls(
        session, [(call.uid, call.starts, call.voice) for call in calls if call.voice is not None]
    )
    _write_alerts(session, calls, people, ids, latest)


def _write_wrap_ups(
    session: Session, calls: Sequence[CallPlan], people: Mapping[str, int], latest: datetime
) -> dict[str, int]:
    rows = [_written(call, call.wrap_up, people, latest) for call in calls if call.wrap_up]
    if not rows:
        return {}
    given = {name: [row[name] for row in rows] for name in _WRITTEN}
    ids = {uid: key for key, uid in session.execute(_WRITE, given)}
    _write_feedback(session, [row for row in rows if row["suggestion"]], ids)
    return ids


def _written(
    call: CallPlan, wrap_up: WrapUpPlan, people: Mapping[str, int], latest: datetime
) -> dict[str, Any]:
    story, month = wrap_up.story, month_of(call.starts)
    is_recent = latest - call.starts < SUGGESTED_WITHIN and wrap_up.by is not None
    parts = (call.caller.name, story.summary, story.result)
    found = grams.normalised("\n".join(part for part in parts if part))
    return {
        "call_uid": call.uid,
        "category": story.category.value,
        "subcategory": story.subcategory,
        "category_set": set_version(month),
        "disposition": story.disposition.value,
        "summary": story.summary,
        "result": story.result,
        "follow_up": story.follow_up,
        "confidential": story.confidential,
        "caller_name": call.caller.name,
        "wrapped_up_at": wrap_up.at,
        "wrapped_up_by": people.get(wrap_up.by or ""),
        "suggestion": _suggestion(story.summary, month) if is_recent else None,
        "search_text": found,
        "grams": "{" + ",".join(map(str, grams.codes(found))) + "}",
    }


def _suggestion(summary: str, month: str) -> str | None:
    best = next(iter(suggest(summary, month)), None)
    if best is None:
        return None
    subcategory = best.subcategory.value if best.subcategory else None
    kept = {"category": best.category.value, "subcategory": subcategory}
    return json.dumps(kept | {"confidence": best.confidence})


def _write_feedback(
    session: Session, rows: Sequence[dict[str, Any]], ids: Mapping[str, int]
) -> None:
    if rows:
        session.execute(insert(ClassificationFeedback), [_feedback(row, ids) for row in rows])


def _feedback(row: dict[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    suggested = json.loads(row["suggestion"])
    chosen = (row["category"], row["subcategory"])
    return {
        "call_id": ids[row["call_uid"]],
        "at": row["wrapped_up_at"],
        "by": row["wrapped_up_by"],
        "suggested": suggested,
        "category": row["category"],
        "subcategory": row["subcategory"],
        "agreed": chosen == (suggested["category"], suggested["subcategory"]),
    }


def _write_alerts(
    session: Session,
    calls: Sequence[CallPlan],
    people: Mapping[str, int],
    ids: Mapping[str, int],
    latest: datetime,
) -> None:
    supervisors = _supervisors(people)
    rows = [
        _alert(ids[call.uid], call.uid, call.wrap_up.at, supervisors, latest)
        for call in calls
        if call.is_danger and call.wrap_up and call.uid in ids
    ]
    if rows:
        session.execute(insert(DangerAlert), rows)


def _supervisors(people: Mapping[str, int]) -> list[int]:
    return [people[name] for name in people if name.startswith("supervisor")]


def _alert(
    call_id: int, uid: str, raised: datetime, supervisors: Sequence[int], latest: datetime
) -> dict[str, Any]:
    is_open = latest - raised < _ALERT_LEFT_OPEN or not supervisors
    rng = random.Random(uid)
    return {
        "call_id": call_id,
        "level": "high",
        "reasons": ["坐席按下危机按钮"],
        "seen_in": "note",
        "raised_at": raised,
        "acknowledged_by": None if is_open else rng.choice(supervisors),
        "acknowledged_at": None if is_open else raised + timedelta(seconds=rng.randint(4, 19)),
    }
