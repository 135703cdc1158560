"""停诊: clinics that do not take place, and the people who must be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import audit
from hotline.booking import pool
from hotline.booking.models import Booking
from hotline.booking.rules import State
from hotline.booking.texts import Template, write_all
from hotline.clock import now
from hotline.errors import Refused

_STOP = text("UPDATE slot SET is_stopped = true, stop_reason = :reason WHERE id = ANY(:slots)")
_STOP_BOOKINGS = text(
    """
    UPDATE booking SET state = 'stopped', settled_at = :at, reason = :reason
    WHERE slot_id = ANY(:slots) AND state IN ('waiting', 'offered', 'held', 'confirmed')
    RETURNING id, booking_no
    """
)
# What the patients who have been there still take; the rest is nobody's.
_RECOUNT = text(
    """
    UPDATE slot s SET taken = (SELECT count(*) FROM booking b WHERE b.slot_id = s.id
                               AND b.state IN ('attended', 'no_show'))
    WHERE s.id = ANY(:slots)
    """
)
_RESUME = text(
    "UPDATE slot SET is_stopped = false, stop_reason = NULL WHERE id = ANY(:slots) AND is_stopped"
)


def stop_clinic(
    session: Session, slot_ids: Sequence[int], reason: str, *, at: datetime | None = None
) -> list[int]:
    """Stop these slots. Whoever has a booking gets a text message and is on the call-back list.

    Gives the bookings affected. Doing it again affects nobody new.
    """
    moment, why = at or now(), reason.strip()[:100]
    if not why:
        sentence = "请填写停诊原因。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    given = {"slots": sorted(slot_ids), "reason": why, "at": moment}
    pool.lock(session, slot_ids)
    session.execute(_STOP, given)
    rows = session.execute(_STOP_BOOKINGS, given).all()
    session.execute(_RECOUNT, given)
    session.expire_all()
    affected = sorted(key for key, number in rows if number)
    write_all(session, affected, Template.STOPPED, moment)
    detail = {"stopped": given["slots"], "affected": len(affected)}
    audit.record(session, audit.Action.RECORD_CHANGED, "slots", reason=why, detail=detail)
    return affected


def resume_clinic(session: Session, slot_ids: Sequence[int]) -> None:
    """The clinic takes place after all. Nobody is booked back: they have been told otherwise."""
    pool.lock(session, slot_ids)
    session.execute(_RESUME, {"slots": sorted(slot_ids)})
    audit.record(session, audit.Action.RECORD_CHANGED, "slots", detail={"resumed": list(slot_ids)})


def to_call_back(session: Session, limit: int = 200) -> list[Booking]:
    """Whose clinic was stopped and whom nobody has called yet, soonest visit first."""
    query = select(Booking).where(
        Booking.state == State.STOPPED,
        col(Booking.booking_no).is_not(None),
        col(Booking.called_back_at).is_(None),
    )
    return list(session.exec(query.order_by(col(Booking.day), col(Booking.id)).limit(limit)))


def called_back(session: Session, booking_no: str, *, at: datetime | None = None) -> None:
    """Somebody has told the patient."""
    query = select(Booking).where(Booking.booking_no == booking_no).with_for_update()
    booking = session.exec(query).first()
    if booking is None or booking.state is not State.STOPPED:
        raise Refused("booking_unknown", "没有找到这个停诊预约，请核对编号。", 404)
    booking.called_back_at = booking.called_back_at or at or now()
    audit.record(session, audit.Action.RECORD_CHANGED, booking.subject, detail={"told": True})
