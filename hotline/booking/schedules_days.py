"""Single days on which a schedule differs: off, held in addition, with other numbers."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, select

from hotline import audit
from hotline.booking import schedules_fill
from hotline.booking.models import Schedule, ScheduleException
from hotline.booking.schedules import bad, locked, reason_of
from hotline.booking.schedules_fill import Filled
from hotline.booking.schedules_rules import Difference
from hotline.clock import today


def set_day(
    session: Session,
    schedule_id: int,
    day: date,
    kind: Difference,
    units: int | None,
    reason: str,
) -> Filled:
    """A single day differs. Raises Refused."""
    row = locked(session, schedule_id)
    why = reason_of(reason)
    _require_valid_day(row, day)
    if kind is Difference.UNITS and units is None:
        bad("units", "请填写这一天的号数。")
    said = _exception(session, row, day) or ScheduleException(
        schedule_id=row.key, day=day, kind=kind
    )
    said.kind, said.reason = kind, why
    said.units = units if kind is not Difference.OFF else None
    session.add(said)
    detail = {"day": day.isoformat(), "differs": kind.label, "units": said.units}
    audit.record(session, audit.Action.RECORD_CHANGED, row.subject, reason=why, detail=detail)
    return schedules_fill.fill(session, [row.resource_id])


def clear_day(session: Session, schedule_id: int, day: date) -> Filled:
    """The day is like the others again."""
    row = locked(session, schedule_id)
    _require_valid_day(row, day)
    if (said := _exception(session, row, day)) is not None:
        session.delete(said)
        detail = {"day": day.isoformat(), "differs": "恢复"}
        audit.record(session, audit.Action.RECORD_CHANGED, row.subject, detail=detail)
    return schedules_fill.fill(session, [row.resource_id])


def _exception(session: Session, row: Schedule, day: date) -> ScheduleException | None:
    query = select(ScheduleException).where(
        ScheduleException.schedule_id == row.id, ScheduleException.day == day
    )
    return session.exec(query).first()


def _require_valid_day(row: Schedule, day: date) -> None:
    if day < today():
        bad("day", "过去的日子不能改。")
    if not row.plan().holds_on(day):
        bad("day", "这一天不在这条排班的有效期内。")
