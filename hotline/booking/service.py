"""Use cases of the pool: hold, wait, confirm, let go. What follows is in ``changing``.

Each takes the instant of the deed (``at``, default now), so that midnights can be tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import IntegrityError
from sqlalchemy import text
from sqlmodel import Session

from hotline import db
from hotline.booking import patients, pool, taking
from hotline.booking.asking import ask, is_live, require_bookable, stopped
from hotline.booking.finding import Booker, adopt, locked, settle, with_slot
from hotline.booking.in_force import OWN
from hotline.booking.models import Booking
from hotline.booking.news import tell
from hotline.booking.patients import Applicant
from hotline.booking.rules import RUNS_OUT, State
from hotline.booking.texts import Template, outbox
from hotline.clock import local, now
from hotline.errors import Refused


@dataclass(frozen=True)
class Held:
    """A unit kept for somebody until an instant."""

    booking_id: int
    hold_id: str
    expires_at: datetime


def hold(
    session: Session,
    slot_id: int,
    said: Applicant,
    channel: str,
    by: Booker,
    *,
    at: datetime | None = None,
    call_uid: str | None = None,
    is_demo: bool = False,
) -> Held:
    """Keep a unit for a patient while it is read back to the caller.

    Raises Refused with the codes of CONTRACTS, "Booking".
    """
    moment = at or now()
    known = patients.read(said, moment)
    asked = ask(session, slot_id, channel, known, moment)
    by.require_own(asked.row["hospital_id"], asked.row["channel"])
    require_bookable(asked)
    claim = taking.claim(session, asked, known, by.owner, call_uid, is_demo)
    claim |= {"state": State.HELD.value, "expires_at": moment + asked.policy.held_for}
    return Held(taking.take(session, asked, claim), claim["hold_id"], claim["expires_at"])


def wait(
    session: Session,
    slot_id: int,
    said: Applicant,
    channel: str,
    by: Booker,
    *,
    at: datetime | None = None,
    is_demo: bool = False,
) -> str:
    """Join the waiting list of a full slot; gives the id to confirm with once it is offered.

    Raises Refused slot_free when there is no need to wait.
    """
    moment = at or now()
    known = patients.read(said, moment)
    asked = ask(session, slot_id, channel, known, moment)
    by.require_own(asked.row["hospital_id"], asked.row["channel"])
    require_bookable(asked)
    claim = taking.claim(session, asked, known, by.owner, None, is_demo)
    pool.clear(session, {slot_id}, moment)
    if pool.units_left(session, slot_id):
        raise Refused("slot_free", "这个时段还有号，请直接预约。", 409)
    taking.queue(session, claim | {"state": State.WAITING.value, "expires_at": None})
    hold_id: str = claim["hold_id"]
    return hold_id


_CONFIRM = f"""
    WITH confirmed AS (
        UPDATE booking SET state = 'confirmed', confirmed_at = %(at)s,
               booking_no = %(day)s || '-' || lpad(nextval('booking_number')::text, 6, '0')
        WHERE hold_id = %(hold_id)s AND state = %(before)s AND expires_at > %(at)s AND {OWN}
        RETURNING *
    ), told AS ({outbox("confirmed")})
    SELECT * FROM confirmed
"""  # noqa: S608 - constants of ours


def confirm(session: Session, hold_id: str, by: Booker, *, at: datetime | None = None) -> Booking:
    """Make a hold, or an offer from the waiting list, a booking; again, it is the same one.

    The rules were asked at the hold and are not asked again. Raises Refused hold_expired.
    """
    moment = at or now()
    row = _confirm(session, hold_id, by, State.HELD, moment)
    if row is None:
        return _confirm_with_care(session, hold_id, by, moment)
    tell(session)
    return adopt(session, row)


def _confirm_with_care(session: Session, hold_id: str, by: Booker, at: datetime) -> Booking:
    """What is confirmed already, is too late, or was offered from the waiting list."""
    booking = locked(session, Booking.hold_id == hold_id, by)
    if booking.state not in RUNS_OUT:
        return _already(booking)
    if is_live(booking.state, booking.expires_at, at):
        _clear_own_stale_hold(session, booking, at)
        if row := _confirm(session, hold_id, by, booking.state, at):
            return adopt(session, row)
    raise _expired()


def _confirm(
    session: Session, hold_id: str, by: Booker, before: State, at: datetime
) -> dict[str, Any] | None:
    given = {"hold_id": hold_id, "before": before.value, "at": at,
             "day": local(at).strftime("%Y%m%d"), "template": Template.CONFIRMED.value}  # fmt: skip
    try:
        return db.first(session, _CONFIRM, by.given | given)
    except IntegrityError as error:
        raise taking.refused_by(error) from None


_STALE = text(
    """
    SELECT slot_id FROM booking WHERE patient_id = :patient AND department_id = :department
    AND day = :day AND state = 'held' AND expires_at <= :at
    """
)


def _clear_own_stale_hold(session: Session, booking: Booking, at: datetime) -> None:
    """Who is offered a unit may have let a hold nearby run out: it must not stand in the way."""
    given = {
        "patient": booking.patient_id,
        "department": booking.department_id,
        "day": booking.day,
        "at": at,
    }
    if stale := session.execute(_STALE, given).scalar():
        pool.clear(session, {stale}, at)


def _already(booking: Booking) -> Booking:
    if booking.booking_no is not None:
        return booking
    if booking.state is State.WAITING:
        raise Refused("not_offered", "还没有空出的号，有号时会发短信通知，请等候。", 409)
    raise stopped(booking.reason) if booking.state is State.STOPPED else _expired()


def _expired() -> Refused:
    return Refused("hold_expired", "占号时间已过，号已放回，请重新选择。", 409)


def release(session: Session, hold_id: str, by: Booker, *, at: datetime | None = None) -> None:
    """Give up a hold, an offer or a place on the waiting list before it is confirmed."""
    moment = at or now()
    if pool.let_go(session, hold_id, by.given, RUNS_OUT, State.RELEASED, moment) is not None:
        return
    booking = with_slot(session, Booking.hold_id == hold_id, by)
    if booking.state not in (*RUNS_OUT, State.WAITING):
        return
    had_a_unit = booking.state in RUNS_OUT
    settle(session, booking, State.RELEASED, moment)
    if had_a_unit:
        pool.give_back(session, booking.slot_id, 1, moment)
