"""How far a search for a slot has come, as it stands in an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from flask import url_for
from sqlmodel import Session

from hotline.booking.models import Department, Doctor, Hospital, Resource
from hotline.booking.rules import HalfDay
from hotline.clock import parse_day

PLACES = ("hospital", "department", "doctor", "item")


@dataclass(frozen=True)
class Choice:
    """``call`` is the call at hand, ``change`` the booking that is to be moved."""

    hospital: int | None = None
    department: int | None = None
    doctor: int | None = None
    item: int | None = None
    day: date | None = None
    half: HalfDay | None = None
    slot: int | None = None
    call: str = ""
    change: str = ""

    def at(self, endpoint: str, **changes: Any) -> str:
        """The address of a page with this choice, some of it changed."""
        chosen = {field.name: getattr(self, field.name) for field in fields(self)} | changes
        said: dict[str, Any] = {
            name: str(value) for name, value in chosen.items() if value not in (None, "")
        }
        address: str = url_for(endpoint, **said)
        return address


def choice_of(asked: Mapping[str, str]) -> Choice:
    """The choice in an address; what is not understood is not chosen."""
    numbers = {name: whole_number(asked.get(name)) for name in PLACES}
    return Choice(
        **numbers,
        day=parse_day(asked.get("day")),
        half=HalfDay.known(asked.get("half")),
        slot=whole_number(asked.get("slot")),
        call=asked.get("call", "")[:20],
        change=asked.get("change", "")[:20],
    )


def whole_number(text: str | None) -> int | None:
    """An id as it may stand in an address, or None."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else None


@dataclass(frozen=True)
class Where:
    """The places chosen, by name."""

    hospital: Hospital | None = None
    department: Department | None = None
    doctor: Doctor | None = None
    item: Resource | None = None


def where(session: Session, choice: Choice) -> Where:
    """The narrowest place that was chosen, and what it lies in."""
    doctor = session.get(Doctor, choice.doctor) if choice.doctor else None
    item = session.get(Resource, choice.item) if choice.item else None
    inside = doctor or item
    within = inside.department_id if inside else choice.department
    department = session.get(Department, within) if within else None
    outermost = department.hospital_id if department else choice.hospital
    hospital = session.get(Hospital, outermost) if outermost else None
    return Where(hospital, department, doctor, item)
