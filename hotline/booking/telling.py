"""Outside channels tell their own patients of a 停诊: whom, and that it is done."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from hotline import audit
from hotline.booking import listing
from hotline.booking.finding import Booker, get_booking
from hotline.booking.models import Booking
from hotline.booking.stop_models import CallState, StopCall
from hotline.clock import now
from hotline.errors import Refused
from hotline.web import Page


def to_tell(
    session: Session, hospital: int | None, by: Booker, cursor: str | None, limit: int
) -> Page[Booking]:
    """One's own bookings whose patient nobody has told, the soonest visit first."""
    untold = select(StopCall.booking_id).where(StopCall.state == CallState.OPEN)
    conditions = [col(Booking.id).in_(untold), *by.own()]
    if hospital is not None:
        conditions.append(Booking.hospital_id == hospital)
    return listing.page(session, conditions, cursor, limit)


def told(session: Session, booking_no: str, by: Booker, *, at: datetime | None = None) -> None:
    """The patient knows; whoever was told already stays so. Raises Refused booking_unknown."""
    booking = get_booking(session, booking_no, by)
    query = select(StopCall).where(StopCall.booking_id == booking.key).with_for_update()
    duty = session.exec(query).first()
    if duty is None:
        raise Refused("booking_unknown", "没有找到这个停诊预约，请核对编号。", 404)
    if duty.state is CallState.OPEN:
        duty.state, duty.closed_at = CallState.TOLD, at or now()
        session.flush()
        audit.record(session, audit.Action.RECORD_CHANGED, booking.subject, detail={"told": True})
