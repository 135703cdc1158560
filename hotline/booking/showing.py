"""Bookings and slots as they may be shown: personal data masked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline import phone, security
from hotline.booking import id_numbers, names
from hotline.booking.forms import BookingOut, PatientOut
from hotline.booking.models import Booking
from hotline.booking.queries import Offer
from hotline.booking.rules import ClinicKind

_PLACE = text(
    """
    SELECT h.name AS hospital, c.name AS campus, d.name AS department, o.name AS doctor, o.title,
           s.clinic_kind AS kind, s.day AS date, s.half_day, s.starts_at, s.ends_at, s.fee,
           a.name, a.mobile, p.id_number
    FROM slot s JOIN resource r ON r.id = s.resource_id JOIN hospital h ON h.id = s.hospital_id
    JOIN department d ON d.id = s.department_id LEFT JOIN doctor o ON o.id = r.doctor_id
    LEFT JOIN campus c ON c.id = r.campus_id
    JOIN patient_account a ON a.id = :account JOIN patient p ON p.id = a.patient_id
    WHERE s.id = :slot
    """
)
_OWN = ("booking_no", "state", "slot_id", "channel", "pick_up_by", "confirmed_at", "settled_at",
        "reason")  # fmt: skip


def booking_out(session: Session, booking: Booking) -> dict[str, Any]:
    """A booking for a machine."""
    given = {"slot": booking.slot_id, "account": booking.account_id}
    place = dict(session.execute(_PLACE, given).mappings().one())
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
