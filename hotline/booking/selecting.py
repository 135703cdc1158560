"""Which slots are meant by a place, a range of days and a half-day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline.booking.finding import Booker
from hotline.booking.models import Slot
from hotline.booking.rules import HalfDay
from hotline.clock import local, now
from hotline.errors import Refused

MOST = 2000
_FIND = text(
    """
    SELECT s.id FROM slot s JOIN resource r ON r.id = s.resource_id
    LEFT JOIN doctor o ON o.id = r.doctor_id
    WHERE s.hospital_id = :hospital AND s.day BETWEEN :first AND :last
    AND s.is_stopped = :stopped
    AND (CAST(:departments AS bigint[]) IS NULL OR s.department_id = ANY(:departments))
    AND (CAST(:doctor AS varchar) IS NULL OR o.name = :doctor)
    AND (CAST(:half AS varchar) IS NULL OR s.half_day = :half)
    ORDER BY s.id LIMIT :most
    """
)


@dataclass(frozen=True)
class Chosen:
    """Clinics of one hospital; both days are included."""

    hospital: int
    first: date
    last: date
    departments: tuple[int, ...] = ()
    doctor: str | None = None
    half: HalfDay | None = None


def by_place(
    session: Session, chosen: Chosen, *, stopped: bool, at: datetime | None = None
) -> list[int]:
    """Slots not yet over that take place, or do not. Raises Refused when there are too many."""
    given = {
        "hospital": chosen.hospital,
        "first": chosen.first,
        "last": chosen.last,
        "departments": list(chosen.departments) or None,
        "doctor": chosen.doctor,
        "half": chosen.half.value if chosen.half else None,
        "stopped": stopped,
        "most": MOST + 1,
    }
    found = list(session.execute(_FIND, given).scalars())
    if len(found) > MOST:
        sentence = f"一次最多 {MOST} 个号源，请缩小日期范围或分科室办理。"
        raise Refused("range_invalid", sentence, fields={"to": sentence})
    over = _over(session, found, at or now())
    return [key for key in found if key not in over]


def _over(session: Session, ids: Sequence[int], at: datetime) -> set[int]:
    query = select(Slot).where(col(Slot.id).in_(ids), Slot.day <= local(at).date())
    return {slot.key for slot in session.exec(query) if slot.when.ends <= at}


def by_ids(session: Session, ids: Sequence[int], by: Booker, *, stopped: bool) -> list[int]:
    """Those of these slots that take place, or do not. Raises Refused slot_unknown."""
    wanted = set(ids)
    query = select(Slot.id, Slot.hospital_id, Slot.is_stopped).where(col(Slot.id).in_(wanted))
    found = session.exec(query).all()
    if len(found) < len(wanted) or not all(by.goes_to(hospital) for _, hospital, _ in found):
        sentence = "其中有的号源不存在，请重新查询。"
        raise Refused("slot_unknown", sentence, 404, fields={"slot_ids": sentence})
    return sorted(key for key, _, is_stopped in found if key and is_stopped == stopped)
