"""Machine doors of booking: whom a stopped clinic is still to be told."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from hotline import access, api, audit
from hotline.agents.rules import DESK_ROLES, Scope
from hotline.booking import showing, telling
from hotline.booking.answers import BookingsOut, ToldOut
from hotline.booking.api_slots import own_hospital
from hotline.booking.doors import asker, bp
from hotline.booking.forms import BookingPath, CallBacksQuery, ToldIn
from hotline.db import transaction


@bp.get("/call-backs", responses={200: BookingsOut}, summary="停诊待通知")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
def list_call_backs(query: CallBacksQuery) -> dict[str, Any]:
    """One's own bookings whose clinic was stopped (``reason``, ``settled_at``) and whose patient
    nobody has told yet."""
    with transaction() as session:
        by = asker(session)
        hospital = own_hospital(session, query.hospital, by) if query.hospital else None
        page = telling.to_tell(session, hospital, by.as_reader, query.cursor, query.limit)
        items = showing.bookings_out(session, page.rows)
        audit.record(session, audit.Action.SEARCHED, "bookings", detail={"found": len(items)})
    return {"items": items, "next_cursor": page.next_cursor}


@bp.post("/call-backs/<no>", responses={200: ToldOut}, summary="已通知停诊")
@access.allowed(*DESK_ROLES)
@access.token(Scope.BOOKING)
@api.idempotent
def post_told(path: BookingPath, body: ToldIn, session: Session) -> dict[str, Any]:
    """The patient has been told; the booking leaves everybody's list."""
    telling.told(session, path.no, asker(session).as_reader)
    return ToldOut(booking_no=path.no, told=body.told).model_dump()
