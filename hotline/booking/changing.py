"""Use cases of a booking that stands: cancel it, move it to another slot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hotline import audit
from hotline.booking import patients, pool, taking
from hotline.booking.asking import ask, duplicate, require_bookable
from hotline.booking.finding import Booker, adopt, get_booking, settle, told_reason, with_slot
from hotline.booking.in_force import Asked, policy_of, policy_of_booking
from hotline.booking.models import Booking, Patient, PatientAccount
from hotline.booking.patients import Applicant
from hotline.booking.rules import State
from hotline.booking.texts import Template, write
from hotline.booking.windows import pick_up_by, require_cancellable
from hotline.clock import now
from hotline.errors import Refused


def cancel(
    session: Session, booking_no: str, reason: str, by: Booker, *, at: datetime | None = None
) -> Booking:
    """Cancel a booking; cancelled already, it stays so. Raises Refused cancel_not_allowed."""
    moment = at or now()
    row = _cancel(session, booking_no, reason, by, moment)
    if row is None:
        return _cancel_with_care(session, booking_no, reason, by, moment)
    return _cancelled(session, adopt(session, row))


def _cancel(
    session: Session, booking_no: str, reason: str, by: Booker, at: datetime
) -> dict[str, Any] | None:
    asked = policy_of_booking(session, booking_no, by.given, at)
    if asked is None or asked.row["state"] != State.CONFIRMED:
        return None
    _require_cancellable(asked)
    return pool.let_go(
        session, asked.row["hold_id"], by.given, [State.CONFIRMED], State.CANCELLED, at,
        reason=told_reason(reason), template=Template.CANCELLED,
    )  # fmt: skip


def _cancel_with_care(
    session: Session, booking_no: str, reason: str, by: Booker, at: datetime
) -> Booking:
    """What cannot be cancelled, is cancelled already, or is waited for by somebody."""
    booking = with_slot(session, Booking.booking_no == booking_no, by)
    if booking.state is State.CANCELLED:
        return booking
    _require_confirmed(booking)
    _require_cancellable(policy_of(session, booking.slot_id, booking.channel, at))
    settle(session, booking, State.CANCELLED, at, reason)
    pool.give_back(session, booking.slot_id, 1, at)
    write(session, booking.key, Template.CANCELLED, at)
    return _cancelled(session, booking)


def _cancelled(session: Session, booking: Booking) -> Booking:
    audit.record(session, audit.Action.RECORD_CHANGED, booking.subject,
                 detail={"state": booking.state.value})  # fmt: skip
    return booking


def _require_cancellable(asked: Asked) -> None:
    require_cancellable(asked.policy, asked.when, asked.at)


def _require_confirmed(booking: Booking) -> None:
    if booking.state is State.STOPPED:
        sentence = "这个预约的门诊已停诊，不用退号；要另约一个号请拨12320。"
        raise Refused("cancel_not_allowed", sentence, 409)
    if booking.state is not State.CONFIRMED:
        raise Refused("cancel_not_allowed", f"这个预约{booking.state.label}，不能退号或改约。", 409)


_MOVE = text(
    """
    UPDATE booking b SET slot_id = s.id, hospital_id = s.hospital_id, day = s.day,
           department_id = s.department_id, kind = :kind, pick_up_by = :pick_up_by
    FROM slot s WHERE s.id = :slot AND b.id = :id
    """
)


def change(
    session: Session, booking_no: str, slot_id: int, by: Booker, *, at: datetime | None = None
) -> Booking:
    """Move a booking to another slot, in one piece: the old unit is given back only with the new
    one in hand. Where cancelling is not allowed, changing is not either."""
    moment = at or now()
    asked = _asked_again(session, get_booking(session, booking_no, by), slot_id, moment)
    by.require_own(asked.row["hospital_id"], asked.row["channel"])
    more = {slot_id, asked.stale_hold or slot_id}
    booking = with_slot(session, Booking.booking_no == booking_no, by, more)
    _require_confirmed(booking)
    if booking.slot_id != slot_id:
        _move(session, booking, asked)
        write(session, booking.key, Template.CHANGED, moment)
    return booking


def _move(session: Session, booking: Booking, asked: Asked) -> None:
    at, before = asked.at, booking.slot_id
    _require_cancellable(policy_of(session, before, booking.channel, at))
    require_bookable(asked, but=booking.id)
    if asked.stale_hold is not None:
        pool.clear(session, {asked.stale_hold}, at)
    taking.require_quota(session, asked)
    pool.move_in(session, asked.row["slot_id"], at)
    given = {"id": booking.id, "slot": asked.row["slot_id"], "kind": asked.kind.value}
    try:
        session.execute(_MOVE, given | {"pick_up_by": pick_up_by(asked.policy, asked.when)})
    except IntegrityError:
        raise duplicate() from None
    pool.give_back(session, before, 1, at)
    session.refresh(booking)
    audit.record(session, audit.Action.RECORD_CHANGED, booking.subject,
                 detail={"slot": booking.slot_id, "before": before})  # fmt: skip


def _asked_again(session: Session, booking: Booking, slot_id: int, at: datetime) -> Asked:
    patient = session.get_one(Patient, booking.patient_id)
    account = session.get_one(PatientAccount, booking.account_id)
    guess = Applicant(account.name, patient.id_number, account.mobile)
    return ask(session, slot_id, booking.channel, patients.read(guess, at), at)
