"""Hospitals, campuses, departments, doctors and clinics by name: found, or made and listed."""

from __future__ import annotations

import re

from sqlmodel import Session, col, or_, select

from hotline.booking.models import Campus, Department, Doctor, Hospital, Resource
from hotline.booking.schedule_sheet import Where
from hotline.booking.sheet import ImportReport


def initials(text: str) -> str:
    """The first letters of the pinyin, for pickers: 鼓楼医院 is glyy."""
    # 55 MB of dictionaries: only for who imports.
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(re.sub(r"\W", "", text))
    return "".join(syllable[:1].lower() for syllable in syllables)[:40]


class Places:
    """What one import knows; each name is looked up once."""

    def __init__(self, session: Session, report: ImportReport, city: str) -> None:
        self.session, self.report, self.city = session, report, city
        self.hospitals: dict[tuple[str, str], Hospital] = {}
        self.parts: dict[tuple[object, ...], int] = {}

    def find_hospital(self, name: str, city: str = "") -> Hospital | None:
        """A hospital of a city (the site's own unless said) by name or short name."""
        key = (city or self.city, name)
        if key not in self.hospitals:
            named = or_(Hospital.name == name, Hospital.short_name == name)
            query = select(Hospital).where(Hospital.city == key[0], named)
            found = self.session.exec(query.order_by(col(Hospital.name) != name)).first()
            if found is None:
                return None
            self.hospitals[key] = found
        return self.hospitals[key]

    def hospital(self, name: str, city: str = "") -> Hospital:
        """A hospital, made if it is not known."""
        found = self.find_hospital(name, city)
        if found is None:
            found = Hospital(city=city or self.city, name=name, initials=initials(name))
            self._add(found, "医院", name)
            self.hospitals[found.city, name] = found
        return found

    def resource(self, where: Where, title: str) -> tuple[int, int, int]:
        """(resource, hospital, department) of what a row offers."""
        hospital = self.hospital(where.hospital, where.city).key
        department = self._department(hospital, where.department)
        doctor = self._doctor(department, where.doctor, title) if where.doctor else None
        campus = self._campus(hospital, where.campus) if where.campus else None
        key = ("resource", department, doctor, campus, where.kind, where.category, where.item)
        if key not in self.parts:
            self.parts[key] = self._resource(department, doctor, campus, where)
        return self.parts[key], hospital, department

    def _department(self, hospital: int, name: str) -> int:
        key = ("department", hospital, name)
        if key not in self.parts:
            query = select(Department).where(
                Department.hospital_id == hospital, Department.name == name
            )
            found = self.session.exec(query).first()
            if found is None:
                found = Department(hospital_id=hospital, name=name, initials=initials(name))
                self._add(found, "科室", name)
            self.parts[key] = found.key
        return self.parts[key]

    def _doctor(self, department: int, name: str, title: str) -> int:
        key = ("doctor", department, name)
        if key not in self.parts:
            query = select(Doctor).where(Doctor.department_id == department, Doctor.name == name)
            found = self.session.exec(query).first()
            if found is None:
                found = Doctor(department_id=department, name=name, initials=initials(name))
                self._add(found, "医生", name)
            found.title = title or found.title
            self.parts[key] = found.key
        return self.parts[key]

    def _campus(self, hospital: int, name: str) -> int:
        key = ("campus", hospital, name)
        if key not in self.parts:
            query = select(Campus).where(Campus.hospital_id == hospital, Campus.name == name)
            found = self.session.exec(query).first()
            if found is None:
                found = Campus(hospital_id=hospital, name=name)
                self._add(found, "院区", name)
            self.parts[key] = found.key
        return self.parts[key]

    def _resource(
        self, department: int, doctor: int | None, campus: int | None, where: Where
    ) -> int:
        query = select(Resource).where(
            Resource.department_id == department,
            Resource.doctor_id == doctor,
            Resource.campus_id == campus,
            Resource.kind == where.category,
            Resource.clinic_kind == where.kind,
        )
        if where.item:  # a clinic's name is its room: whatever it is, the clinic is the same
            query = query.where(Resource.name == where.item)
        found = self.session.exec(query).first()
        if found is None:
            found = Resource(department_id=department, doctor_id=doctor, campus_id=campus,
                             kind=where.category, clinic_kind=where.kind,
                             name=where.item or None)  # fmt: skip
            self.session.add(found)
            self.session.flush()
        return found.key

    def _add(self, row: Hospital | Campus | Department | Doctor, what: str, name: str) -> None:
        self.session.add(row)
        self.session.flush()
        self.report.create(what, name)
