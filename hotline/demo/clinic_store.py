"""The city's hospitals as rows; what they offer moves on with the days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from pypinyin import Style, lazy_pinyin
from sqlalchemy import text
from sqlmodel import Session, select

from hotline.booking.models import Department, Doctor, Hospital, Resource
from hotline.demo import clinics
from hotline.demo.clinics import Clinic

AHEAD, BEHIND = 14, 7
_COLUMNS = (
    "resource_id, hospital_id, department_id, clinic_kind, day, half_day, starts_at, ends_at,"
    " capacity, fee, is_demo"
)
# A new day is like the same weekday a week before.
_NEXT_DAY = text(
    f"""
    INSERT INTO slot ({_COLUMNS})
    SELECT resource_id, hospital_id, department_id, clinic_kind, :day, half_day, starts_at,
           ends_at, capacity, fee, true
    FROM slot WHERE is_demo AND day = :before ON CONFLICT DO NOTHING
    """  # noqa: S608 - names of ours only
)
_LAST_DAY = text("SELECT max(day) FROM slot WHERE is_demo")


def offer(session: Session, today: date) -> list[date]:
    """See to it that two weeks from today are on offer; the days that are new."""
    last: date | None = session.execute(_LAST_DAY).scalar()
    wanted = today + timedelta(days=AHEAD - 1)
    if last is None:
        days = _span(today - timedelta(days=BEHIND), wanted)
        _write(session, _places(session), days)
        return days
    days = _span(last + timedelta(days=1), wanted)
    for day in days:
        session.execute(_NEXT_DAY, {"day": day, "before": day - timedelta(days=7)})
    return days


def _span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def initials(name: str) -> str:
    """鼓楼医院 is glyy."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))[:40]


Placed = list[tuple[Clinic, Resource, int]]


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
    department = session.exec(query).first() if not hospital.is_demo else None
    if department is None:
        department = Department(hospital_id=hospital.id or 0, name=name, initials=initials(name))
        session.add(department)
        session.flush()
    return department


def _resource(session: Session, department: Department, clinic: Clinic) -> Resource:
    doctor = Doctor(
        department_id=department.id or 0, name=clinic.doctor, title=clinic.title,
        initials=initials(clinic.doctor),
    ) if clinic.doctor else None  # fmt: skip
    if doctor is not None:
        session.add(doctor)
        session.flush()
    resource = Resource(
        department_id=department.id or 0, clinic_kind=clinic.kind,
        doctor_id=doctor.id if doctor else None, name=None if doctor else "演示门诊",
    )  # fmt: skip
    session.add(resource)
    session.flush()
    return resource


def _write(session: Session, placed: Placed, days: Iterable[date]) -> None:
    driver = session.connection().connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    wanted = list(days)
    with driver.cursor() as cursor, cursor.copy(f"COPY slot ({_COLUMNS}) FROM STDIN") as copy:
        for clinic, resource, hospital in placed:
            for day in wanted:
                for one in clinics.sessions(clinic, day):
                    copy.write_row((
                        resource.id, hospital, resource.department_id, clinic.kind.value, day,
                        one.half.value, one.starts_at, one.ends_at, one.capacity, clinic.fee, True,
                    ))  # fmt: skip
