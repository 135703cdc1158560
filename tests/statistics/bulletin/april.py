"""Events of the volume of 2020-04: calls, bookings by telephone, and what came from outside."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

import hotline.agents.models
import hotline.calls.models  # noqa: F401 - an order points to a call and to people
from hotline import security
from hotline.statistics.bulletin import outside
from hotline.statistics.bulletin.closing import Closer
from hotline.statistics.bulletin.outside import Import
from workorders.models import Order
from workorders.rules import Kind

FOLDER = Path(__file__).parent / "2020-04"
CLERK = Closer(None, "测试")
_tags = itertools.count(1)
CATEGORIES = {
    "consultation": 54591,
    "complaint": 127,
    "booking": 81506,
    "crisis": 375,
    "survey": 112,
    "self_service": 72,
}
ORDERS = {"city": 1960, "province": 2128}
MIDDLE = datetime(2020, 4, 15, tzinfo=UTC)
START, SECONDS = "2020-03-31T16:00:00Z", 30 * 86400
_CALLS = text(
    """
    INSERT INTO call (call_uid, call_no, direction, state, source, started_at, queued_at,
        waiting_since, ringing_at, answered_at, ended_at, last_event_at, category, disposition,
        wrapped_up_at, created_at, updated_at, is_demo, self_served, short_abandon, confidential)
    SELECT :tag || n, :tag || n, 'inbound', 'closed', 'import', at, at, at, at,
        at + interval '8 seconds', at + interval '3 minutes', at + interval '3 minutes', :code,
        'answered', at + interval '4 minutes', at, at, false, false, false, false
    FROM (SELECT n, CAST(:start AS timestamptz)
            + (CAST(n AS bigint) * 7919 % :seconds) * interval '1 second' AS at
          FROM generate_series(1, :calls) n) given
    """
)
_PLACES = """
INSERT INTO hospital (city, name, initials, is_active, is_demo)
    SELECT '南京', name, '', true, false FROM unnest(CAST(:names AS text[])) name
    ON CONFLICT DO NOTHING;
INSERT INTO department (hospital_id, name, initials, is_active)
    SELECT id, '月报科', '', true FROM hospital WHERE name = ANY(:names);
INSERT INTO resource (kind, clinic_kind, department_id)
    SELECT 'clinic', 'general', id FROM department WHERE name = '月报科';
INSERT INTO slot (resource_id, hospital_id, department_id, clinic_kind, day, half_day, capacity)
    SELECT r.id, d.hospital_id, d.id, 'general', date '2020-04-20', 'morning', 1
    FROM resource r JOIN department d ON d.id = r.department_id WHERE d.name = '月报科';
INSERT INTO patient (document, id_number, id_hash, created_at)
    VALUES ('id_card', :number, 'april', now());
INSERT INTO patient_account (patient_id, name, mobile)
    SELECT id, :name, :mobile FROM patient WHERE id_hash = 'april';
"""
_BOOKINGS = text(
    """
    INSERT INTO booking (hold_id, booking_no, state, slot_id, hospital_id, department_id, day,
        patient_id, account_id, channel, kind, owner, created_at, confirmed_at)
    SELECT s.id || '-' || n, s.id || '-' || n, 'cancelled', s.id, s.hospital_id, s.department_id,
        s.day, p.id, a.id, 'agent', 'segment', 'april', at, at
    FROM unnest(CAST(:names AS text[]), CAST(:counts AS int[])) given(name, bookings)
    JOIN hospital h ON h.name = given.name JOIN department d ON d.hospital_id = h.id
    AND d.name = '月报科' JOIN slot s ON s.department_id = d.id
    CROSS JOIN LATERAL (SELECT n, CAST(:start AS timestamptz)
        + (CAST(n AS bigint) * 104729 % :seconds) * interval '1 second' AS at
        FROM generate_series(1, given.bookings) n) spread
    JOIN patient p ON p.id_hash = 'april' JOIN patient_account a ON a.patient_id = p.id
    """
)


def fill_calls(session: Session, categories: dict[str, int], start: str = START) -> None:
    """Answered, sorted calls, spread over thirty days."""
    for code, calls in categories.items():
        given = {
            "tag": f"t{next(_tags)}-",
            "code": code,
            "calls": calls,
            "start": start,
            "seconds": SECONDS,
        }
        session.execute(_CALLS, given)


def fill_bookings(session: Session, counts: dict[str, int], start: str = START) -> None:
    """Bookings through the telephone, by hospital."""
    names = list(counts)
    everything = {
        "names": names,
        "name": security.encrypt("patient_account.name", "王小明"),
        "mobile": security.encrypt("patient_account.mobile", "13800000001"),
        "number": security.encrypt("patient.id_number", "32010219800101123X"),
    }
    for statement in _PLACES.strip().rstrip(";").split(";"):
        given = {name: value for name, value in everything.items() if f":{name}" in statement}
        session.execute(text(statement), given)
    given = {"names": names, "counts": list(counts.values()), "start": start, "seconds": SECONDS}
    session.execute(_BOOKINGS, given)


def fill_orders(session: Session, received: dict[str, int], at: datetime = MIDDLE) -> None:
    """Orders of the platforms, and our own, received then."""
    for platform, count in received.items():
        session.add_all(_order(platform, number, at) for number in range(count))
    session.flush()


def _order(platform: str, number: int, at: datetime) -> Order:
    return Order(
        order_no=f"{platform}-{number}",
        platform=platform,
        remote_no=None if platform == "self" else f"R{number}",
        kind=Kind.COMPLAINT,
        title="投诉",
        content="内容",
        received_at=at,
    )


def by_telephone() -> dict[str, int]:
    """电话预约 of each hospital, as published."""
    lines = (FOLDER / "booking_by_hospital.csv").read_text(encoding="utf-8-sig").splitlines()
    rows = [line.split(",") for line in lines[1:]]
    return {row[1]: int(row[3]) for row in rows if row[0] != "合计"}


def files() -> dict[str, bytes]:
    """What came from outside, by name."""
    return {one.name: one.read_bytes() for one in FOLDER.iterdir() if outside.is_sheet(one.name)}


def bring_in(session: Session, month: str, given: dict[str, bytes]) -> Import:
    """Import files as they are printed."""
    found = outside.check(session, month, given, {}, as_printed=True)
    assert found.faults == []
    outside.store(session, found, CLERK)
    return found
