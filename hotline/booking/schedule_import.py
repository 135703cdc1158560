"""Writing a sheet of schedules into the pool, a thousand slots at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking import pool, schedule_sheet
from hotline.booking.places import Places
from hotline.booking.schedule_sheet import Row
from hotline.booking.sheet import ImportReport, Line
from hotline.calls.rows import as_json, record_set
from hotline.clock import now, today

ROWS_AT_ONCE = 1000

_COLUMNS = {
    "resource_id": "bigint", "hospital_id": "bigint", "department_id": "bigint",
    "clinic_kind": "text", "day": "date", "half_day": "text", "starts_at": "time",
    "ends_at": "time", "capacity": "int", "fee": "numeric", "line": "int",
}  # fmt: skip
_NAMES = ", ".join(name for name in _COLUMNS if name != "line")
# In the order everybody locks slots in.
_LOCK = text(
    f"SELECT s.id FROM slot s JOIN {record_set(_COLUMNS)}"  # noqa: S608
    " ON s.resource_id = given.resource_id AND s.day = given.day"
    " AND s.half_day = given.half_day AND s.starts_at IS NOT DISTINCT FROM given.starts_at"
    " ORDER BY s.id FOR UPDATE OF s"
)
_PUT = text(
    f"""
    INSERT INTO slot ({_NAMES}, taken, is_stopped, is_demo)
    SELECT {_NAMES}, 0, false, false FROM {record_set(_COLUMNS)}
    ON CONFLICT (resource_id, day, half_day, starts_at) DO UPDATE
    SET capacity = excluded.capacity, fee = excluded.fee, ends_at = excluded.ends_at,
        planned = NULL, schedule_id = NULL
    WHERE slot.taken <= excluded.capacity
    RETURNING id, xmax = 0 AS is_new
    """  # noqa: S608
)
_TOO_SMALL = text(
    f"SELECT given.line, s.taken FROM slot s JOIN {record_set(_COLUMNS)}"  # noqa: S608
    " ON s.resource_id = given.resource_id AND s.day = given.day"
    " AND s.half_day = given.half_day AND s.starts_at IS NOT DISTINCT FROM given.starts_at"
    " WHERE s.taken > given.capacity ORDER BY given.line"
)
_WAITED_FOR = text(
    "SELECT DISTINCT slot_id FROM booking WHERE state = 'waiting' AND slot_id = ANY(:ids)"
    " ORDER BY slot_id"
)


def write(
    session: Session,
    report: ImportReport,
    lines: Sequence[Line],
    places: Places,
    seen: Callable[[int], None],
) -> None:
    """Slots as the rows say; faults stand in the report."""
    rows = schedule_sheet.read(lines, today())
    if report.faults:
        return
    # Doctors and clinics are made as they come up, so that whoever watches sees it move.
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        put(session, report, [_slot(row, places) for row in some])
        seen(start + len(some))


def _slot(row: Row, places: Places) -> dict[str, Any]:
    resource, hospital, department = places.resource(row.where, row.title)
    return {
        "resource_id": resource,
        "hospital_id": hospital,
        "department_id": department,
        "clinic_kind": row.where.kind.value if row.where.kind else None,
        "day": row.day.isoformat(),
        "half_day": row.half.value,
        "starts_at": row.starts_at.isoformat() if row.starts_at else None,
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "capacity": row.capacity,
        "fee": str(row.fee) if row.fee is not None else None,
        "line": row.line.number,
    }


def put(session: Session, report: ImportReport, rows: list[dict[str, Any]]) -> None:
    """New slots and new numbers. Nobody's unit is taken away: that is a fault of its row."""
    given = {"rows": as_json(rows)}
    session.execute(_LOCK, given)
    for line, taken in session.execute(_TOO_SMALL, given):
        report.fault(line, "号源数", f"已约出 {taken} 个，不能减到更少；请先停诊或改约。")
    put = session.execute(_PUT, given).all()
    report.accepted += sum(is_new for _, is_new in put)
    report.duplicate += sum(not is_new for _, is_new in put)
    known = [key for key, is_new in put if not is_new]
    for slot_id in session.execute(_WAITED_FOR, {"ids": known}).scalars().all():
        pool.offer_free(session, slot_id, now())
