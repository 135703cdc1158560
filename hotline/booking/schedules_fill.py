"""Schedules become slots. Safe to run twice, beside callers, and to be killed in the middle.

What is booked is never taken away: a slot that should be smaller goes down to what is taken, one
that should not be goes only when nobody ever booked it. ``planned`` keeps what the schedule
wants, so that the difference can be seen and its patients called. Imported slots win: a schedule
neither touches them nor offers anything at the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from hotline.booking import pool, schedules_reading, schedules_slots
from hotline.booking.rules import HalfDay
from hotline.booking.schedules_expansion import overlap, together
from hotline.booking.schedules_reading import Standing
from hotline.booking.schedules_rules import Dated
from hotline.calendar_models import known_days
from hotline.clock import local, now
from hotline.working_days import Calendar

Key = tuple[int, date, str, str | None]

_SLOTS = text(
    """
    SELECT id, schedule_id, resource_id, day, half_day, starts_at, ends_at, capacity, taken,
           planned, fee, is_demo, stop_reason
    FROM slot WHERE resource_id = ANY(:resources) AND day >= :first
    """
)
# An import is alone; schedules of one hospital are changed one after the other.
_LOCK = text("SELECT pg_advisory_xact_lock_shared(12320, 2), pg_advisory_xact_lock(12321, :key)")


@dataclass
class Filled:
    """What came of it. ``beyond`` are slots with more booked than the schedule wants."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    beyond: list[int] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether everything was there already."""
        return not (self.added or self.changed or self.removed)


def lock(session: Session, hospital_id: int) -> None:
    """Nobody else changes this hospital's schedules, and no import runs, until the end."""
    session.execute(_LOCK, {"key": hospital_id})


def fill(
    session: Session,
    resources: Iterable[int],
    *,
    first: date | None = None,
    at: datetime | None = None,
) -> Filled:
    """Bring the slots of these clinics in line with their schedules, from today to the horizon.

    The caller holds ``lock``.
    """
    moment, ids = at or now(), sorted(set(resources))
    today = local(moment).date()
    begin = first or today
    session.flush()
    given = {"resources": ids, "first": begin}
    present = list(session.execute(_SLOTS, given))
    until = max([schedules_reading.last_day(session, today),
                 *(row.day for row in present if row.planned is not None)])  # fmt: skip
    plans = schedules_reading.of_resources(session, ids, begin)
    calendar = known_days(session)
    imported = [row for row in present if row.planned is None]
    wanted = _unless_imported(_wanted(plans, calendar, begin, until), imported)
    return _write(session, wanted, [row for row in present if row.planned is not None], moment)


def _wanted(
    plans: list[Standing], calendar: Calendar, first: date, last: date
) -> dict[Key, dict[str, Any]]:
    by_resource: dict[int, dict[int, Standing]] = {}
    for one in plans:
        by_resource.setdefault(one.row.resource_id, {})[one.row.key] = one
    found: dict[Key, dict[str, Any]] = {}
    for standing in by_resource.values():
        patterns = {key: one.plan for key, one in standing.items()}
        for key, dated in together(patterns, calendar, first, last):
            row = _row(standing[key], dated)
            found[_key(row)] = row
    return found


def _row(one: Standing, dated: Dated) -> dict[str, Any]:
    schedule, segment = one.row, dated.segment
    return {
        "id": None, "schedule_id": schedule.id, "resource_id": schedule.resource_id,
        "hospital_id": schedule.hospital_id, "department_id": schedule.department_id,
        "day": dated.day, "half_day": segment.half.value, "starts_at": segment.starts_at,
        "ends_at": segment.ends_at, "planned": segment.units, "fee": schedule.fee,
        "is_demo": schedule.is_demo,
    }  # fmt: skip


def _key(row: dict[str, Any] | Any) -> Key:
    starts_at = row["starts_at"]
    return (row["resource_id"], row["day"], row["half_day"],
            starts_at.isoformat() if starts_at else None)  # fmt: skip


def _unless_imported(
    wanted: dict[Key, dict[str, Any]], imported: Iterable[Row[Any]]
) -> dict[Key, dict[str, Any]]:
    taken: dict[tuple[int, date], list[tuple[Any, Any, Any]]] = {}
    for row in imported:
        place = (HalfDay(row.half_day), row.starts_at, row.ends_at)
        taken.setdefault((row.resource_id, row.day), []).append(place)
    return {
        key: row
        for key, row in wanted.items()
        if not any(overlap(_place(row), other) for other in taken.get(key[:2], ()))
    }


def _place(row: dict[str, Any]) -> tuple[HalfDay, Any, Any]:
    return HalfDay(row["half_day"]), row["starts_at"], row["ends_at"]


def _write(
    session: Session, wanted: dict[Key, dict[str, Any]], present: list[Row[Any]], at: datetime
) -> Filled:
    known = {_key(row._mapping): row for row in present}
    new = [row for key, row in wanted.items() if key not in known]
    differing = [
        wanted[key] | {"id": row.id}
        for key, row in known.items() if key in wanted and _differs(row, wanted[key])
    ]  # fmt: skip
    surplus = [row.id for key, row in known.items() if key not in wanted]
    filled = Filled()
    if differing or surplus:
        pool.lock(session, [row["id"] for row in differing] + surplus)
        filled.changed = schedules_slots.update(session, differing, at)
        filled.removed = schedules_slots.remove(session, surplus)
    filled.added = schedules_slots.insert(session, new)
    filled.beyond = schedules_slots.beyond(session, [row.id for row in present])
    session.expire_all()
    return filled


def _differs(row: Row[Any], wanted: dict[str, Any]) -> bool:
    if row.planned != wanted["planned"] or row.capacity != max(row.taken, wanted["planned"]):
        return True
    same_end = row.taken > 0 or row.ends_at == wanted["ends_at"]
    return (
        not same_end
        or row.fee != wanted["fee"]
        or row.schedule_id != wanted["schedule_id"]
        or row.stop_reason == schedules_slots.WITHDRAWN
    )
