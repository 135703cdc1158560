"""Machine doors of booking: one's own bookings, and who waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from hotline import access, audit
from hotline.agents.rules import DESK_ROLES, Scope
from hotline.booking import channels, listing, showing
from hotline.booking.answers import BookingsOut, QueuedOut, QueueOut
from hotline.booking.api_slots import own_hospital
from hotline.booking.doors import asker, bp
from hotline.booking.finding import Booker
from hotline.booking.forms import BookingsQuery, WaitingQuery
from hotline.booking.listing import Listed
from hotline.clock import today
from hotline.db import transaction
from hotline.errors import Refused

USUAL_DAYS = timedelta(days=31)
MOST_DAYS = timedelta(days=366)
QUEUED = ("hold_id", "slot_id", "channel", "state", "created_at", "expires_at")


@bp.get("/bookings", responses={200: BookingsOut}, summary="预约列表")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_bookings(query: BookingsQuery) -> dict[str, Any]:
    """One's own bookings by day of visit, today and a month unless said, patients masked."""
    with transaction() as session:
        by = asker(session)
        wanted = _listed(session, query, by)
        page = listing.bookings(session, wanted, by.as_reader, query.cursor, query.limit)
        items = showing.bookings_out(session, page.rows)
        audit.record(session, audit.Action.SEARCHED, "bookings", detail={"found": len(items)})
    return {"items": items, "next_cursor": page.next_cursor}


def _listed(session: Session, query: BookingsQuery, by: Booker) -> Listed:
    first = query.from_ or today()
    last = query.to or first + USUAL_DAYS
    if not first <= last <= first + MOST_DAYS:
        sentence = "日期范围应为先后顺序，且不超过 366 天。"
        raise Refused("range_invalid", sentence, fields={"to": sentence})
    hospital = own_hospital(session, query.hospital, by) if query.hospital else None
    channel = channels.asked_for(session, query.channel, by) if query.channel else None
    return Listed(first, last, channel, hospital, query.state)


@bp.get("/waiting", responses={200: QueueOut}, summary="候补列表")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_waiting(query: WaitingQuery) -> dict[str, Any]:
    """One's own places on waiting lists: how many are ahead, or until when a unit is offered."""
    with transaction() as session:
        page = listing.waiting(session, query.slot_id, asker(session), query.cursor, query.limit)
    items = [
        QueuedOut(**{name: getattr(booking, name) for name in QUEUED}, ahead=ahead)
        for booking, ahead in page.rows
    ]
    return QueueOut(items=items, next_cursor=page.next_cursor).model_dump(mode="json")
