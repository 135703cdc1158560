"""From a slot to a number: who it is for, the hold, the confirmation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from sqlmodel import Session

from hotline import audit, live
from hotline.booking import service
from hotline.booking.models import Booking
from hotline.booking.patients import Applicant
from hotline.calls.models import Call
from hotline.console.booking import booker, bp, call_of, desk_people, panel_values
from hotline.console.booking_choice import Choice, choice_of
from hotline.console.booking_patients import (
    applicant,
    in_form,
    known_by,
    mobile_of,
    reading,
)
from hotline.console.booking_slots import CHANNEL, Offer, offer
from hotline.console.booking_told import one
from hotline.console.booking_words import waiting_words
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

__all__ = ["bp"]


@bp.get("/patient")
@desk_people
def patient() -> str:
    """Who the slot is for: known under the caller's number, or typed."""
    with transaction() as session:
        return _form(session, choice_of(request.args), {}, None)


def _form(session: Session, choice: Choice, typed: dict[str, str], refusal: Refused | None) -> str:
    call = call_of(session, choice)
    return render(
        "booking/_patient.html",
        choice=choice,
        offer=offer(session, choice.slot),
        call=call,
        caller=mobile_of(call),
        known=known_by(session, typed.get("mobile") or mobile_of(call)),
        form=typed,
        errors=refusal.fields if refusal else {},
        notice=refusal.message if refusal else None,
    )


@bp.post("/known")
@desk_people
def known() -> str:
    """Patients who have been booked for under the mobile that was typed."""
    with transaction() as session:
        call = call_of(session, choice_of(request.form))
        mobile = request.form.get("mobile") or mobile_of(call)
        return render("booking/_known.html", known=known_by(session, mobile), form={})


@bp.post("/identity")
@desk_people
def identity() -> Response:
    """What the number typed so far says. Posted: it has no place in an address."""
    return jsonify(reading(request.form.get("id_number", "")[:40]))


@bp.post("/hold")
@desk_people
def hold() -> str | tuple[str, int]:
    """Keep the slot for the patient and show what to read back; refused, the form again."""
    return _or_again(_hold)


def _hold(session: Session, choice: Choice) -> str:
    slot, who, call = _asked(session, choice)
    held = service.hold(
        session, slot.row["id"], who, CHANNEL, booker(), call_uid=call.call_uid if call else None,
        is_demo=slot.row["is_demo"],  # whoever books a made-up clinic is made up as well
    )  # fmt: skip
    tell(session)
    told = one(session, Booking.id == held.booking_id)
    return render("booking/_held.html", told=told, choice=choice)


@bp.post("/wait")
@desk_people
def wait() -> str | tuple[str, int]:
    """Put the patient on the waiting list of a full slot."""
    return _or_again(_wait)


def _wait(session: Session, choice: Choice) -> str:
    slot, who, _ = _asked(session, choice)
    service.wait(session, slot.row["id"], who, CHANNEL, booker(), is_demo=slot.row["is_demo"])
    sentence = waiting_words(
        who.name.strip(), slot.when, slot.row["hospital"] + slot.row["department"]
    )
    return render("booking/_waiting.html", sentence=sentence, choice=choice)


def _asked(session: Session, choice: Choice) -> tuple[Offer, Applicant, Call | None]:
    call = call_of(session, choice)
    return offer(session, choice.slot), applicant(session, request.form, call), call


def _or_again(deed: Callable[[Session, Choice], str]) -> str | tuple[str, int]:
    """Do it; refused, the form once more with what was typed and the sentence."""
    choice = choice_of(request.form)
    try:
        with transaction() as session:
            return deed(session, choice)
    except Refused as refusal:
        with transaction() as session:
            return _form(session, choice, request.form.to_dict(), in_form(refusal)), 422


def tell(session: Session) -> None:
    """Everybody who looks at the pool looks again."""
    live.publish(session, "bookings", "bookings", {})


@bp.get("/held/<int:booking_id>")
@desk_people
def held(booking_id: int) -> str:
    """Back to a hold of mine that is neither confirmed nor given up."""
    with transaction() as session:
        told = one(session, Booking.id == _mine(session, booking_id).id)
        return render("booking/_held.html", told=told, choice=choice_of(request.args))


def _mine(session: Session, booking_id: int) -> Booking:
    """The secret of a hold stays here: a page knows it by its id, and only its maker may."""
    booking = session.get(Booking, booking_id)
    if booking is None or booking.owner != booker().owner:
        raise Refused("booking_unknown", "没有找到这个占号，可能已经释放。", 404)
    return booking


@bp.post("/held/<int:booking_id>/confirm")
@desk_people
def confirm(booking_id: int) -> str | tuple[str, int]:
    """The caller agrees: the number."""
    choice = choice_of(request.form)
    try:
        with transaction() as session:
            booking = service.confirm(session, _mine(session, booking_id).hold_id, booker())
            audit.record(session, audit.Action.RECORD_CHANGED, booking.subject,
                         detail={"state": booking.state.value})  # fmt: skip
            tell(session)
            return render("booking/_done.html", told=one(session, Booking.id == booking.id),
                          choice=choice)  # fmt: skip
    except Refused as refusal:
        return _pick_again(choice, refusal), 422


@bp.post("/held/<int:booking_id>/release")
@desk_people
def release(booking_id: int) -> str:
    """The caller does not want it: the unit is free again, and the search goes on."""
    choice = choice_of(request.form)
    with transaction() as session:
        service.release(session, _mine(session, booking_id).hold_id, booker())
        tell(session)
    return _pick_again(choice, None)


def _pick_again(choice: Choice, refusal: Refused | None) -> str:
    with transaction() as session:
        values: dict[str, Any] = panel_values(session, choice)
        return render("booking/_pick.html", notice=refusal.message if refusal else None, **values)
