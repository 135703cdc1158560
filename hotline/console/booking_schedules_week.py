"""A department's week at arm's length: doctors and days, booked of what is on offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import request
from sqlalchemy import text
from sqlmodel import Session

from hotline.booking.rules import ClinicKind, HalfDay
from hotline.calendar_models import known_days
from hotline.clock import today
from hotline.console.booking_choice import choice_of, where
from hotline.console.booking_schedules import bp, keepers
from hotline.db import transaction
from hotline.web import render

__all__ = ["bp"]
_WEEK = text(
    """
    SELECT s.resource_id, o.name AS doctor, o.title, s.clinic_kind, c.name AS campus,
           s.day, s.half_day, sum(s.taken) AS taken, sum(s.capacity) AS capacity,
           bool_and(s.is_stopped) AS is_stopped, min(s.schedule_id) AS schedule_id
    FROM slot s JOIN resource r ON r.id = s.resource_id LEFT JOIN doctor o ON o.id = r.doctor_id
    LEFT JOIN campus c ON c.id = r.campus_id
    WHERE s.department_id = :department AND s.day BETWEEN :first AND :last
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY o.name NULLS FIRST, s.clinic_kind, s.resource_id
    """
)


@dataclass
class Line:
    """A clinic's week: what is booked and on offer, by day and half-day."""

    doctor: str
    title: str
    kind: str
    cells: dict[tuple[date, HalfDay], Any] = field(default_factory=dict)


@bp.get("/week")
@keepers
def week() -> str:
    """A week of the department chosen; without one, only the field to find it."""
    with transaction() as session:
        choice = choice_of(request.args)
        place = where(session, choice)
        day = choice.day or today()
        monday = day - timedelta(days=day.weekday())
        days = [monday + timedelta(days=n) for n in range(7)]
        calendar = known_days(session)
        lines = _lines(session, place.department.id, days) if place.department else []
        return render(
            "booking/schedules_week.html",
            place=place,
            choice=choice,
            days=[(each, calendar.day(each)) for each in days],
            lines=lines,
            halves=[half for half in HalfDay if _has(lines, half)],
            number=monday.isocalendar().week,
            before=monday - timedelta(days=7),
            after=monday + timedelta(days=7),
        )


def _has(lines: list[Line], half: HalfDay) -> bool:
    return any(each is half for line in lines for _, each in line.cells)


def _lines(session: Session, department: int | None, days: list[date]) -> list[Line]:
    given = {"department": department, "first": days[0], "last": days[-1]}
    found: dict[int, Line] = {}
    for row in session.execute(_WEEK, given):
        kind = ClinicKind.known(row.clinic_kind)
        label = " ".join(filter(None, [kind.label if kind else "", row.campus]))
        line = found.setdefault(
            row.resource_id, Line(row.doctor or "不分医生", row.title or "", label)
        )
        line.cells[row.day, HalfDay(row.half_day)] = row
    return list(found.values())
