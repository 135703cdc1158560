"""Who spoke: agents behind extensions and user names, and their parts in a call as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

from hotline.calls.call_store import Folded, shown

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


_INSERT = text(
    """
    INSERT INTO call_leg (call_id, position, agent, agent_id, ringing_at, answered_at, left_at,
                          talk_seconds, hold_seconds)
    SELECT * FROM unnest(
        CAST(:call_id AS bigint[]), CAST(:position AS smallint[]), CAST(:agent AS text[]),
        CAST(:agent_id AS bigint[]), CAST(:ringing_at AS timestamptz[]),
        CAST(:answered_at AS timestamptz[]), CAST(:left_at AS timestamptz[]),
        CAST(:talk_seconds AS int[]), CAST(:hold_seconds AS int[])
    )
    """
)


def add_legs(session: Session, calls: Sequence[Folded]) -> None:
    """Add the legs of new calls."""
    rows = [
        (call.id, position, leg, agent_id)
        for call in calls
        for position, (leg, agent_id) in enumerate(
            zip(call.facts.legs, call.leg_agent_ids, strict=True)
        )
    ]
    if rows:
        legs = [leg for _, _, leg, _ in rows]
        given = {
            "call_id": [call_id for call_id, _, _, _ in rows],
            "position": [position for _, position, _, _ in rows],
            "agent": [shown(leg.agent) for leg in legs],
            "agent_id": [agent_id for _, _, _, agent_id in rows],
            "ringing_at": [leg.ringing_at for leg in legs],
            "answered_at": [leg.answered_at for leg in legs],
            "left_at": [leg.left_at for leg in legs],
            "talk_seconds": [leg.talk_seconds for leg in legs],
            "hold_seconds": [leg.hold_seconds for leg in legs],
        }
        session.execute(_INSERT, given)
