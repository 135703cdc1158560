"""Schedules with the names of their places, and what of them waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, or_, select

from hotline.booking import schedules_reading
from hotline.booking.models import Department, Doctor, Hospital, Resource, Schedule, Slot
from hotline.booking.schedules_expansion import withheld
from hotline.booking.schedules_rules import Plan
from hotline.booking.schedules_words import time_in_words, units_in_words, weekdays_in_words
from hotline.calendar_models import known_days
from hotline.clock import today

PAGE, MOST_BEYOND = 50, 50


@dataclass(frozen=True)
class Told:
    """A schedule with the names of its place."""

    row: Schedule
    plan: Plan
    resource: Resource
    hospital: Hospital
    department: Department
    doctor: Doctor | None

    @property
    def clinic(self) -> str:
        """王建国 主任医师 专家, or 普通门诊."""
        kind = self.resource.clinic_kind.label if self.resource.clinic_kind else ""
        if self.doctor is None:
            return f"{kind or self.resource.name or ''}门诊"
        return " ".join(filter(None, [self.doctor.name, self.doctor.title, kind]))

    @property
    def days(self) -> str:
        """周一、三、五."""
        return weekdays_in_words(self.plan.weekdays)

    @property
    def time(self) -> str:
        """上午 08:00-11:30，每 30 分钟一段."""
        return time_in_words(self.plan)

    @property
    def units(self) -> str:
        """每段 5 个，共 35 个."""
        return units_in_words(self.plan)

    @property
    def is_over(self) -> bool:
        """Whether it is in force no more."""
        return self.row.valid_until is not None and self.row.valid_until < today()


def told(session: Session, *conditions: Any, most: int = PAGE) -> list[Told]:
    """Schedules by place and age."""
    query = (
        select_rows(Schedule, Resource, Hospital, Department, Doctor)
        .join(Resource, col(Resource.id) == Schedule.resource_id)
        .join(Hospital, col(Hospital.id) == Schedule.hospital_id)
        .join(Department, col(Department.id) == Schedule.department_id)
        .outerjoin(Doctor, col(Doctor.id) == Resource.doctor_id)
        .where(*conditions)
        .order_by(col(Schedule.id))
        .limit(most)
    )
    return [Told(row, row.plan(), *others) for row, *others in session.execute(query)]


def beyond(session: Session) -> list[Any]:
    """Slots with more booked than their schedule wants: patients to be called."""
    query = (
        select_rows(Slot, Department, Hospital, Doctor)
        .join(Department, col(Department.id) == Slot.department_id)
        .join(Hospital, col(Hospital.id) == Slot.hospital_id)
        .join(Resource, col(Resource.id) == Slot.resource_id)
        .outerjoin(Doctor, col(Doctor.id) == Resource.doctor_id)
        .where(
            col(Slot.planned) < col(Slot.capacity),
            col(Slot.taken) > col(Slot.planned),
            col(Slot.day) >= today(),
            ~col(Slot.is_stopped),
        )
    )
    return list(session.execute(query.order_by(col(Slot.day)).limit(MOST_BEYOND)))


def waiting(session: Session) -> list[date]:
    """Days up to the horizon for which nothing can be offered until the calendar is said."""
    calendar = known_days(session)
    last = schedules_reading.last_day(session, today())
    query = select(Schedule).where(
        col(Schedule.valid_from) <= last,
        or_(col(Schedule.valid_until).is_(None), col(Schedule.valid_until) >= today()),
    )
    patterns = {(each.on_holiday, each.on_make_up): each.plan() for each in session.exec(query)}
    whole_week = [
        Plan("1234567", each.half, 1, today(), on_holiday=each.on_holiday,
             on_make_up=each.on_make_up)
        for each in patterns.values()
    ]  # fmt: skip
    return withheld(whole_week, calendar, today(), last)
