"""What schedules do to slots: new ones, other numbers, gone. Booked units always stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking import pool
from hotline.calls.rows import as_json, record_set
from hotline.db import changed

WITHDRAWN = "排班已取消"
ROWS_AT_ONCE = 2000
_COLUMNS = {
    "id": "bigint", "schedule_id": "bigint", "resource_id": "bigint", "hospital_id": "bigint",
    "department_id": "bigint", "day": "date", "half_day": "text", "starts_at": "time",
    "ends_at": "time", "planned": "int", "fee": "numeric", "is_demo": "boolean",
}  # fmt: skip
_GIVEN = record_set(_COLUMNS)
_INSERT = text(
    f"""
    INSERT INTO slot (schedule_id, resource_id, hospital_id, department_id, clinic_kind, day,
        half_day, starts_at, ends_at, capacity, planned, fee, taken, is_stopped, is_demo)
    SELECT given.schedule_id, r.id, given.hospital_id, r.department_id, r.clinic_kind, given.day,
        given.half_day, given.starts_at, given.ends_at, given.planned, given.planned, given.fee,
        0, false, given.is_demo
    FROM {_GIVEN} JOIN resource r ON r.id = given.resource_id
    ORDER BY r.id, given.day, given.half_day, given.starts_at ON CONFLICT DO NOTHING
    """  # noqa: S608 - constants of ours
)
_UPDATE = text(
    f"""
    UPDATE slot s SET capacity = greatest(s.taken, given.planned), planned = given.planned,
        fee = given.fee, schedule_id = given.schedule_id,
        ends_at = CASE WHEN s.taken = 0 THEN given.ends_at ELSE s.ends_at END,
        is_stopped = s.is_stopped AND s.stop_reason IS DISTINCT FROM :withdrawn,
        stop_reason = nullif(s.stop_reason, :withdrawn)
    FROM {_GIVEN} WHERE s.id = given.id AND s.planned IS NOT NULL
    """  # noqa: S608
)
_DELETE = text(
    """
    DELETE FROM slot s WHERE s.id = ANY(:ids) AND s.planned IS NOT NULL AND s.taken = 0
    AND NOT EXISTS (SELECT FROM booking b WHERE b.slot_id = s.id)
    """
)
_WITHDRAW = text(
    """
    UPDATE slot SET planned = 0, capacity = taken, is_stopped = is_stopped OR taken = 0,
        stop_reason = CASE WHEN is_stopped THEN stop_reason WHEN taken = 0 THEN :withdrawn END
    WHERE id = ANY(:ids) AND planned IS NOT NULL
    """
)
_WAITED_FOR = text(
    "SELECT DISTINCT slot_id FROM booking WHERE state = 'waiting' AND slot_id = ANY(:ids)"
    " ORDER BY slot_id"
)


def _pieces(rows: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        spelt = [
            {name: _spelt(value) for name, value in row.items()}
            for row in rows[start : start + ROWS_AT_ONCE]
        ]
        yield {"rows": as_json(spelt)}


def _spelt(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)


def insert(session: Session, rows: list[dict[str, Any]]) -> int:
    """New slots; how many were not there yet."""
    return sum(changed(session, _INSERT, piece) for piece in _pieces(rows))


def update(session: Session, rows: list[dict[str, Any]], at: datetime) -> int:
    """Other numbers for locked slots; who waits for them is offered what came free."""
    given = {"withdrawn": WITHDRAWN}
    count = sum(changed(session, _UPDATE, piece | given) for piece in _pieces(rows))
    ids = [row["id"] for row in rows]
    for slot_id in session.execute(_WAITED_FOR, {"ids": ids}).scalars().all():
        pool.offer_free(session, slot_id, at)
    return count


def remove(session: Session, ids: list[int]) -> int:
    """Locked slots go, where nobody has ever booked; how many went."""
    if not ids:
        return 0
    gone = changed(session, _DELETE, {"ids": ids})
    session.execute(_WITHDRAW, {"ids": ids, "withdrawn": WITHDRAWN})
    return gone


_BEYOND = text(
    "SELECT id FROM slot WHERE id = ANY(:ids) AND planned < capacity AND taken > planned"
    " AND NOT is_stopped ORDER BY day, id"
)


def beyond(session: Session, ids: list[int]) -> list[int]:
    """Which of these have more booked than their schedule wants."""
    return list(session.execute(_BEYOND, {"ids": ids}).scalars())
