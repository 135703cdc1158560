"""Reading the pool: hospitals, departments, and slots with what is left of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlmodel import Session, col, or_, select

from hotline import settings
from hotline.booking import quotas
from hotline.booking.models import Channel, Department, Hospital
from hotline.booking.offers import Judge, Offer
from hotline.booking.rules import ClinicKind, ResourceKind
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

MOST_SLOTS = 500


def hospitals(session: Session, city: str | None = None) -> list[Hospital]:
    """Every hospital that takes bookings (of one city if said), by city and name."""
    query = select(Hospital).where(Hospital.is_active)
    if city:
        query = query.where(Hospital.city == city)
    return list(session.exec(query.order_by(Hospital.city, Hospital.name)))


def cities(session: Session) -> list[str]:
    """The cities with hospitals that take bookings."""
    query = select(Hospital.city).where(Hospital.is_active).distinct()
    return list(session.exec(query.order_by(Hospital.city)))


def departments(session: Session, hospital_id: int) -> list[Department]:
    """The departments of a hospital, by name."""
    query = select(Department).where(Department.hospital_id == hospital_id, Department.is_active)
    return list(session.exec(query.order_by(Department.name)))


def channels(session: Session) -> list[Channel]:
    """Every way to the pool, in the order of the tables."""
    query = select(Channel).where(Channel.is_active).order_by(col(Channel.position))
    return list(session.exec(query))


def hospital_id(session: Session, said: str) -> int:
    """A hospital by its id, name or short name; of those in several cities the site's own.

    Raises Refused hospital_unknown, or hospital_ambiguous when it is in several other cities.
    """
    if _is_id(said):
        return int(said)
    named = or_(Hospital.name == said, Hospital.short_name == said)
    found = session.exec(select(Hospital).where(named).order_by(col(Hospital.id))).all()
    near = [each for each in found if each.city == settings.current().city] or found
    if not near:
        raise Refused("hospital_unknown", "没有这家医院，请核对名称。", 404)
    if len({each.city for each in near}) > 1:
        raise Refused("hospital_ambiguous", "几个城市都有这家医院，请改用医院编号。", 409)
    return near[0].key


def department_ids(session: Session, said: str, hospital: int | None) -> list[int]:
    """Departments by id, or by name in one hospital or in all. Raises Refused."""
    if _is_id(said):
        return [int(said)]
    query = select(Department.id).where(Department.name == said)
    if hospital is not None:
        query = query.where(Department.hospital_id == hospital)
    found = [each for each in session.exec(query) if each is not None]
    if not found:
        raise Refused("department_unknown", "没有这个科室，请核对名称。", 404)
    return found


def _is_id(said: str) -> bool:
    return said.isascii() and said.isdecimal() and len(said) <= 18


@dataclass(frozen=True)
class Wanted:
    """What a search is narrowed by; both days are included."""

    first: date
    last: date
    hospital: int | None = None
    departments: tuple[int, ...] = ()
    doctor: str | None = None
    kind: ClinicKind | None = None
    channel: str | None = None
    hospitals: frozenset[int] | None = None
    city: str | None = None
    category: ResourceKind | None = None
    item: str | None = None


# A hold that has run out is free, also before anybody sweeps. Asked slot by slot: joined as a
# whole, the planner reads every booking there is as soon as there are many.
_SEARCH = """
    SELECT s.id, s.hospital_id, h.name AS hospital, h.city, c.name AS campus, s.department_id,
           d.name AS department, o.name AS doctor, o.title, r.kind AS category, r.name AS item,
           s.clinic_kind, s.day, s.half_day,
           s.starts_at, s.ends_at, s.capacity, s.fee, s.is_stopped, {rank} AS rank,
           s.capacity - s.taken + (
               SELECT count(*) FROM booking b WHERE b.slot_id = s.id
               AND b.state IN ('held', 'offered') AND b.expires_at <= :at) AS free
    FROM slot s JOIN resource r ON r.id = s.resource_id JOIN hospital h ON h.id = s.hospital_id
    JOIN department d ON d.id = s.department_id LEFT JOIN doctor o ON o.id = r.doctor_id
    LEFT JOIN campus c ON c.id = r.campus_id
    WHERE h.is_active AND d.is_active AND s.day BETWEEN :first AND :last {conditions}
    ORDER BY s.day, rank, s.id LIMIT :most
"""
# Morning, afternoon, evening, each by its segments: minutes of a day, the half-day first.
_RANK = """
    (CASE s.half_day WHEN 'morning' THEN 0 WHEN 'afternoon' THEN 2000 ELSE 4000 END
     + coalesce(extract(hour FROM s.starts_at) * 60 + extract(minute FROM s.starts_at), 0))::int
"""
_CONDITIONS = {
    "hospital": " AND s.hospital_id = :hospital",
    "hospitals": " AND s.hospital_id = ANY(:hospitals)",
    "department": " AND s.department_id = :department",
    "departments": " AND s.department_id = ANY(:departments)",
    "doctor": " AND o.name = :doctor",
    "kind": " AND s.clinic_kind = :kind",
    "city": " AND h.city = :city",
    "category": " AND r.kind = :category",
    "item": " AND r.kind <> 'clinic' AND r.name = :item",
}


def search(
    session: Session, wanted: Wanted, at: datetime, cursor: str | None = None, limit: int = 200
) -> Page[Offer]:
    """Slots by day and time, full and closed ones too, each with what is left of it."""
    limit = max(1, min(limit, MOST_SLOTS))
    given = _given(wanted) | {"at": at, "most": limit + 1}
    conditions = "".join(_CONDITIONS[name] for name in _CONDITIONS if name in given)
    if (after := decode_cursor(cursor, 3)) is not None:
        conditions += f" AND (s.day, {_RANK}, s.id) > (CAST(:after AS date), :rank, :id)"
        given |= _after(after)
    session.execute(_PLAN_ONCE)
    rows = session.execute(_statement(conditions), given).mappings().all()
    judge = Judge(session, wanted.hospital, wanted.channel, at)
    following = _cursor(rows[limit - 1]) if len(rows) > limit else None
    offers = [judge.offer(row) for row in rows[:limit]]
    if wanted.channel:
        quotas.narrow(session, offers, judge.shares, wanted.channel, at)
    return Page(offers, following)


# Planning six joins anew for each search costs more than the search itself.
_PLAN_ONCE = text("SET LOCAL plan_cache_mode = force_generic_plan")


@cache
def _statement(conditions: str) -> TextClause:
    """One of a few dozen: reading its text again costs more than the search."""
    return text(_SEARCH.format(rank=_RANK, conditions=conditions))


def _given(wanted: Wanted) -> dict[str, Any]:
    narrowed = {
        "hospital": wanted.hospital,
        "hospitals": sorted(wanted.hospitals) if wanted.hospitals is not None else None,
        # one department is what nearly everybody asks for, and what plans best
        "department": wanted.departments[0] if len(wanted.departments) == 1 else None,
        "departments": list(wanted.departments) if len(wanted.departments) > 1 else None,
        "doctor": wanted.doctor or None,
        "kind": wanted.kind.value if wanted.kind else None,
        "city": wanted.city or None,
        "category": wanted.category.value if wanted.category else None,
        "item": wanted.item or None,
    }
    kept = {name: value for name, value in narrowed.items() if value is not None}
    return kept | {"first": wanted.first, "last": wanted.last}


def _after(values: list[Any]) -> dict[str, Any]:
    try:
        day, rank, key = date.fromisoformat(str(values[0])), int(values[1]), int(values[2])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    return {"after": day, "rank": rank, "id": key}


def _cursor(row: RowMapping) -> str:
    return encode_cursor(row["day"].isoformat(), row["rank"], row["id"])
