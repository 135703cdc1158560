"""One booking: what it says, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from sqlmodel import Session, select
from werkzeug.wrappers import Response

from hotline import access, audit, phone
from hotline.booking import attendance, changing, stop_calls
from hotline.booking.models import Booking
from hotline.booking.rules import State, may_become
from hotline.calls.models import Call
from hotline.console.booking import booker, bp, desk_people
from hotline.console.booking_hold import tell
from hotline.console.booking_list import READERS
from hotline.console.booking_told import Told, one
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

__all__ = ["bp"]
# What may be shown whole, for a reason.
HIDDEN: dict[str, Callable[[Told], str]] = {
    "name": lambda told: told.account.name,
    "id_number": lambda told: told.patient.id_number,
    "mobile": lambda told: phone.national(told.account.mobile),
}


@bp.get("/bookings/<number>")
@access.allowed(*READERS)
def show(number: str) -> str:
    """One booking, its patient masked."""
    with transaction() as session:
        told = _told(session, number)
        audit.record(session, audit.Action.RECORD_READ, told.booking.subject)
        return render(
            "booking/show.html",
            told=told,
            call=_call(session, told),
            may_cancel=may_become(told.booking.state, State.CANCELLED),
            may_attend=may_become(told.booking.state, State.ATTENDED),
            may_miss=may_become(told.booking.state, State.NO_SHOW),
        )


def _told(session: Session, number: str) -> Told:
    return one(session, Booking.booking_no == number)


def _call(session: Session, told: Told) -> Call | None:
    uid = told.booking.call_uid
    return session.exec(select(Call).where(Call.call_uid == uid)).first() if uid else None


@bp.post("/bookings/<number>/cancel")
@desk_people
def cancel(number: str) -> Response:
    """Give the unit back, for a reason."""
    reason = request.form.get("reason", "").strip()
    if len(reason) < 2:
        sentence = "请填写退号原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    with transaction() as session:
        changing.cancel(session, number, reason[:200], booker())
        tell(session)
    flash(f"预约 {number} 已退号，短信会通知就诊人。")
    return redirect(url_for("booking.show", number=number))


@bp.post("/bookings/<number>/change")
@desk_people
def change(number: str) -> str:
    """Move it to the slot that was picked; the old one is kept until the new one is in hand.
    One whose clinic was stopped is followed by a new one."""
    slot = request.form.get("slot", type=int) or 0
    with transaction() as session:
        was_stopped = _told(session, number).booking.state is State.STOPPED
        if was_stopped:
            person = access.person().key
            number = stop_calls.rebook(session, number, slot, booker(), person).booking_no or ""
        else:
            changing.change(session, number, slot, booker())
        tell(session)
        return render("booking/_changed.html", told=_told(session, number), is_new=was_stopped)


@bp.post("/bookings/<number>/attendance")
@desk_people
def attend(number: str) -> Response:
    """Whether the patient came, as the hospital says."""
    attended = request.form.get("attended") == "yes"
    with transaction() as session:
        booking = attendance.report(session, number, attended, booker())
    flash(f"预约 {number}：{booking.state.label}。")
    return redirect(url_for("booking.show", number=number))


@bp.post("/bookings/<number>/reveal/<any(name, id_number, mobile):what>")
@desk_people
def reveal(number: str, what: str) -> dict[str, str]:
    """Name, ID number or mobile in full, for a reason that goes on record."""
    reason = request.form.get("reason", "").strip()
    if not 2 <= len(reason) <= 200:
        sentence = "请填写查看的原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    with transaction() as session:
        told = _told(session, number)
        audit.record(session, audit.Action.NUMBER_REVEALED, told.booking.subject, reason=reason,
                     detail={"what": what})  # fmt: skip
        return {"value": HIDDEN[what](told)}
