"""Bookings and slots as they may be shown: personal data masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline import phone, security
from hotline.booking import id_numbers, names
from hotline.booking.answers import BookingOut, PatientOut
from hotline.booking.models import Booking
from hotline.booking.naming import item_of
from hotline.booking.offers import Offer
from hotline.booking.rules import ClinicKind

_PLACE = text(
    """
    SELECT b.id AS booking_id, h.name AS hospital, c.name AS campus, d.name AS department,
           o.name AS doctor, o.title, r.kind AS category, r.name AS item,
           s.clinic_kind AS kind, s.day AS date, s.half_day, s.starts_at,
           s.ends_at, s.fee, a.name, a.mobile, p.id_number
    FROM booking b JOIN slot s ON s.id = b.slot_id JOIN resource r ON r.id = s.resource_id
    JOIN hospital h ON h.id = s.hospital_id
    JOIN department d ON d.id = s.department_id LEFT JOIN doctor o ON o.id = r.doctor_id
    LEFT JOIN campus c ON c.id = r.campus_id
    JOIN patient_account a ON a.id = b.account_id JOIN patient p ON p.id = a.patient_id
    WHERE b.id = ANY(:bookings)
    """
)
_OWN = ("booking_no", "state", "slot_id", "channel", "pick_up_by", "confirmed_at", "settled_at",
        "reason")  # fmt: skip


def booking_out(session: Session, booking: Booking) -> dict[str, Any]:
    """A booking for a machine."""
    return bookings_out(session, [booking])[0]


def bookings_out(session: Session, bookings: Sequence[Booking]) -> list[dict[str, Any]]:
    """Bookings for a machine, in their order."""
    rows = session.execute(_PLACE, {"bookings": [each.key for each in bookings]}).mappings()
    places = {row["booking_id"]: dict(row) for row in rows}
    return [_out(booking, places[booking.key]) for booking in bookings]


def _out(booking: Booking, place: dict[str, Any]) -> dict[str, Any]:
    place.pop("booking_id")
    place["item"] = item_of(place["category"], place["item"])
    patient = _masked(place.pop("name"), place.pop("id_number"), place.pop("mobile"))
    shown = BookingOut(
        **{name: getattr(booking, name) for name in _OWN},
        **place,
        state_label=booking.state.label,
        kind_label=_label(place["kind"]),
        booking_kind=booking.kind,
        patient=patient,
    )
    return shown.model_dump(mode="json")


def _label(kind: str | None) -> str | None:
    known = ClinicKind.known(kind)
    return known.label if known else None


def _masked(name: bytes, id_number: bytes, mobile: bytes) -> PatientOut:
    return PatientOut(
        name=names.mask(security.decrypt("patient_account.name", name)),
        id_number=id_numbers.mask(security.decrypt("patient.id_number", id_number)),
        mobile=phone.mask(security.decrypt("patient_account.mobile", mobile)),
    )


def slot_out(offer: Offer) -> dict[str, Any]:
    """A slot for a machine: written by hand, a search answers hundreds."""
    return {
        "slot_id": offer.slot_id,
        "hospital_id": offer.hospital_id,
        "hospital": offer.hospital,
        "campus": offer.campus,
        "department_id": offer.department_id,
        "department": offer.department,
        "doctor": offer.doctor,
        "title": offer.title,
        "category": offer.category,
        "item": offer.item,
        "kind": offer.kind,
        "kind_label": offer.kind.label if offer.kind else None,
        "date": offer.date.isoformat(),
        "half_day": offer.half_day,
        "starts_at": offer.starts_at.isoformat() if offer.starts_at else None,
        "ends_at": offer.ends_at.isoformat() if offer.ends_at else None,
        "capacity": offer.capacity,
        "free": offer.free,
        "fee": float(offer.fee) if offer.fee is not None else None,
        "bookable": offer.closed is None,
        "closed": offer.closed,
    }
