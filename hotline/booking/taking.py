"""Taking a unit of a slot for somebody, or a place on its waiting list."""

from __future__ import annotations

import secrets
from typing import Any

from psycopg import IntegrityError
from sqlalchemy import text
from sqlmodel import Session

from hotline import db
from hotline.booking import patients, pool
from hotline.booking.asking import duplicate, is_known_as, taken
from hotline.booking.in_force import Asked
from hotline.booking.news import tell
from hotline.booking.patients import Known
from hotline.booking.windows import pick_up_by
from hotline.errors import Refused

_COLUMNS = """
    hold_id, state, slot_id, hospital_id, department_id, day, patient_id, account_id, channel,
    kind, owner, call_uid, created_at, expires_at, pick_up_by, is_demo
"""
_VALUES = """
    %(hold_id)s, %(state)s, s.id, s.hospital_id, s.department_id, s.day, %(patient)s, %(account)s,
    %(channel)s, %(kind)s, %(owner)s, %(call_uid)s, %(at)s,
    CAST(%(expires_at)s AS timestamptz), %(pick_up_by)s, CAST(%(demo)s AS boolean) OR s.is_demo
"""
_TAKE = f"""
    WITH s AS (
        UPDATE slot SET taken = taken + 1
        WHERE id = %(slot)s AND taken < capacity AND NOT is_stopped RETURNING *
    ) INSERT INTO booking ({_COLUMNS}) SELECT {_VALUES} FROM s RETURNING id
    """  # noqa: S608 - constants of ours
_QUEUE = (
    f"INSERT INTO booking ({_COLUMNS}) SELECT {_VALUES} FROM slot s WHERE s.id = %(slot)s"  # noqa: S608
    " RETURNING id"
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


def claim(
    session: Session, asked: Asked, known: Known, owner: str, call_uid: str | None, is_demo: bool
) -> Claim:
    """What would be written for this patient; the patient is registered."""
    patient, account = _account(session, asked, known, is_demo)
    return {
        "hold_id": new_hold_id(),
        "slot": asked.row["slot_id"],
        "patient": patient,
        "account": account,
        "channel": asked.row["channel"],
        "kind": asked.kind.value,
        "owner": owner,
        "call_uid": call_uid,
        "at": asked.at,
        "pick_up_by": pick_up_by(asked.policy, asked.when),
        "demo": is_demo,
    }


def _account(session: Session, asked: Asked, known: Known, is_demo: bool) -> tuple[int, int]:
    account = asked.row["account_id"]
    if account is None or known.guardian:
        most = asked.policy.accounts_per_mobile
        return patients.register(session, known, most, asked.at, is_demo=is_demo)
    if not is_known_as(asked, known.name):
        patients.rename(session, account, known)
    return asked.row["patient_id"], account


def take(session: Session, asked: Asked, claim: Claim) -> int:
    """Take a unit for this claim; gives the booking's id. Raises Refused slot_taken,
    duplicate_booking.

    Only when the slot looks full are holds cleared that have run out: a sweep that died
    withholds nothing.
    """
    slot_id = asked.row["slot_id"]
    if asked.stale_hold is not None:
        pool.clear(session, {slot_id, asked.stale_hold}, asked.at)
    require_quota(session, asked)
    found = _try(session, claim)
    if found is None and pool.clear(session, {slot_id}, asked.at):
        found = _try(session, claim)
    if found is None:
        raise taken()
    tell(session)
    return found


def _try(session: Session, claim: Claim) -> int | None:
    try:
        found = db.first(session, _TAKE, claim)
    except IntegrityError as error:
        raise refused_by(error) from None
    return found["id"] if found else None


def refused_by(error: IntegrityError) -> Refused | IntegrityError:
    """What a constraint meant, in words."""
    name = error.diag.constraint_name
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
    pool.lock(session, {asked.row["slot_id"]})
    if session.execute(_QUOTA, given).scalar_one() >= quota(asked):
        raise Refused("slot_taken", "本渠道在这个时段的号已约满，请选择其他时段。", 409)


def quota(asked: Asked) -> int:
    """How many units of the slot the channel may have."""
    return int(asked.row["capacity"]) * asked.policy.quota_percent // 100


def queue(session: Session, claim: Claim) -> None:
    """Put a claim on the waiting list. Raises Refused duplicate_booking."""
    try:
        db.first(session, _QUEUE, claim)
    except IntegrityError as error:
        raise refused_by(error) from None
