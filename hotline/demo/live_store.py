"""The live demonstration's eyes and hands: what the database says, and what is written."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from hotline.agents.rules import DESK_ROLES, Presence, Role
from hotline.calls.confidential import Reader
from hotline.calls.intake import record_events
from hotline.calls.rules import EventType, State
from hotline.calls.wrap_up import WrapUp, wrap_up
from hotline.demo import stories
from hotline.demo.guest import Deed, Seen
from hotline.demo.live_desk import Answerer
from hotline.demo.people import WELL_KNOWN
from hotline.demo.small_rows import write_live_voice_calls, write_turns
from hotline.errors import Refused

# Made-up people work by themselves; whoever has signed in is a person, and so are the
# sign-ins a newcomer is told.
_PEOPLE = text(
    """
    WITH signed_in AS (
        SELECT DISTINCT person_id FROM sign_in WHERE ended_at IS NULL
    ), engaged AS (
        SELECT DISTINCT agent_id FROM call WHERE state IN ('ringing', 'talking', 'held')
    )
    SELECT p.id, coalesce(p.extension, p.username), p.role, p.presence, p.presence_since,
           s.person_id IS NOT NULL, p.is_demo AND p.username <> ALL(:known),
           e.agent_id IS NOT NULL
    FROM person p
    LEFT JOIN signed_in s ON s.person_id = p.id
    LEFT JOIN engaged e ON e.agent_id = p.id
    WHERE p.is_active AND p.role = ANY(:roles)
      AND (s.person_id IS NOT NULL OR p.is_demo AND p.presence <> 'offline')
    """
)
_CALLS = text(
    """
    SELECT c.call_uid, c.state, c.agent_id, CASE WHEN c.state = 'transferring' THEN (
        SELECT e.data ->> 'to' FROM call_event e
        WHERE e.call_uid = c.call_uid AND e.type = 'transferred' ORDER BY e.at DESC LIMIT 1) END
    FROM call c WHERE c.call_uid = ANY(:uids)
    """
)


def read_people(session: Session) -> list[Answerer]:
    """Who is signed in, and which made-up people are at work."""
    given = {"known": list(WELL_KNOWN.values()), "roles": [role.value for role in DESK_ROLES]}
    rows = session.execute(_PEOPLE, given)
    return [
        Answerer(
            id=key,
            ref=ref,
            role=Role(role),
            is_human=signed_in or not made_up,
            ready_since=since if _is_ready(presence, signed_in, made_up) else None,
            is_engaged=engaged,
        )
        for key, ref, role, presence, since, signed_in, made_up, engaged in rows
    ]


def _is_ready(presence: str, signed_in: bool, made_up: bool) -> bool:
    return presence == Presence.READY and (signed_in or made_up)


def read_calls(session: Session, uids: Sequence[str]) -> dict[str, Seen]:
    """How these calls stand."""
    if not uids:
        return {}
    rows = session.execute(_CALLS, {"uids": list(uids)})
    return {uid: Seen(State(state), agent, passed_to) for uid, state, agent, passed_to in rows}


def write(session: Session, deeds: Iterable[Deed], rng: random.Random) -> None:
    """Tell the intake what happened; turns and wrap-ups with it."""
    busy = [deed for deed in deeds if deed.events or deed.turns or deed.wraps_up]
    heard = [one for deed in busy for one in deed.heard]
    if heard:
        record_events(session, heard, is_demo=True)
    write_turns(session, [(deed.guest.uid, *told) for deed in busy for told in deed.turns])
    write_live_voice_calls(session, [
        deed.guest.uid for deed in busy
        if any(event.type is EventType.IVR_LEFT for event in deed.events)
    ])  # fmt: skip
    for deed in busy:
        if deed.wraps_up:
            guest = deed.guest
            settle(session, guest.uid, guest.caller.name, rng, guest.kind, guest.slots)


def settle(
    session: Session,
    uid: str,
    caller_name: str | None,
    rng: random.Random,
    kind: str,
    slots: dict[str, str],
) -> None:
    """A made-up colleague writes down what the call was about."""
    story = stories.compose(rng, kind, slots)
    form = WrapUp(
        category=story.category.value,
        disposition=story.disposition.value,
        subcategory=story.subcategory,
        summary=story.summary,
        result=story.result,
        follow_up=story.follow_up,
        caller_name=caller_name,
        confidential=story.confidential,
    )
    try:
        wrap_up(session, uid, form, _who_spoke(session, uid))
    except Refused:
        return  # the city has retired this choice: the call stays on the list, as any would


def _who_spoke(session: Session, uid: str) -> Reader:
    found = session.execute(text("SELECT agent_id FROM call WHERE call_uid = :uid"), {"uid": uid})
    return Reader(found.scalar())


def made_up_people(session: Session) -> dict[str, tuple[int, Presence, datetime]]:
    """Made-up people nobody has signed in as: id, presence and since when, by user name."""
    rows = session.execute(
        text(
            "SELECT username, id, presence, presence_since FROM person WHERE is_demo"
            " AND is_active AND username <> ALL(:known) AND role = ANY(:roles) AND NOT EXISTS"
            " (SELECT FROM sign_in s WHERE s.person_id = person.id AND s.ended_at IS NULL)"
        ),
        {"known": list(WELL_KNOWN.values()), "roles": [role.value for role in DESK_ROLES]},
    )
    return {name: (key, Presence(presence), since) for name, key, presence, since in rows}
