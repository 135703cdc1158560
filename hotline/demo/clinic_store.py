"""The city's hospitals as rows; what they offer moves on with the days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from pypinyin import Style, lazy_pinyin
from sqlalchemy import text
from sqlmodel import Session, SQLModel, col, select

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
        where = Clinic(resource.key, hospital, resource.department_id)
        for half in (HalfDay.MORNING, HalfDay.AFTERNOON):
            plan = clinics.pattern(clinic, half, since)
            if plan is not None:
                session.add(schedules.row_of(where, plan, Decimal(clinic.fee), is_demo=True))
    session.flush()


def initials(name: str) -> str:
    """鼓楼医院 is glyy."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))[:40]


Placed = list[tuple[clinics.Clinic, Resource, int]]
Place = tuple[str, str]
Name = TypeVar("Name")
Row = TypeVar("Row", bound=SQLModel)


def _places(session: Session) -> Placed:
    """Hospitals that are there are used, the others made; likewise all below them. A level at a
    time, so that each is one statement."""
    wanted = list(clinics.clinics())
    hospitals = _hospitals(session, wanted)
    departments = _departments(session, wanted, hospitals)
    doctors = _doctors(session, wanted, departments)
    resources = _resources(session, wanted, departments, doctors)
    return [
        (clinic, resource, hospitals[clinic.hospital].key)
        for clinic, resource in zip(wanted, resources, strict=True)
    ]


def _hospitals(session: Session, wanted: list[clinics.Clinic]) -> dict[str, Hospital]:
    found = {each.name: each for each in session.exec(select(Hospital))}
    for clinic in wanted:
        found.setdefault(clinic.hospital, _hospital(clinic.hospital))
    return _added(session, found)


def _hospital(name: str) -> Hospital:
    return Hospital(
        city=clinics.CITY, name=name, initials=initials(name), is_demo=True,
        short_name=name.removeprefix("南京市").removeprefix("南京") if "南京" in name else None,
    )  # fmt: skip


def _departments(
    session: Session, wanted: list[clinics.Clinic], hospitals: dict[str, Hospital]
) -> dict[Place, Department]:
    present = {(each.hospital_id, each.name): each for each in session.exec(select(Department))}
    found: dict[Place, Department] = {}
    for clinic in wanted:
        where, name = hospitals[clinic.hospital].key, clinic.department
        found.setdefault(
            (clinic.hospital, name),
            present.get((where, name))
            or Department(hospital_id=where, name=name, initials=initials(name)),
        )
    return _added(session, found)


def _doctors(
    session: Session, wanted: list[clinics.Clinic], departments: dict[Place, Department]
) -> dict[tuple[int, str], Doctor]:
    found = {(each.department_id, each.name): each for each in session.exec(select(Doctor))}
    for clinic in wanted:
        if clinic.doctor:
            where = departments[clinic.hospital, clinic.department].key
            found.setdefault(
                (where, clinic.doctor),
                Doctor(department_id=where, name=clinic.doctor, title=clinic.title,
                       initials=initials(clinic.doctor)),
            )  # fmt: skip
    return _added(session, found)


def _resources(
    session: Session, wanted: list[clinics.Clinic], departments: dict[Place, Department],
    doctors: dict[tuple[int, str], Doctor],
) -> list[Resource]:  # fmt: skip
    present = {_told_by(each): each for each in session.exec(select(Resource))}
    found: dict[int, Resource] = {}
    for number, clinic in enumerate(wanted):
        where = departments[clinic.hospital, clinic.department].key
        doctor = doctors[where, clinic.doctor].key if clinic.doctor else None
        one = Resource(department_id=where, clinic_kind=clinic.kind, doctor_id=doctor,
                       name=None if doctor else "演示门诊")  # fmt: skip
        found[number] = present.get(_told_by(one), one)
    return list(_added(session, found).values())


def _told_by(resource: Resource) -> tuple[Any, ...]:
    return (resource.department_id, resource.clinic_kind, resource.doctor_id, resource.name)


def _added(session: Session, rows: dict[Name, Row]) -> dict[Name, Row]:
    session.add_all(rows.values())
    session.flush()
    return rows
