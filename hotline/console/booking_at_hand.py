"""A unit that is kept for somebody: read back, confirmed, given up, kept once more."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlmodel import Session

from hotline import audit
from hotline.booking import service
from hotline.booking.models import Booking
from hotline.booking.patients import Applicant
from hotline.booking.rules import State
from hotline.console.booking import booker, bp, desk_people, panel_values
from hotline.console.booking_choice import Choice, choice_of
from hotline.console.booking_hold import tell
from hotline.console.booking_slots import CHANNEL
from hotline.console.booking_told import Told, one
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

__all__ = ["bp"]
ON_THE_LIST = (State.WAITING, State.OFFERED)


@bp.get("/held/<int:booking_id>")
@desk_people
def held(booking_id: int) -> str:
    """Back to a hold of mine, or to what is offered to somebody who waited: to be confirmed."""
    with transaction() as session:
        told = one(session, Booking.id == at_hand(session, booking_id).id)
        audit.record(session, audit.Action.RECORD_READ, told.booking.subject)
        return render("booking/_held.html", told=told, choice=choice_of(request.args))


def at_hand(session: Session, booking_id: int) -> Booking:
    """A hold of mine, or anybody's place on the waiting list: whoever answers the telephone helps.

    The secret of a hold stays here: a page knows it by its id.
    """
    booking = session.get(Booking, booking_id)
    if booking is None or not (booking.owner == booker().owner or booking.state in ON_THE_LIST):
        raise Refused("booking_unknown", "没有找到这个占号，可能已经释放。", 404)
    return booking


@bp.post("/held/<int:booking_id>/again")
@desk_people
def again(booking_id: int) -> str | tuple[str, int]:
    """The time ran out while it was read back: the same slot once more for the same patient."""
    choice = choice_of(request.form)
    try:
        with transaction() as session:
            told = one(session, Booking.id == at_hand(session, booking_id).id)
            held = service.hold(
                session, told.slot.key, _of(told), CHANNEL, booker(),
                call_uid=told.booking.call_uid, is_demo=told.booking.is_demo,
            )  # fmt: skip
            tell(session)
            told = one(session, Booking.id == held.booking_id)
            return render("booking/_held.html", told=told, choice=choice)
    except Refused as refusal:
        return _pick_again(choice, refusal), 422


def _of(told: Told) -> Applicant:
    return Applicant(told.account.name, told.patient.id_number, told.account.mobile)


@bp.post("/held/<int:booking_id>/confirm")
@desk_people
def confirm(booking_id: int) -> str | tuple[str, int]:
    """The caller agrees: the number."""
    choice = choice_of(request.form)
    try:
        with transaction() as session:
            booking = service.confirm(session, at_hand(session, booking_id).hold_id, booker())
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
        service.release(session, at_hand(session, booking_id).hold_id, booker())
        tell(session)
    return _pick_again(choice, None)


def _pick_again(choice: Choice, refusal: Refused | None) -> str:
    with transaction() as session:
        values: dict[str, Any] = panel_values(session, choice)
        return render("booking/_pick.html", notice=refusal.message if refusal else None, **values)
