"""The counter of a slot: the only code that changes ``slot.taken``.

A unit is taken by one UPDATE that looks and counts at once; a CHECK stands behind it. Who changes
several rows locks the slots first, by id, then bookings: nobody waits in a circle.
A unit that comes free goes to the first on the waiting list, from hand to hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hotline.booking.asking import Asked, duplicate, policy_of, taken
from hotline.booking.texts import Template, write
from hotline.errors import Refused

_COLUMNS = """
    hold_id, state, slot_id, hospital_id, department_id, day, patient_id, account_id, channel,
    kind, owner, call_uid, created_at, expires_at, pick_up_by, is_demo
"""
_VALUES = """
    :hold_id, CAST(:state AS varchar), s.id, s.hospital_id, s.department_id, s.day, :patient,
    :account, :channel, :kind, :owner, :call_uid, :at, CAST(:expires_at AS timestamptz),
    :pick_up_by, CAST(:demo AS boolean) OR s.is_demo
"""
_TAKE = text(
    f"""
    WITH s AS (
        UPDATE slot SET taken = taken + 1
        WHERE id = :slot AND taken < capacity AND NOT is_stopped RETURNING *
    ) INSERT INTO booking ({_COLUMNS}) SELECT {_VALUES} FROM s RETURNING id
    """  # noqa: S608 - constants of ours
)
_QUEUE = text(
    f"INSERT INTO booking ({_COLUMNS}) SELECT {_VALUES} FROM slot s WHERE s.id = :slot"  # noqa: S608
    " RETURNING id"
)
_LOCK = text("SELECT id FROM slot WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_MOVE_IN = text(
    "UPDATE slot SET taken = taken + 1 WHERE id = :slot AND taken < capacity AND NOT is_stopped"
    " RETURNING id"
)
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
_QUOTA = text(
    """
    SELECT count(*) FROM booking WHERE slot_id = :slot AND channel = :channel
    AND (state IN ('confirmed', 'attended', 'no_show')
         OR state IN ('held', 'offered') AND expires_at > :at)
    """
)
Claim = dict[str, Any]


def new_hold_id() -> str:
    """A secret nobody guesses: 128 bits."""
    return secrets.token_urlsafe(16)


def take(session: Session, asked: Asked, claim: Claim) -> int:
    """Take a unit for this claim; gives the booking's id. Raises Refused slot_taken,
    duplicate_booking.

    Only when the slot looks full are holds cleared that have run out: a sweep that died
    withholds nothing.
    """
    slot_id = asked.row["slot_id"]
    if asked.stale_hold is not None:
        clear(session, {slot_id, asked.stale_hold}, asked.at)
    require_quota(session, asked)
    found = _try(session, claim)
    if found is None and clear(session, {slot_id}, asked.at):
        found = _try(session, claim)
    if found is None:
        raise taken()
    return found


def _try(session: Session, claim: Claim) -> int | None:
    try:
        found: int | None = session.execute(_TAKE, claim).scalar()
    except IntegrityError as error:
        raise refused_by(error) from None
    return found


def refused_by(error: IntegrityError) -> Refused | IntegrityError:
    """What a constraint meant, in words."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if name == "uq_booking_one_a_day":
        return duplicate()
    if name == "uq_booking_waits_once":
        return Refused("duplicate_booking", "就诊人已在这个号的候补名单中，请等候短信通知。", 409)
    return error


def require_quota(session: Session, asked: Asked) -> None:
    """A channel with a quota is counted under the slot's lock; what has run out does not count.

    Raises Refused slot_taken.
    """
    if asked.policy.quota_percent >= 100:
        return
    given = {"slot": asked.row["slot_id"], "channel": asked.row["channel"], "at": asked.at}
    lock(session, {asked.row["slot_id"]})
    if session.execute(_QUOTA, given).scalar_one() >= quota(asked):
        raise Refused("slot_taken", "本渠道在这个时段的号已约满，请选择其他时段。", 409)


def quota(asked: Asked) -> int:
    """How many units of the slot the channel may have."""
    return int(asked.row["capacity"]) * asked.policy.quota_percent // 100


def queue(session: Session, claim: Claim) -> int:
    """Put a claim on the waiting list. Raises Refused duplicate_booking."""
    try:
        return int(session.execute(_QUEUE, claim).scalar_one())
    except IntegrityError as error:
        raise refused_by(error) from None


_LEFT = text("SELECT capacity - taken FROM slot WHERE id = :slot")


def units_left(session: Session, slot_id: int) -> int:
    """Units nobody has."""
    return int(session.execute(_LEFT, {"slot": slot_id}).scalar_one())


def lock(session: Session, slot_ids: Iterable[int]) -> None:
    """Lock slots, in order of their ids."""
    session.execute(_LOCK, {"ids": sorted(slot_ids)})


def clear(session: Session, slot_ids: set[int], at: datetime) -> int:
    """End the holds and offers of these slots that have run out; how many units came free."""
    lock(session, slot_ids)
    freed = 0
    for slot_id in sorted(slot_ids):
        ended = session.execute(_EXPIRE, {"slot": slot_id, "at": at}).scalars().all()
        freed += give_back(session, slot_id, len(ended), at)
    return freed


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
