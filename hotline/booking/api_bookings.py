"""Machine doors of booking: hold, confirm, and what becomes of it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from hotline import access, api, audit
from hotline.agents.rules import DESK_ROLES, Scope
from hotline.booking import attendance, changing, channels, finding, service, showing
from hotline.booking.answers import BookingOut, HoldOut, ReleasedOut, WaitingOut
from hotline.booking.doors import Answer, asker, bp
from hotline.booking.forms import (
    AttendanceIn,
    BookingPath,
    CancelIn,
    ChangeIn,
    ConfirmIn,
    HoldIn,
    HoldPath,
)
from hotline.db import transaction


@bp.post("/holds", responses={201: HoldOut}, summary="占号")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_hold(body: HoldIn, session: Session) -> Answer:
    """Keep a unit for a patient for some minutes, to be read back and confirmed."""
    patient, by = body.patient.applicant(), asker(session)
    channel = channels.said_or_only(body.channel, by)
    held = service.hold(session, body.slot_id, patient, channel, by, call_uid=body.call_uid)
    answer = HoldOut(hold_id=held.hold_id, expires_at=held.expires_at)
    return answer.model_dump(mode="json"), 201


@bp.post("/holds/<hold_id>/release", responses={200: ReleasedOut}, summary="放弃占号或候补")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_release(path: HoldPath, session: Session) -> dict[str, Any]:
    """Give a hold or a place on the waiting list up before it is confirmed."""
    service.release(session, path.hold_id, asker(session))
    return {"released": True}


@bp.post("/waiting", responses={201: WaitingOut}, summary="候补")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_waiting(body: HoldIn, session: Session) -> Answer:
    """Join the waiting list of a full slot; a freed unit is offered by text message."""
    patient, by = body.patient.applicant(), asker(session)
    channel = channels.said_or_only(body.channel, by)
    hold_id = service.wait(session, body.slot_id, patient, channel, by)
    return WaitingOut(hold_id=hold_id).model_dump(mode="json"), 201


@bp.post("/bookings", responses={201: BookingOut}, summary="确认预约")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_booking(body: ConfirmIn, session: Session) -> Answer:
    """Make a hold a booking; the same hold again gives the same booking."""
    booking = service.confirm(session, body.hold_id, asker(session))
    audit.record(session, audit.Action.RECORD_CHANGED, booking.subject,
                 detail={"state": booking.state.value})  # fmt: skip
    return showing.booking_out(session, booking), 201


@bp.get("/bookings/<no>", responses={200: BookingOut}, summary="查询预约")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def show_booking(path: BookingPath) -> dict[str, Any]:
    """One booking, its patient masked."""
    with transaction() as session:
        booking = finding.get_booking(session, path.no, asker(session).as_reader)
        audit.record(session, audit.Action.RECORD_READ, booking.subject)
        return showing.booking_out(session, booking)


@bp.post("/bookings/<no>/cancel", responses={200: BookingOut}, summary="退号")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_cancel(path: BookingPath, body: CancelIn, session: Session) -> dict[str, Any]:
    """Give the unit back, where the hospital's rules allow it."""
    booking = changing.cancel(session, path.no, body.reason, asker(session))
    return showing.booking_out(session, booking)


@bp.post("/bookings/<no>/change", responses={200: BookingOut}, summary="改约")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_change(path: BookingPath, body: ChangeIn, session: Session) -> dict[str, Any]:
    """Move to another slot; the old one is kept until the new one is in hand."""
    booking = changing.change(session, path.no, body.slot_id, asker(session))
    return showing.booking_out(session, booking)


@bp.post("/bookings/<no>/attendance", responses={200: BookingOut}, summary="就诊情况")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_attendance(path: BookingPath, body: AttendanceIn, session: Session) -> dict[str, Any]:
    """Whether the patient came; the hospital may correct itself.

    A token bound to hospitals reports for whoever has booked there, through any channel.
    """
    booking = attendance.report(session, path.no, body.attended, asker(session))
    return showing.booking_out(session, booking)
