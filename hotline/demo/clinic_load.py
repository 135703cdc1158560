"""Bring the city's hospitals and bookings up to today, and take them away again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking.policy import Policy
from hotline.clock import local, now
from hotline.db import transaction
from hotline.demo import heard_names, locks
from hotline.demo.booked import book
from hotline.demo.clinic_store import BEHIND, offer

_CAME = text(
    "UPDATE booking SET state = 'attended', settled_at = :at"
    " WHERE is_demo AND state = 'confirmed' AND day < :today"
)
_EMPTY_DAYS = text(
    """
    SELECT DISTINCT day FROM slot s WHERE is_demo AND day BETWEEN :first AND :last
    AND NOT EXISTS (SELECT FROM booking b WHERE b.is_demo AND b.day = s.day) ORDER BY day
    """
)
# Bookings of made-up clinics are made up, whoever made them. Of departments and clinics at real
# hospitals only those go that had made-up slots and have nothing left.
_REMOVE = [
    text(statement)
    for statement in (
        "DELETE FROM booking b USING slot s WHERE s.id = b.slot_id AND (s.is_demo OR b.is_demo)",
        "DELETE FROM clinic_stop WHERE is_demo",
        "CREATE TEMPORARY TABLE demo_resource ON COMMIT DROP AS"
        " SELECT resource_id, department_id FROM slot WHERE is_demo"
        " UNION SELECT resource_id, department_id FROM schedule WHERE is_demo",
        "DELETE FROM slot WHERE is_demo",
        "DELETE FROM schedule WHERE is_demo",
        "DELETE FROM resource r USING demo_resource g WHERE g.resource_id = r.id"
        " AND NOT EXISTS (SELECT FROM slot s WHERE s.resource_id = r.id)"
        " AND NOT EXISTS (SELECT FROM schedule s WHERE s.resource_id = r.id)",
        "DELETE FROM doctor o USING demo_resource g WHERE g.department_id = o.department_id"
        " AND NOT EXISTS (SELECT FROM resource r WHERE r.doctor_id = o.id)",
        "DELETE FROM department d USING demo_resource g WHERE g.department_id = d.id"
        " AND NOT EXISTS (SELECT FROM resource r WHERE r.department_id = d.id)"
        " AND NOT EXISTS (SELECT FROM doctor o WHERE o.department_id = d.id)",
        "DELETE FROM hospital h WHERE is_demo"
        " AND NOT EXISTS (SELECT FROM slot s WHERE s.hospital_id = h.id)"
        " AND NOT EXISTS (SELECT FROM schedule s WHERE s.hospital_id = h.id)",
        "UPDATE hospital SET is_demo = false WHERE is_demo",
        "DELETE FROM patient p WHERE is_demo"
        " AND NOT EXISTS (SELECT FROM booking b WHERE b.patient_id = p.id)"
        " AND NOT EXISTS (SELECT FROM patient c WHERE c.guardian_id = p.id)",
        "UPDATE patient SET is_demo = false WHERE is_demo",
    )
]


def load_clinics(at: datetime | None = None) -> int:
    """As far ahead as slots are made, the next days partly booked; how many bookings were
    added."""
    with locks.held(locks.Lock.DATA), transaction() as session:
        return keep_up(session, at or now())


def keep_up(session: Session, at: datetime) -> int:
    """What has become of the days since; the caller has the demonstration to itself."""
    today = local(at).date()
    offer(session, at)
    session.execute(_CAME, {"at": at, "today": today})
    added = book(session, _empty_days(session, today), at)
    heard_names.keep_up(session, at)
    return added


def _empty_days(session: Session, today: date) -> list[date]:
    """Days within reach that nobody has booked anything for."""
    last = today + timedelta(days=Policy().window_days)
    given = {"first": today - timedelta(days=BEHIND), "last": last}
    return list(session.execute(_EMPTY_DAYS, given).scalars())


def remove_clinics(session: Session) -> None:
    """Everything of the kind goes; what real records came to depend on stays, as real."""
    for statement in _REMOVE:
        session.execute(statement)
