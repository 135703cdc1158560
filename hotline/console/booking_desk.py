"""A booking that exists, at the desk: found by what the caller says, changed, cancelled."""

from __future__ import annotations

from flask import request
from sqlalchemy import case
from sqlmodel import Session, col, or_, select

from hotline import audit
from hotline.booking import changing, service
from hotline.booking.models import Booking, TextMessage
from hotline.booking.rules import RUNS_OUT, State, may_become
from hotline.clock import today
from hotline.console import booking_filter
from hotline.console.booking import booker, bp, desk_people
from hotline.console.booking_at_hand import ON_THE_LIST, at_hand
from hotline.console.booking_choice import choice_of
from hotline.console.booking_hold import tell
from hotline.console.booking_told import Told, one, told
from hotline.console.booking_words import day_and_time
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

__all__ = ["bp"]
MOST = 12


@bp.post("/lookup")
@desk_people
def lookup() -> str | tuple[str, int]:
    """Bookings by number, mobile, document or name. Posted: none of them belongs in an address."""
    choice = choice_of(request.form)
    try:
        asked = booking_filter.address_of({"q": request.form.get("q", "")})
    except Refused as refusal:
        return render("booking/_found.html", choice=choice, notice=refusal.message), 422
    with transaction() as session:
        found = _found(session, asked) if asked else []
        audit.record(session, audit.Action.SEARCHED, "booking", detail={"found": len(found)})
        return render(
            "booking/_found.html", choice=choice, found=found[:MOST], asked=asked,
            more=len(found) > MOST,
        )  # fmt: skip


def _found(session: Session, asked: dict[str, str]) -> list[Told]:
    """What is to come first, the soonest first; then what has been."""
    is_over = case((col(Booking.day) >= today(), 0), else_=1)
    numbered = or_(col(Booking.booking_no).is_not(None), col(Booking.state).in_(ON_THE_LIST))
    order = (is_over, case((is_over == 0, Booking.day)), col(Booking.id).desc())
    return told(session, numbered, *booking_filter.narrowing(asked), order=order, most=MOST + 1)


@bp.get("/card/<int:booking_id>")
@desk_people
def card(booking_id: int) -> str:
    """One booking in the panel, and what may be done with it."""
    with transaction() as session:
        found = one(session, Booking.id == booking_id)
        if found.booking.booking_no is None:
            at_hand(session, booking_id)
        audit.record(session, audit.Action.RECORD_READ, found.booking.subject)
        return _card(found)


def _card(found: Told, noted: str = "") -> str:
    state = found.booking.state
    template = "booking/_held.html" if state in RUNS_OUT else "booking/_card.html"
    return render(
        template,
        told=found,
        choice=choice_of(request.values),
        may_cancel=may_become(state, State.CANCELLED),
        may_move=may_become(state, State.CANCELLED) or state is State.STOPPED,
        noted=noted,
    )


@bp.post("/card/<int:booking_id>/cancel")
@desk_people
def cancel_here(booking_id: int) -> str:
    """Cancel it, or leave the waiting list, for a reason; the panel stays."""
    reason = request.form.get("reason", "").strip()
    if len(reason) < 2:
        sentence = "请填写原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    with transaction() as session:
        booking = one(session, Booking.id == booking_id).booking
        if booking.booking_no:
            changing.cancel(session, booking.booking_no, reason[:200], booker())
        else:
            give_up(session, booking_id, reason)
        tell(session)
        found = one(session, Booking.id == booking_id)
        return _card(found, noted=_noted(found, reason))


def give_up(session: Session, booking_id: int, reason: str) -> None:
    """Leave the waiting list, or let an offer go to the next; who said so is kept."""
    booking = at_hand(session, booking_id)
    service.release(session, booking.hold_id, booker())
    audit.record(session, audit.Action.RECORD_CHANGED, booking.subject, reason=reason,
                 detail={"state": booking.state.value})  # fmt: skip


def _noted(found: Told, reason: str) -> str:
    what = f"预约 {found.booking.booking_no} 已退号" if found.booking.booking_no else "已放弃候补"
    return f"{what}（{found.place}，{day_and_time(found.slot.when)}）：{reason}。"


@bp.get("/text/<int:booking_id>")
@desk_people
def text_state(booking_id: int) -> str:
    """Whether the text message about it has left."""
    with transaction() as session:
        query = select(TextMessage).where(TextMessage.booking_id == booking_id)
        message = session.exec(query.order_by(col(TextMessage.id).desc())).first()
        return render("booking/_text_state.html", message=message, booking_id=booking_id)
