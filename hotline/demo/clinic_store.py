"""The city's hospitals as rows; what they offer moves on with the days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pypinyin import Style, lazy_pinyin
from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline.booking import schedules, schedules_fill, schedules_reading
from hotline.booking.models import Department, Doctor, Hospital, Resource, Schedule
from hotline.booking.rules import HalfDay
from hotline.booking.schedules import Clinic
from hotline.clock import local
from hotline.demo import clinics

BEHIND = 7
_LAST_DAY = text("SELECT max(day) FROM slot WHERE is_demo")
_CLINICS = text(
    "SELECT hospital_id, array_agg(DISTINCT resource_id) FROM schedule WHERE is_demo"
    " GROUP BY 1 ORDER BY 1"
)


def offer(session: Session, at: datetime) -> None:
    """See to it that the city's clinics are on offer as far ahead as slots are made.

    A city that slept has offered something on the days between, too.
    """
    today = local(at).date()
    last: date | None = session.execute(_LAST_DAY).scalar()
    if last is not None and last >= schedules_reading.last_day(session, today):
        return
    first = min(today, last + timedelta(days=1)) if last else today - timedelta(days=BEHIND)
    if session.exec(select(Schedule.id).where(col(Schedule.is_demo)).limit(1)).first() is None:
        _plan(session, _places(session), first)
    for hospital, resources in session.execute(_CLINICS).all():
        schedules_fill.lock(session, hospital)
        schedules_fill.fill(session, resources, first=first, at=at)


def _plan(session: Session, placed: Placed, since: date) -> None:
    for clinic, resource, hospital in placed:
        where = Clinic(resource.id or 0, hospital, resource.department_id)
        for half in (HalfDay.MORNING, HalfDay.AFTERNOON):
            plan = clinics.pattern(clinic, half, since)
            if plan is not None:
                session.add(schedules.row_of(where, plan, Decimal(clinic.fee), is_demo=True))
    session.flush()


def initials(name: str) -> str:
    """鼓楼医院 is glyy."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))[:40]


Placed = list[tuple[clinics.Clinic, Resource, int]]


def _places(session: Session) -> Placed:
    """Hospitals that are there are used, the others made; likewise all below them."""
    found = {each.name: each for each in session.exec(select(Hospital))}
    placed: Placed = []
    departments: dict[tuple[str, str], Department] = {}
    for clinic in clinics.clinics():
        hospital = found.get(clinic.hospital) or _hospital(session, clinic.hospital)
        found[clinic.hospital] = hospital
        key = (clinic.hospital, clinic.department)
        if key not in departments:
            departments[key] = _department(session, hospital, clinic.department)
        placed.append((clinic, _resource(session, departments[key], clinic), hospital.id or 0))
    return placed


def _hospital(session: Session, name: str) -> Hospital:
    hospital = Hospital(
        city=clinics.CITY, name=name, initials=initials(name), is_demo=True,
        short_name=name.removeprefix("南京市").removeprefix("南京") if "南京" in name else None,
    )  # fmt: skip
    session.add(hospital)
    session.flush()
    return hospital


def _department(session: Session, hospital: Hospital, name: str) -> Department:
    query = select(Department).where(Department.hospital_id == hospital.id, Department.name == name)
    department = session.exec(query).first()
    if department is None:
        department = Department(hospital_id=hospital.id or 0, name=name, initials=initials(name))
        session.add(department)
        session.flush()
    return department


def _resource(session: Session, department: Department, clinic: clinics.Clinic) -> Resource:
    doctor = _doctor(session, department, clinic) if clinic.doctor else None
    given: dict[str, Any] = {
        "department_id": department.id or 0,
        "clinic_kind": clinic.kind,
        "doctor_id": doctor.id if doctor else None,
        "name": None if doctor else "演示门诊",
    }
    resource = session.exec(select(Resource).filter_by(**given)).first() or Resource(**given)
    session.add(resource)
    session.flush()
    return resource


def _doctor(session: Session, department: Department, clinic: clinics.Clinic) -> Doctor:
    name = clinic.doctor or ""
    query = select(Doctor).where(Doctor.department_id == department.id, Doctor.name == name)
    doctor = session.exec(query).first() or Doctor(
        department_id=department.id or 0, name=name, title=clinic.title, initials=initials(name)
    )
    session.add(doctor)
    session.flush()
    return doctor
