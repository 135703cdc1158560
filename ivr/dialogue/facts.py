"""What is found out in the course of a call: slots, people, bookings. Plain data. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from hotline.booking.rules import ClinicKind, HalfDay
from ivr.dialogue.dates import Days
from ivr.dialogue.places import Place


@dataclass(frozen=True)
class Offered:
    """A slot as it is offered to a caller."""

    slot_id: int
    hospital_id: int
    department_id: int
    hospital: str
    department: str
    doctor: str | None
    title: str | None
    kind: ClinicKind | None
    day: date
    half: HalfDay
    starts_at: time | None
    fee: str | None = None


@dataclass(frozen=True)
class Person:
    """A patient known under the caller's mobile; ``said`` is how they are spoken of: 王女士."""

    account_id: int
    said: str


@dataclass(frozen=True)
class Standing:
    """A booking of the caller's that stands."""

    booking_no: str
    offered: Offered


@dataclass(frozen=True)
class Found:
    """What a search gave; ``instead`` when it is near what was wanted, but not that."""

    offers: tuple[Offered, ...] = ()
    instead: bool = False


@dataclass(frozen=True)
class Claim:
    """For whom a slot is to be held: somebody known, or somebody new."""

    slot_id: int
    person: Person | None = None
    id_number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    mobile: str = field(default="", repr=False)


@dataclass(frozen=True)
class Booked:
    """A booking just made."""

    booking_no: str
    pick_up_by: datetime | None = None


@dataclass(frozen=True)
class Slots:
    """What has been understood of a booking so far.

    ``department_said`` is what was said of a department before the hospital was known.
    """

    hospital: Place | None = None
    department: Place | None = None
    department_said: str = ""
    doctor: Place | None = None
    any_doctor: bool = False
    kind: ClinicKind | None = None
    days: Days | None = None
    half: HalfDay | None = None
    any_half: bool = False
    at: time | None = None

    def said(self) -> dict[str, str]:
        """What a person who takes over reads."""
        found = {
            "hospital": self.hospital.name if self.hospital else None,
            "department": self.department.name if self.department else None,
            "doctor": self.doctor.name if self.doctor else ("不限" if self.any_doctor else None),
            "kind": self.kind.label if self.kind else None,
            "date": _span(self.days) if self.days else None,
            "half_day": self.half.label if self.half else ("不限" if self.any_half else None),
            "time": f"{self.at:%H:%M}" if self.at else None,
        }
        return {name: value for name, value in found.items() if value}


def _span(days: Days) -> str:
    first = days.first.isoformat()
    return first if days.first == days.last else f"{first} 至 {days.last.isoformat()}"
