"""What the hotline's records say of callers in our hands, and whose telephone rings for them.

These functions wait for the database: call them in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from hotline import settings
from hotline.agents.rules import DESK_ROLES, Role
from hotline.calls import desk as telephone
from hotline.calls.rules import TOGETHER, State
from hotline.calls.service import get_call
from hotline.db import transaction

RING_SECONDS = 20.0
CRISIS = "crisis"
_CALLS = text(
    """
    SELECT c.call_uid, c.state, c.agent_id, coalesce(p.extension, '') AS extension,
           extract(epoch FROM now() - c.last_event_at) AS still_for
    FROM call c LEFT JOIN person p ON p.id = c.agent_id WHERE c.call_uid = ANY(:uids)
    """
)
# Ready, signed in at a browser that somebody has used lately, and nothing else rings there.
# Who has been ready longest is next; two of our processes never take the same.
_READY = text(
    """
    SELECT p.username FROM person p
    WHERE p.is_active AND p.presence = 'ready' AND p.role = ANY(:roles)
      AND EXISTS (SELECT FROM sign_in s WHERE s.person_id = p.id AND s.ended_at IS NULL
                  AND s.seen_at > now() - make_interval(mins => :idle))
      AND NOT EXISTS (SELECT FROM call c WHERE c.agent_id = p.id
                      AND c.state IN ('ringing', 'talking', 'held'))
    ORDER BY (p.role = :first) DESC, p.presence_since LIMIT 1 FOR UPDATE OF p SKIP LOCKED
    """
)
_IS_READY = text("SELECT 1 FROM person WHERE id = :id AND presence = 'ready'")


@dataclass(frozen=True)
class Seen:
    """A call as it is on record. ``still_for`` seconds nothing has happened."""

    state: State
    agent_id: int | None = None
    extension: str = ""
    still_for: float = 0.0


def look(uids: Iterable[str]) -> dict[str, Seen]:
    """How these calls stand."""
    with transaction() as session:
        rows = session.execute(_CALLS, {"uids": list(uids)})
        return {
            row.call_uid: Seen(State(row.state), row.agent_id, row.extension, float(row.still_for))
            for row in rows
        }


def ring(uid: str, queue: str) -> bool:
    """Let the next agent's page ring; whether one rings now. Who does not answer in 20 seconds
    is passed over when another is ready, and so is who is no longer ready."""
    with transaction() as session:
        call = get_call(session, uid, lock=True)
        if call.state not in (State.QUEUED, State.RINGING, State.TRANSFERRING):
            return False
        agent = _next_agent(session, queue)
        if agent is not None:
            telephone.ring(session, call, agent)
        elif call.state is State.RINGING and not _is_ready(session, call.agent_id):
            telephone.queue(session, call, queue)
        return agent is not None


def requeue(uid: str, queue: str) -> None:
    """Nobody is with the caller any more who answered him: he waits again."""
    with transaction() as session:
        call = get_call(session, uid, lock=True)
        if call.state in TOGETHER:
            telephone.queue(session, call, queue)


def _next_agent(session: Session, queue: str) -> str | None:
    first = Role.COUNSELLOR if queue == CRISIS else Role.AGENT
    roles: Sequence[Role] = DESK_ROLES
    given = {
        "roles": [role.value for role in roles],
        "first": first.value,
        "idle": settings.current().session_idle_minutes,
    }
    found: str | None = session.execute(_READY, given).scalar()
    return found


def _is_ready(session: Session, person_id: int | None) -> bool:
    return session.execute(_IS_READY, {"id": person_id}).first() is not None
