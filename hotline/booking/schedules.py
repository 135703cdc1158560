"""Making, changing and ending schedules. What is in force on past days is never rewritten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import audit
from hotline.booking import schedules_fill, schedules_reading
from hotline.booking.models import Schedule, ScheduleException
from hotline.booking.schedules_expansion import clash
from hotline.booking.schedules_fill import Filled
from hotline.booking.schedules_models import OF_PLAN
from hotline.booking.schedules_rules import Plan
from hotline.booking.schedules_words import in_words
from hotline.clock import today
from hotline.errors import Refused

_IS_DEMO = text(
    """
    SELECT EXISTS (SELECT FROM slot WHERE resource_id = :resource AND is_demo)
        OR EXISTS (SELECT FROM schedule WHERE resource_id = :resource AND is_demo)
        OR EXISTS (SELECT FROM hospital WHERE id = :hospital AND is_demo)
    """
)


@dataclass(frozen=True)
class Clinic:
    """What a schedule is of."""

    resource_id: int
    hospital_id: int
    department_id: int


def get(session: Session, schedule_id: int) -> Schedule:
    """A schedule. Raises Refused schedule_unknown."""
    found = session.get(Schedule, schedule_id)
    if found is None:
        raise Refused("schedule_unknown", "没有这条排班，可能已被删去，请回到排班列表。", 404)
    return found


def locked(session: Session, schedule_id: int) -> Schedule:
    """A schedule as it is now; nobody else changes this hospital's meanwhile."""
    schedules_fill.lock(session, get(session, schedule_id).hospital_id)
    query = select(Schedule).where(Schedule.id == schedule_id).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True)).first()
    return found if found is not None else get(session, schedule_id)


def add(
    session: Session, clinic: Clinic, plan: Plan, fee: Decimal | None
) -> tuple[Schedule, Filled]:
    """A new schedule, and its slots up to the horizon. Raises Refused schedule_clash."""
    schedules_fill.lock(session, clinic.hospital_id)
    require_room(session, clinic.resource_id, plan)
    row = store(session, clinic, plan, fee)
    detail = {"added": in_words(plan)}
    audit.record(session, audit.Action.RECORD_CHANGED, row.subject, detail=detail)
    return row, schedules_fill.fill(session, [clinic.resource_id])


def store(session: Session, clinic: Clinic, plan: Plan, fee: Decimal | None) -> Schedule:
    """A row, without its slots."""
    given: dict[str, Any] = {"resource": clinic.resource_id, "hospital": clinic.hospital_id}
    is_demo = bool(session.execute(_IS_DEMO, given).scalar_one())
    row = row_of(clinic, plan, fee, is_demo=is_demo)
    session.add(row)
    session.flush()
    return row


def row_of(clinic: Clinic, plan: Plan, fee: Decimal | None, *, is_demo: bool) -> Schedule:
    """A row that is not stored yet."""
    return Schedule(
        **vars(clinic), **{name: getattr(plan, name) for name in OF_PLAN}, fee=fee, is_demo=is_demo
    )


def require_room(
    session: Session, resource_id: int, plan: Plan, besides: int | None = None
) -> None:
    """Raises Refused when another schedule of the clinic wants the same time."""
    for other in schedules_reading.of_resources(session, [resource_id], plan.valid_from):
        if other.row.id != besides and clash(plan, other.plan):
            sentence = f"与已有的排班“{in_words(other.plan)}”时间重叠，请改时间，或先停止那一条。"
            raise Refused("schedule_clash", sentence, 409, {"weekdays": sentence})


def change_from(
    session: Session, schedule_id: int, day: date, plan: Plan, fee: Decimal | None
) -> tuple[Schedule, Filled]:
    """From a day on the schedule is another; until then it stays as it was.

    Single days that differ go along. Raises Refused.
    """
    old = locked(session, schedule_id)
    _require_not_past(old, day)
    clinic = Clinic(old.resource_id, old.hospital_id, old.department_id)
    wanted = replace(plan, valid_from=day)
    before = in_words(old.plan())
    if wanted.valid_until is not None and wanted.valid_until < day:
        bad("valid_until", "截止日期不能早于生效日期。")
    ended = replace(old.plan(), valid_until=day - timedelta(days=1))
    require_room(session, old.resource_id, wanted, besides=old.id)
    new = store(session, clinic, wanted, fee)
    new.is_demo = new.is_demo or old.is_demo
    _hand_over(session, old, new, day)
    _shorten(session, old, ended.valid_until)
    detail = {"before": before, "after": in_words(wanted)}
    audit.record(session, audit.Action.RECORD_CHANGED, new.subject, detail=detail)
    return new, schedules_fill.fill(session, [clinic.resource_id])


def _hand_over(session: Session, old: Schedule, new: Schedule, day: date) -> None:
    query = select(ScheduleException).where(
        ScheduleException.schedule_id == old.id, col(ScheduleException.day) >= day
    )
    for one in session.exec(query):
        one.schedule_id = new.key
    session.flush()


def end(session: Session, schedule_id: int, last: date, reason: str) -> Filled:
    """The clinic is held for the last time on this day. Its empty slots go; those that are booked
    stay until somebody stops them and tells the patients."""
    row = locked(session, schedule_id)
    why = reason_of(reason)
    _require_not_past(row, last + timedelta(days=1))
    detail = {"ends": last.isoformat(), "was": in_words(row.plan())}
    audit.record(session, audit.Action.RECORD_CHANGED, row.subject, reason=why, detail=detail)
    resource = row.resource_id
    _shorten(session, row, last)
    return schedules_fill.fill(session, [resource])


def stop_before(session: Session, row: Schedule, day: date) -> None:
    """Something else holds from this day on; single days that differ end with the row."""
    _shorten(session, row, day - timedelta(days=1))


def _shorten(session: Session, row: Schedule, last: date | None) -> None:
    """A row that would never have been in force goes."""
    if last is not None and last < row.valid_from:
        session.delete(row)
    else:
        row.valid_until = last
    session.flush()


def _require_not_past(row: Schedule, day: date) -> None:
    if day < today():
        bad("from_day", "日期不能早于今天：过去的排班不改。")
    if row.valid_until is not None and day > row.valid_until + timedelta(days=1):
        bad("from_day", f"这条排班到 {row.valid_until} 为止，请选更早的日期，或新建一条。")


def reason_of(reason: str) -> str:
    """Why. Raises Refused when nothing was said."""
    why = reason.strip()[:100]
    if not why:
        bad("reason", "请填写原因。")
    return why


def bad(field: str, sentence: str) -> NoReturn:
    """Refuse one field."""
    raise Refused("schedule_invalid", sentence, fields={field: sentence})
