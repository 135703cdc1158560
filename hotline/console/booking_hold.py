"""From a slot to a number: who it is for, the hold, the confirmation."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, jsonify, request
from sqlmodel import Session

from hotline import access, live
from hotline.booking import service
from hotline.booking.models import Booking
from hotline.booking.patients import Applicant
from hotline.calls.models import Call
from hotline.console.booking import booker, bp, call_of, desk_people, is_of_stopped
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
from hotline.web import render, what_is_wrong

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
        of_stopped=is_of_stopped(session, choice),
        offer=offer(session, choice.slot),
        call=call,
        caller=mobile_of(call),
        known=known_by(session, typed.get("mobile") or mobile_of(call)),
        form=typed,
        **what_is_wrong(refusal),
    )


@bp.get("/slot")
@access.passive
@desk_people
def slot_now() -> str:
    """The slot that was chosen, as it is now: somebody else may have taken it meanwhile."""
    choice = choice_of(request.args)
    with transaction() as session:
        found = offer(session, choice.slot)
        return render("booking/_slot_line.html", choice=choice, offer=found)


@bp.post("/known")
@desk_people
def known() -> str:
    """Patients who have been booked for under the mobile that was typed."""
    with transaction() as session:
        call = call_of(session, choice_of(request.form))
        mobile = request.form.get("mobile") or mobile_of(call)
        # Whoever was typed already is not one of them.
        form = {name: request.form.get(name) for name in ("patient_name",)}
        return render("booking/_known.html", known=known_by(session, mobile), form=form)


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
