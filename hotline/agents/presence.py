"""Where people are: ready, on a break, on the telephone. Every stretch is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from hotline import live
from hotline.agents.models import Person, PresenceChange
from hotline.agents.rules import CHOSEN_BY_PERSON, Presence
from hotline.clock import now
from hotline.errors import Refused


def choose_presence(session: Session, person_id: int, presence: Presence) -> None:
    """A person says where they are; on the telephone the call says it."""
    if presence not in CHOSEN_BY_PERSON:
        raise Refused("presence_follows_call", "通话和话后状态由来电决定，不能手动选择。", 409)
    person = session.get(Person, person_id, with_for_update=True)
    if person is not None and person.presence is Presence.TALKING:
        raise Refused("on_a_call", "正在通话，结束后才能改变状态。", 409)
    set_presence(session, person_id, presence)


def set_presence(
    session: Session, person_id: int, presence: Presence, at: datetime | None = None
) -> None:
    """Close the open stretch and begin another; the same state again changes nothing."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.presence is presence:
        return
    moment = max(at or now(), person.presence_since)
    session.execute(
        update(PresenceChange)
        .where(col(PresenceChange.person_id) == person_id, col(PresenceChange.until_at).is_(None))
        .values(until_at=moment)
    )
    session.add(PresenceChange(person_id=person_id, presence=presence, from_at=moment))
    person.presence, person.presence_since = presence, moment
    session.flush()
    live.publish(session, "board", "board", {})
    live.publish(session, f"agent:{person_id}", "presence", {"presence": presence.value})
