"""Every day the slots of one more day are made."""

from __future__ import annotations

import structlog
from sqlalchemy import text
from sqlmodel import Session

from hotline import live
from hotline.booking import schedules_fill
from hotline.booking.schedules_fill import Filled
from hotline.db import transaction

log = structlog.get_logger(__name__)
# So many clinics in one transaction: nobody waits long behind it.
AT_ONCE = 100
_CLINICS = text(
    """
    SELECT hospital_id, resource_id FROM schedule
    UNION SELECT hospital_id, resource_id FROM slot
    WHERE planned IS NOT NULL AND day >= (now() AT TIME ZONE 'Asia/Shanghai')::date
    ORDER BY 1, 2
    """
)


def clinics(session: Session) -> dict[int, list[int]]:
    """Clinics that have schedules or slots made by them, by hospital."""
    found: dict[int, list[int]] = {}
    for hospital, resource in session.execute(_CLINICS):
        found.setdefault(hospital, []).append(resource)
    return found


def fill() -> Filled:
    """Make what is missing, hospital by hospital. What a kill leaves undone, the next run does."""
    total = Filled()
    with transaction() as session:
        wanted = clinics(session)
    for hospital, resources in wanted.items():
        for start in range(0, len(resources), AT_ONCE):
            with transaction() as session:
                _add(total, _some(session, hospital, resources[start : start + AT_ONCE]))
    log.info("schedules_filled", added=total.added, changed=total.changed,
             removed=total.removed, beyond=len(total.beyond))  # fmt: skip
    return total


def _some(session: Session, hospital: int, resources: list[int]) -> Filled:
    schedules_fill.lock(session, hospital)
    filled = schedules_fill.fill(session, resources)
    if not filled.is_nothing:
        live.publish(session, "bookings", "bookings", {})
    return filled


def _add(total: Filled, more: Filled) -> None:
    total.added += more.added
    total.changed += more.changed
    total.removed += more.removed
    total.beyond += more.beyond
