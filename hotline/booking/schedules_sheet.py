"""Schedules in and out of sheets: one schedule a row, whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking import schedules, schedules_fill, schedules_reading
from hotline.booking.places import Places
from hotline.booking.rules import ClinicKind, HalfDay
from hotline.booking.schedule_sheet import Where
from hotline.booking.schedules import Clinic
from hotline.booking.schedules_expansion import clash
from hotline.booking.schedules_reading import Standing
from hotline.booking.schedules_rules import OnHoliday, OnMakeUp, Plan, Weeks
from hotline.booking.schedules_typed import COLUMNS, HEADERS, Reader, read_plan
from hotline.booking.schedules_words import in_words, weekdays_in_words
from hotline.booking.sheet import ImportReport, Line
from hotline.calls.export import safe_cell
from hotline.clock import today

AT_ONCE = 200
_HEADER = {name: header for header, name in COLUMNS.items()}


def write(
    session: Session,
    report: ImportReport,
    lines: Sequence[Line],
    places: Places,
    seen: Callable[[int], None],
) -> None:
    """Schedules as the rows say, and their slots; faults stand in the report.

    A row that is there already changes nothing. One that wants the time of an older schedule
    takes over on the day it begins.
    """
    touched: dict[int, set[int]] = {}
    for count, line in enumerate(lines, 1):
        clinic = _take(session, line, places)
        if clinic is not None:
            touched.setdefault(clinic.hospital_id, set()).add(clinic.resource_id)
        if count % AT_ONCE == 0:
            seen(count)
    if report.faults:
        return
    for hospital, resources in sorted(touched.items()):
        schedules_fill.lock(session, hospital)
        filled = schedules_fill.fill(session, resources)
        if filled.beyond:
            report.notes.append(f"{len(filled.beyond)} 个已约的号源超出新排班，请到“排班”页处理。")


def _take(session: Session, line: Line, places: Places) -> Clinic | None:
    reader = Reader({name: line.cells.get(header, "") for header, name in COLUMNS.items()})
    plan, fee = read_plan(reader), reader.fee("fee")
    kind = reader.code("kind", ClinicKind, None)
    for name, longest in (("hospital", 60), ("department", 60), ("doctor", 40), ("campus", 40)):
        _check_name(reader, name, longest)
    for name, sentence in reader.faults.items():
        line.wrong(_HEADER[name], sentence)
    if plan is None or kind is None or reader.faults:
        return None
    said = reader.text
    where = Where(said("hospital"), said("campus"), said("department"), said("doctor"),
                  ClinicKind(kind), city=said("city"))  # fmt: skip
    clinic = Clinic(*places.resource(where, said("title")[:30]))
    return clinic if _put(session, line, clinic, plan, fee) else None


def _check_name(reader: Reader, name: str, longest: int) -> None:
    if not reader.text(name) and name in ("hospital", "department"):
        reader.wrong(name, "不能为空。")
    if len(reader.text(name)) > longest:
        reader.wrong(name, f"不能超过 {longest} 个字。")


def _put(session: Session, line: Line, clinic: Clinic, plan: Plan, fee: Decimal | None) -> bool:
    """Whether anything is new."""
    others = schedules_reading.of_resources(session, [clinic.resource_id], plan.valid_from)
    if any(_is_same(one, plan, fee) for one in others):
        line.report.duplicate += 1
        return False
    for one in (one for one in others if clash(one.plan, plan)):
        if one.plan.valid_from >= plan.valid_from or plan.valid_from < today():
            line.wrong("整行", f"与已有的排班“{in_words(one.plan)}”时间重叠；要改它，"
                               "请把生效日期写成今天以后、晚于它的生效日期。")  # fmt: skip
            return False
        schedules.stop_before(session, one.row, plan.valid_from)
    schedules.store(session, clinic, plan, fee)
    line.report.accepted += 1
    return True


def _is_same(one: Standing, plan: Plan, fee: Decimal | None) -> bool:
    return one.row.plan() == plan and one.row.fee == fee


_EVERY = text(
    """
    SELECT h.name AS hospital, c.name AS campus, d.name AS department, o.name AS doctor, o.title,
           r.clinic_kind, h.city, s.*
    FROM schedule s JOIN resource r ON r.id = s.resource_id JOIN hospital h ON h.id = s.hospital_id
    JOIN department d ON d.id = s.department_id LEFT JOIN doctor o ON o.id = r.doctor_id
    LEFT JOIN campus c ON c.id = r.campus_id
    WHERE coalesce(s.valid_until, 'infinity') >= :since AND r.clinic_kind IS NOT NULL
    AND (CAST(:hospital AS bigint) IS NULL OR s.hospital_id = :hospital)
    AND (CAST(:department AS bigint) IS NULL OR s.department_id = :department)
    ORDER BY h.name, d.name, o.name NULLS FIRST, s.valid_from, s.id
    """
)


def rows(
    session: Session, since: date, hospital: int | None = None, department: int | None = None
) -> Iterator[list[Any]]:
    """The head and each schedule in force since a day, as they could be imported."""
    yield list(HEADERS)
    given = {"since": since, "hospital": hospital, "department": department}
    for row in session.execute(_EVERY, given).mappings():
        yield [_cell(row, name) for name in COLUMNS.values()]


_CODES = {
    "kind": ("clinic_kind", ClinicKind),
    "weeks": ("weeks", Weeks),
    "half": ("half", HalfDay),
    "on_holiday": ("on_holiday", OnHoliday),
    "on_make_up": ("on_make_up", OnMakeUp),
}


def _cell(row: Any, name: str) -> Any:
    if name in _CODES:
        column, codes = _CODES[name]
        return codes(row[column]).label
    if name == "weekdays":
        return weekdays_in_words(row["weekdays"])
    if name == "units_are":
        return "半天" if row["is_shared_out"] else "时段"
    value = row[name]
    if name in ("starts_at", "ends_at"):
        return f"{value:%H:%M}" if value else ""
    return value.isoformat() if isinstance(value, date) else value


def as_xlsx(found: Iterator[list[Any]]) -> bytes:
    """A workbook of these rows."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("固定排班")
    for cells in found:
        sheet.append([float(cell) if isinstance(cell, Decimal) else
                      safe_cell(cell) if isinstance(cell, str) else cell
                      for cell in cells])  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
