"""Importing hospitals, schedules and rules. A file with one fault changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit, settings
from hotline.booking import rule_import, schedule_import, schedules_sheet
from hotline.booking.places import Places, initials
from hotline.booking.sheet import ImportReport, Kind, Line

Seen = Callable[[int], None]
SEEN_EVERY = 100


def _nobody(_: int) -> None:
    """Nobody watches."""


def import_lines(
    session: Session,
    report: ImportReport,
    lines: Sequence[Line],
    seen: Seen = _nobody,
    by: tuple[int | None, str] = (None, ""),
) -> None:
    """Write what a file says. With faults in the report, the caller rolls back.

    ``seen`` is told now and then how many rows are through; what it raises ends the import.
    ``by`` is who imports (id and name), where nobody is signed in.
    """
    # One import at a time: two would make the same hospital.
    session.execute(text("SELECT pg_advisory_xact_lock(12320, 2)"))
    places = Places(session, report, settings.current().city)
    if report.kind is Kind.SCHEDULE:
        schedule_import.write(session, report, lines, places, seen)
    elif report.kind is Kind.PATTERN:
        schedules_sheet.write(session, report, lines, places, seen)
    elif report.kind is Kind.RULES:
        _each(lines, lambda line: rule_import.write(session, line, places), seen)
    else:
        _each(lines, lambda line: _hospital(line, places), seen)
    session.flush()
    audit.record(session, audit.Action.IMPORTED, "booking", person_id=by[0], person_name=by[1],
                 detail={"kind": report.kind or "", "rows": report.rows})  # fmt: skip


def _each(lines: Sequence[Line], act: Callable[[Line], None], seen: Seen) -> None:
    for number, line in enumerate(lines, 1):
        act(line)
        line.report.accepted += 1
        if number % SEEN_EVERY == 0:
            seen(number)


def _hospital(line: Line, places: Places) -> None:
    name = line.text("医院", 60)
    city = line.text("城市", 20, needed=False)
    given = {
        "short_name": line.text("简称", 30, needed=False),
        "level": line.text("级别", 20, needed=False),
        "district": line.text("区", 20, needed=False),
        "address": line.text("地址", 200, needed=False),
    }
    if line.report.faults:
        return
    hospital = places.hospital(name, city)
    for field, value in given.items():
        setattr(hospital, field, value or getattr(hospital, field))
    hospital.initials = initials(hospital.short_name or hospital.name)
