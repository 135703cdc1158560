"""The counter of a slot: the only code that changes ``slot.taken``.

A unit is taken by one UPDATE that looks and counts at once; a CHECK stands behind it. Who changes
several rows locks the slots first, by id, then bookings: nobody waits in a circle.
A unit that comes free goes to the first on the waiting list, from hand to hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline import db
from hotline.booking.asking import taken
from hotline.booking.in_force import OWN, policy_of
from hotline.booking.news import tell
from hotline.booking.rules import State
from hotline.booking.texts import Template, outbox, write

_LOCK = text("SELECT id FROM slot WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_MOVE_IN = text(
    "UPDATE slot SET taken = taken + 1 WHERE id = :slot AND taken < capacity AND NOT is_stopped"
    " RETURNING id"
)
# Nobody waits for a slot that is not full: a unit of it can be given back without looking. Who
# must look does so with the slot locked: see ``finding.with_slot`` and ``give_back``.
_LET_GO = f"""
    WITH s AS (
        SELECT slot.id FROM slot JOIN booking ON booking.slot_id = slot.id
        WHERE booking.hold_id = %(hold_id)s AND slot.taken < slot.capacity
        FOR NO KEY UPDATE OF slot
    ), ended AS (
        UPDATE booking SET state = %(after)s, settled_at = %(at)s, reason = %(reason)s FROM s
        WHERE booking.hold_id = %(hold_id)s AND booking.slot_id = s.id
        AND booking.state = ANY(%(before)s) AND {OWN}
        RETURNING booking.*
    ), freed AS (
        UPDATE slot SET taken = taken - 1 FROM ended WHERE slot.id = ended.slot_id
    ), told AS ({outbox("ended")})
    SELECT * FROM ended
"""  # noqa: S608 - constants of ours
_GIVE_BACK = text("UPDATE slot SET taken = taken - :units WHERE id = :slot")
_GIVE_BACK_UNLESS_AWAITED = text(
    """
    UPDATE slot SET taken = taken - :units WHERE id = :slot
    AND NOT EXISTS (SELECT FROM booking WHERE slot_id = :slot AND state = 'waiting') RETURNING id
    """
)
_EXPIRE = text(
    """
    UPDATE booking SET state = 'expired', settled_at = :at
    WHERE slot_id = :slot AND state IN ('held', 'offered') AND expires_at <= :at RETURNING id
    """
)
_OFFER = text(
    """
    UPDATE booking b SET state = 'offered', expires_at = CAST(:at AS timestamptz) + :lasts
    FROM slot s WHERE s.id = b.slot_id AND NOT s.is_stopped AND b.id = (
        SELECT id FROM booking WHERE slot_id = :slot AND state = 'waiting' ORDER BY id LIMIT 1
        FOR UPDATE)
    RETURNING b.id
    """
)
_FIRST_WAITING = text(
    "SELECT channel FROM booking WHERE slot_id = :slot AND state = 'waiting' ORDER BY id LIMIT 1"
)
_LEFT = text("SELECT capacity - taken FROM slot WHERE id = :slot")


def units_left(session: Session, slot_id: int) -> int:
    """Units nobody has."""
    return int(session.execute(_LEFT, {"slot": slot_id}).scalar_one())


def lock(session: Session, slot_ids: Iterable[int]) -> None:
    """Lock slots, in order of their ids: something in them is about to change."""
    tell(session)
    session.execute(_LOCK, {"ids": sorted(slot_ids)})


def clear(session: Session, slot_ids: set[int], at: datetime) -> int:
    """End the holds and offers of these slots that have run out; how many units came free."""
    lock(session, slot_ids)
    freed = 0
    for slot_id in sorted(slot_ids):
        ended = session.execute(_EXPIRE, {"slot": slot_id, "at": at}).scalars().all()
        freed += give_back(session, slot_id, len(ended), at)
    return freed


def let_go(
    session: Session,
    hold_id: str,
    own: dict[str, Any],
    before: Iterable[State],
    after: State,
    at: datetime,
    *,
    reason: str | None = None,
    template: Template | None = None,
) -> dict[str, Any] | None:
    """End one's own booking and give its unit back, in one statement; gives its row.

    None, and nothing is done, when it is not in a state of ``before`` or its slot is full:
    then somebody may wait for the unit.
    """
    given = {"hold_id": hold_id, "before": list(before), "after": after.value, "at": at,
             "reason": reason, "template": template.value if template else None}  # fmt: skip
    if row := db.first(session, _LET_GO, own | given):
        tell(session)
    return row


def move_in(session: Session, slot_id: int, at: datetime) -> None:
    """Take a unit of a locked slot for a booking that exists. Raises Refused slot_taken."""
    if session.execute(_MOVE_IN, {"slot": slot_id}).scalar() is not None:
        return
    clear(session, {slot_id}, at)
    if session.execute(_MOVE_IN, {"slot": slot_id}).scalar() is None:
        raise taken()


def give_back(session: Session, slot_id: int, units: int, at: datetime) -> int:
    """Units of a locked slot are no longer used: who waits is offered them, the rest is free."""
    if not units:
        return 0
    given = {"slot": slot_id, "units": units}
    if session.execute(_GIVE_BACK_UNLESS_AWAITED, given).scalar() is not None:
        return units
    offered = 0
    while offered < units and _offer(session, slot_id, at):
        offered += 1
    if units > offered:
        session.execute(_GIVE_BACK, {"slot": slot_id, "units": units - offered})
    return units - offered


def _offer(session: Session, slot_id: int, at: datetime) -> bool:
    channel = session.execute(_FIRST_WAITING, {"slot": slot_id}).scalar()
    if channel is None:
        return False
    asked = policy_of(session, slot_id, channel, at)
    if asked.when.begins <= at:
        return False
    given = {"slot": slot_id, "at": at, "lasts": asked.policy.offered_for}
    found = session.execute(_OFFER, given).scalar()
    if found is not None:
        write(session, found, Template.OFFERED, at)
    return found is not None


def offer_free(session: Session, slot_id: int, at: datetime) -> None:
    """Offer units that have been added to a slot to those who wait for it."""
    lock(session, {slot_id})
    while units_left(session, slot_id) > 0 and _offer(session, slot_id, at):
        session.execute(_MOVE_IN, {"slot": slot_id})
