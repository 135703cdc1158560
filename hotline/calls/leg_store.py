"""Who spoke: agents behind extensions and user names, and their parts in a call as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.calls.call_store import shown
from hotline.calls.facts import Leg
from hotline.calls.folded import Folded
from hotline.calls.rows import as_json, record_set

_PEOPLE = text(
    "SELECT username, extension, id FROM person"
    " WHERE extension = ANY(:refs) OR username = ANY(:refs)"
)


def resolve_agents(session: Session, calls: Sequence[Folded]) -> None:
    """Put ``agent_id`` where the agent is known; an unknown one stays as the PBX named it."""
    refs = {call.facts.agent for call in calls} | {
        leg.agent for call in calls for leg in call.facts.legs
    }
    people = people_of(session, [ref for ref in refs if ref])
    for call in calls:
        call.agent_id = people.get(call.facts.agent or "")
        call.leg_agent_ids = [people.get(leg.agent or "") for leg in call.facts.legs]


def people_of(session: Session, refs: Sequence[str]) -> dict[str, int]:
    """Ids of people by extension or user name; an extension wins over a like-named user."""
    if not refs:
        return {}
    rows = session.execute(_PEOPLE, {"refs": sorted(refs)}).all()
    by_name = {username: key for username, _, key in rows}
    return by_name | {extension: key for _, extension, key in rows if extension}


def replace_legs(session: Session, calls: Sequence[Folded]) -> None:
    """Write the legs of known calls anew."""
    session.execute(
        text("DELETE FROM call_leg WHERE call_id = ANY(:ids)"), {"ids": [c.id for c in calls]}
    )
    add_legs(session, calls)


_COLUMNS = {
    "call_id": "bigint",
    "position": "smallint",
    "agent": "text",
    "agent_id": "bigint",
    "ringing_at": "timestamptz",
    "answered_at": "timestamptz",
    "left_at": "timestamptz",
    "talk_seconds": "int",
    "hold_seconds": "int",
}
_NAMES = ", ".join(_COLUMNS)
_INSERT = text(
    f"INSERT INTO call_leg ({_NAMES}) SELECT {_NAMES}"  # noqa: S608 - names of ours only
    f" FROM {record_set(_COLUMNS)}"
)


def add_legs(session: Session, calls: Sequence[Folded]) -> None:
    """Add the legs of new calls."""
    rows = [
        _row(call, position, leg, agent_id)
        for call in calls
        for position, (leg, agent_id) in enumerate(
            zip(call.facts.legs, call.leg_agent_ids, strict=True)
        )
    ]
    if rows:
        session.execute(_INSERT, {"rows": as_json(rows)})


def _row(call: Folded, position: int, leg: Leg, agent_id: int | None) -> dict[str, Any]:
    return {
        "call_id": call.id,
        "position": position,
        "agent": shown(leg.agent),
        "agent_id": agent_id,
        "ringing_at": leg.ringing_at,
        "answered_at": leg.answered_at,
        "left_at": leg.left_at,
        "talk_seconds": leg.talk_seconds,
        "hold_seconds": leg.hold_seconds,
    }
