"""Slots and patients for tests, and what must hold of the pool whatever happened."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking.finding import Booker
from hotline.booking.id_numbers import check_digit
from hotline.booking.models import BookingRule, Department, Hospital, Resource, Slot
from hotline.booking.patients import Applicant
from hotline.booking.rules import ClinicKind, HalfDay

TODAY = date(2026, 11, 20)
DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 20, 2, tzinfo=UTC)  # ten in the morning in Shanghai
AGENT = Booker("wang", sees_all=True)
ONE, OTHER = Booker("token:1"), Booker("token:2")
_numbers = itertools.count(1)


def make_department(session: Session, name: str = "心内科", hospital: Hospital | None = None):
    """A department; of a hospital of its own unless said."""
    if hospital is None:
        hospital = Hospital(city="南京", name=f"第{next(_numbers)}医院")
        session.add(hospital)
        session.flush()
    department = Department(hospital_id=hospital.id, name=name)
    session.add(department)
    session.flush()
    return department


def make_slot(
    session: Session,
    capacity: int = 1,
    day: date = DAY,
    *,
    department: Department | None = None,
    kind: ClinicKind = ClinicKind.GENERAL,
    half: HalfDay = HalfDay.MORNING,
    starts_at: time | None = None,
) -> Slot:
    """A slot of a clinic of its own, of a department of its own unless said."""
    department = department or make_department(session)
    resource = Resource(department_id=department.id, clinic_kind=kind, name=f"诊室{next(_numbers)}")
    session.add(resource)
    session.flush()
    slot = Slot(
        resource_id=resource.id, hospital_id=department.hospital_id, day=day, capacity=capacity,
        department_id=department.id, clinic_kind=kind, half_day=half, starts_at=starts_at,
    )  # fmt: skip
    session.add(slot)
    session.flush()
    return slot


def set_rule(session: Session, name: str, value: str, **where) -> None:
    """A rule from long ago."""
    where.setdefault("effective_on", date(2020, 1, 1))
    session.add(BookingRule(name=name, value=value, **where))
    session.flush()


def person(number: int = 1, mobile: int | None = None, name: str = "王小明") -> Applicant:
    """The same number is the same person, with a mobile of their own unless said."""
    first = f"3201021980{number // 999 % 12 + 1:02}{number // 11988 + 1:02}{number % 999:03}"
    return Applicant(name, first + check_digit(first), f"138{mobile or number:08}")


_COUNTED = text(
    """
    SELECT s.id, s.taken, count(b.id) FROM slot s LEFT JOIN booking b ON b.slot_id = s.id
    AND b.state IN ('offered', 'held', 'confirmed', 'attended', 'no_show')
    GROUP BY s.id HAVING s.taken <> count(b.id) OR count(b.id) > s.capacity
    """
)


def assert_counted(session: Session) -> None:
    """Each slot counts exactly the bookings that have a unit of it, and never too many."""
    assert session.execute(_COUNTED).all() == []


def taken(session: Session, slot: Slot) -> int:
    """What the slot counts now."""
    found = session.execute(text("SELECT taken FROM slot WHERE id = :id"), {"id": slot.id})
    return int(found.scalar_one())
