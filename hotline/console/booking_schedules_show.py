"""One schedule: its weeks with what is booked, single days that differ, its end."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, request, url_for
from sqlalchemy import func
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline.booking import schedules, schedules_days, schedules_reading
from hotline.booking.models import Schedule, ScheduleException, Slot
from hotline.booking.schedules_expansion import segments
from hotline.booking.schedules_rules import Difference
from hotline.booking.schedules_typed import Reader, refused
from hotline.booking.schedules_words import in_words
from hotline.calendar_models import known_days
from hotline.clock import parse_day, today
from hotline.console.booking_schedules import bp, keepers
from hotline.console.booking_schedules_days import Used, weeks
from hotline.console.booking_schedules_form import tell
from hotline.console.booking_schedules_told import told
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, what_is_wrong

__all__ = ["bp"]
WEEKS = 6


@bp.get("/<int:schedule_id>")
@keepers
def show(schedule_id: int) -> str:
    """Six weeks from today, or from the day it begins."""
    with transaction() as session:
        return _page(session, schedule_id, {}, None)


def _page(session: Session, schedule_id: int, form: dict[str, str], refusal: Refused | None) -> str:
    row = schedules.get(session, schedule_id)
    (one,) = told(session, Schedule.id == row.id)
    (standing,) = schedules_reading.standing(session, [row])
    chosen = parse_day(request.values.get("day"))
    first = max(today(), row.valid_from)
    days = weeks(standing.plan, known_days(session), first, _used(session, row), WEEKS)
    return render(
        "booking/schedules_show.html",
        one=one,
        sentence=in_words(row.plan()),
        parts=segments(row.plan()),
        days=days,
        chosen=chosen,
        differs=_differs(session, row, chosen),
        others=_others(session, row),
        kinds=Difference.choices(),
        form=form or {"kind": "off", "last": today().isoformat()},
        **what_is_wrong(refusal),
    )


def _others(session: Session, row: Schedule) -> list[Any]:
    """What else the clinic has and had."""
    same = (Schedule.resource_id == row.resource_id, Schedule.id != row.id)
    return [(one, in_words(one.plan)) for one in told(session, *same)]


def _differs(session: Session, row: Schedule, day: date | None) -> ScheduleException | None:
    query = select(ScheduleException).where(
        ScheduleException.schedule_id == row.id, ScheduleException.day == day
    )
    return session.exec(query).first() if day else None


def _used(session: Session, row: Schedule) -> dict[date, Used]:
    query = (
        select_rows(col(Slot.day), func.sum(Slot.taken), func.sum(Slot.capacity))
        .where(col(Slot.schedule_id) == row.id, col(Slot.day) >= today())
        .group_by(col(Slot.day))
    )
    return {day: Used(int(taken), int(capacity)) for day, taken, capacity in session.execute(query)}


@bp.post("/<int:schedule_id>/day")
@keepers
def set_day(schedule_id: int) -> Response | tuple[str, int]:
    """A single day is different, or like the others again."""
    form = request.form.to_dict()
    try:
        with transaction() as session:
            tell(session, _set_day(session, schedule_id, form))
    except Refused as refusal:
        with transaction() as session:
            return _page(session, schedule_id, form, refusal), 422
    return redirect(url_for("schedules.show", schedule_id=schedule_id, day=form.get("day")))


def _set_day(session: Session, schedule_id: int, form: dict[str, str]) -> Any:
    reader = Reader(form)
    day = reader.day("day", needed=True)
    if form.get("action") == "clear" and day is not None:
        return schedules_days.clear_day(session, schedule_id, day)
    kind = reader.code("kind", Difference, None)
    units = reader.count("units", 0, 9999)
    if reader.faults or day is None or kind is None:
        raise refused(reader.faults)
    why = form.get("reason", "")
    return schedules_days.set_day(session, schedule_id, day, Difference(kind), units, why)


@bp.post("/<int:schedule_id>/end")
@keepers
def end(schedule_id: int) -> Response | tuple[str, int]:
    """The last day on which the clinic is held."""
    form = request.form.to_dict()
    try:
        with transaction() as session:
            reader = Reader(form)
            last = reader.day("last", needed=True)
            if last is None:
                raise refused(reader.faults)
            tell(session, schedules.end(session, schedule_id, last, form.get("end_reason", "")))
    except Refused as refusal:
        for name, field in (("from_day", "last"), ("reason", "end_reason")):
            if name in refusal.fields:
                refusal.fields[field] = refusal.fields.pop(name)
        with transaction() as session:
            return _page(session, schedule_id, form, refusal), 422
    return redirect(url_for("schedules.index"))
