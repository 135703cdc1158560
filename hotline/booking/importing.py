"""Importing hospitals, schedules and rules. A file with one fault changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from hotline import audit, settings
from hotline.booking import pool, schedule_sheet
from hotline.booking.models import BookingRule, Channel
from hotline.booking.places import Places, initials
from hotline.booking.policy import WITHDRAWN, RuleName, read_value
from hotline.booking.rules import ClinicKind
from hotline.booking.schedule_sheet import Row
from hotline.booking.sheet import ImportReport, Kind, Line
from hotline.calls.rows import as_json, record_set
from hotline.clock import now, today
from hotline.errors import Refused

ROWS_AT_ONCE = 1000


def import_lines(session: Session, report: ImportReport, lines: Sequence[Line]) -> None:
    """Write what a file says. With faults in the report, the caller rolls back."""
    # One import at a time: two would make the same hospital.
    session.execute(text("SELECT pg_advisory_xact_lock(12320, 2)"))
    places = Places(session, report, settings.current().city)
    if report.kind is Kind.SCHEDULE:
        _schedule(session, report, lines, places)
    elif report.kind is Kind.RULES:
        _each(lines, lambda line: _rule(session, line, places))
    else:
        _each(lines, lambda line: _hospital(session, line, places))
    session.flush()
    audit.record(session, audit.Action.IMPORTED, "booking",
                 detail={"kind": report.kind or "", "rows": report.rows})  # fmt: skip


def _each(lines: Sequence[Line], act: Any) -> None:
    for line in lines:
        act(line)
        line.report.accepted += 1


def _hospital(session: Session, line: Line, places: Places) -> None:
    name = line.text("医院", 60)
    if not name:
        return
    city = line.text("城市", 20, needed=False)
    own = Places(session, line.report, city) if city else places
    hospital = own.hospital(name)
    hospital.short_name = line.text("简称", 30, needed=False) or hospital.short_name
    hospital.level = line.text("级别", 20, needed=False) or hospital.level
    hospital.district = line.text("区", 20, needed=False) or hospital.district
    hospital.address = line.text("地址", 200, needed=False) or hospital.address
    hospital.initials = initials(hospital.short_name or hospital.name)


def _rule(session: Session, line: Line, places: Places) -> None:
    faults = len(line.report.faults)
    said = line.text("规则", 30)
    name = next((each for each in RuleName if said in (each.label, each.value)), None)
    if said and name is None:
        listed = "、".join(each.label for each in RuleName)
        line.wrong("规则", f"“{said}”不认识，应为：{listed}。")
    value = _value(line, name)
    effective_on, where = line.day("生效日期"), _where(session, line, places)
    if len(line.report.faults) > faults or name is None or effective_on is None:
        return
    _put_rule(session, name, value, effective_on, where)


def _value(line: Line, name: RuleName | None) -> str:
    value = line.text("值", 40)
    try:
        if name and value and value != WITHDRAWN:
            read_value(name, value)
    except Refused as refusal:
        line.wrong("值", refusal.message)
    return value


def _where(session: Session, line: Line, places: Places) -> dict[str, Any]:
    """For whom the rule is; without a hospital, for the city."""
    hospital = line.cells.get("医院", "")
    found = places.find_hospital(hospital) if hospital else None
    if hospital and found is None:
        line.wrong("医院", f"没有“{hospital[:30]}”，请先导入医院或排班。")
    channel, kind = line.cells.get("渠道") or None, line.cells.get("号别")
    if channel and session.get(Channel, channel) is None:
        line.wrong("渠道", f"没有渠道“{channel[:20]}”，请填渠道代码。")
    return {
        "city": None if hospital else places.city,
        "hospital_id": found.id if found else None,
        "channel": channel,
        "clinic_kind": line.one_of("号别", ClinicKind) if kind else None,
    }


def _put_rule(
    session: Session, name: RuleName, value: str, effective_on: date, where: dict[str, Any]
) -> None:
    key = ["name", "city", "hospital_id", "channel", "clinic_kind", "effective_on"]
    row = where | {"name": name.value, "value": value, "effective_on": effective_on}
    session.execute(
        insert(BookingRule)
        .values(**row, created_at=now())
        .on_conflict_do_update(index_elements=key, set_={"value": value})
    )


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
    SET capacity = excluded.capacity, fee = excluded.fee, ends_at = excluded.ends_at
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


def _schedule(
    session: Session, report: ImportReport, lines: Sequence[Line], places: Places
) -> None:
    rows = schedule_sheet.read(lines, today())
    if report.faults:
        return
    made = [_slot(row, places) for row in rows]
    for start in range(0, len(made), ROWS_AT_ONCE):
        _put(session, report, made[start : start + ROWS_AT_ONCE])


def _slot(row: Row, places: Places) -> dict[str, Any]:
    resource, hospital, department = places.resource(row.where, row.title)
    return {
        "resource_id": resource,
        "hospital_id": hospital,
        "department_id": department,
        "clinic_kind": row.where.kind.value,
        "day": row.day.isoformat(),
        "half_day": row.half.value,
        "starts_at": row.starts_at.isoformat() if row.starts_at else None,
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "capacity": row.capacity,
        "fee": str(row.fee) if row.fee is not None else None,
        "line": row.line.number,
    }


def _put(session: Session, report: ImportReport, rows: list[dict[str, Any]]) -> None:
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
