"""Whether patients came, and what becomes of those who often do not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit
from hotline.booking.finding import Booker, get_booking, locked
from hotline.booking.in_force import policy_of
from hotline.booking.models import Booking
from hotline.booking.policy import Policy
from hotline.booking.rules import State, may_become
from hotline.booking.values import Unreported
from hotline.clock import now
from hotline.errors import Refused

_LOCK = text("SELECT id FROM patient WHERE id = :patient FOR UPDATE")
_COUNT = text(
    """
    SELECT count(*) FROM booking WHERE patient_id = :patient AND state = 'no_show'
    AND settled_at > :since AND settled_at <= :at
    """
)
_BAN = text(
    """
    INSERT INTO booking_ban (patient_id, from_at, until_at, no_shows)
    SELECT :patient, :at, :until, :count WHERE NOT EXISTS (
        SELECT FROM booking_ban WHERE patient_id = :patient AND lifted_at IS NULL
        AND until_at > :at)
    """
)
_LIFT = text(
    "UPDATE booking_ban SET lifted_at = :at"
    " WHERE patient_id = :patient AND lifted_at IS NULL AND until_at > :at"
    " AND no_shows > 0"  # what a person set, a person lifts
)


def report(
    session: Session, booking_no: str, attended: bool, by: Booker, *, at: datetime | None = None
) -> Booking:
    """What the hospital says; it may correct itself, and a ban follows.

    Its word counts whenever it comes: clinics are brought forward, and its clock is its own.
    """
    moment = at or now()
    booking = locked(session, Booking.booking_no == booking_no, by.as_hospital)
    after = State.ATTENDED if attended else State.NO_SHOW
    if booking.state is not after:
        _require_may(booking, after)
        booking.state, booking.settled_at = after, moment
        session.flush()
        audit.record(session, audit.Action.RECORD_CHANGED, booking.subject,
                     detail={"state": after.value})  # fmt: skip
        _judge(session, booking, moment)
    return booking


def _require_may(booking: Booking, after: State) -> None:
    if not may_become(booking.state, after):
        raise Refused(
            "attendance_not_allowed", f"这个预约{booking.state.label}，不能登记就诊情况。", 409
        )


def _judge(session: Session, booking: Booking, at: datetime) -> None:
    """Ban who has too many no-shows; lift the ban of who no longer has."""
    session.execute(_LOCK, {"patient": booking.patient_id})
    policy = policy_of(session, booking.slot_id, booking.channel, at).policy
    count = no_shows(session, booking.patient_id, policy, at)
    given = {"patient": booking.patient_id, "at": at}
    if count < policy.no_shows:
        session.execute(_LIFT, given)
    elif booking.state is State.NO_SHOW and policy.ban_days:
        until = at + timedelta(days=policy.ban_days)
        session.execute(_BAN, given | {"until": until, "count": count})


def no_shows(session: Session, patient_id: int, policy: Policy, at: datetime) -> int:
    """How often a patient did not come, within the time that counts."""
    since = at - timedelta(days=policy.no_show_days)
    given = {"patient": patient_id, "since": since, "at": at}
    return int(session.execute(_COUNT, given).scalar_one())


_UNREPORTED = text(
    """
    SELECT booking_no FROM booking WHERE state = 'confirmed' AND day < :today AND day >= :since
    ORDER BY id
    """
)
LOOKED_BACK = timedelta(days=7)
SYSTEM = Booker("系统", sees_all=True)


def unreported(session: Session, today: date) -> list[str]:
    """Bookings of the past week of which the hospital has said nothing."""
    given = {"today": today, "since": today - LOOKED_BACK}
    return list(session.execute(_UNREPORTED, given).scalars())


def settle_unreported(session: Session, booking_no: str, at: datetime) -> None:
    """Count a visit nobody reported as the hospital's rules say; usually they say nothing."""
    booking = get_booking(session, booking_no, SYSTEM)
    counts_as = policy_of(session, booking.slot_id, booking.channel, at).policy.unreported
    if counts_as is not Unreported.IGNORE:
        report(session, booking_no, counts_as is Unreported.ATTENDED, SYSTEM, at=at)
