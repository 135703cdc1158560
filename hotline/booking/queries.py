"""Reading the pool: hospitals, departments, and slots with what is left of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlmodel import Session, col, or_, select

from hotline.booking.models import Channel, Department, Hospital
from hotline.booking.policy import Place, Policy, Rule, resolve
from hotline.booking.rules import ClinicKind, HalfDay
from hotline.booking.windows import When, refusal
from hotline.clock import local
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

MOST_SLOTS = 500


def hospitals(session: Session) -> list[Hospital]:
    """Every hospital that takes bookings, by city and name."""
    query = select(Hospital).where(Hospital.is_active)
    return list(session.exec(query.order_by(Hospital.city, Hospital.name)))


def departments(session: Session, hospital_id: int) -> list[Department]:
    """The departments of a hospital, by name."""
    query = select(Department).where(Department.hospital_id == hospital_id, Department.is_active)
    return list(session.exec(query.order_by(Department.name)))


def channels(session: Session) -> list[Channel]:
    """Every way to the pool, in the order of the tables."""
    query = select(Channel).where(Channel.is_active).order_by(col(Channel.position))
    return list(session.exec(query))


def hospital_id(session: Session, said: str) -> int:
    """A hospital by its id, name or short name. Raises Refused hospital_unknown."""
    if _is_id(said):
        return int(said)
    named = or_(Hospital.name == said, Hospital.short_name == said)
    found = session.exec(select(Hospital.id).where(named).order_by(col(Hospital.id))).first()
    if found is None:
        raise Refused("hospital_unknown", "没有这家医院，请核对名称。", 404)
    return found


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


@dataclass(slots=True)
class Offer:
    """A slot as a caller hears of it. ``closed`` is the code of why it cannot be booked now."""

    slot_id: int
    hospital_id: int
    hospital: str
    campus: str | None
    department_id: int
    department: str
    doctor: str | None
    title: str | None
    kind: ClinicKind | None
    date: date
    half_day: HalfDay
    starts_at: time | None
    ends_at: time | None
    capacity: int
    free: int
    fee: Decimal | None
    closed: str | None


# A hold that has run out is free, also before anybody sweeps. Asked slot by slot: joined as a
# whole, the planner reads every booking there is as soon as there are many.
_SEARCH = """
    SELECT s.id, s.hospital_id, h.name AS hospital, h.city, c.name AS campus, s.department_id,
           d.name AS department, o.name AS doctor, o.title, s.clinic_kind, s.day, s.half_day,
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
    "department": " AND s.department_id = :department",
    "departments": " AND s.department_id = ANY(:departments)",
    "doctor": " AND o.name = :doctor",
    "kind": " AND s.clinic_kind = :kind",
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
    judge = _Judge(_rules(session, wanted.hospital), wanted.channel, at)
    following = _cursor(rows[limit - 1]) if len(rows) > limit else None
    return Page([judge.offer(row) for row in rows[:limit]], following)


# Planning six joins anew for each search costs more than the search itself.
_PLAN_ONCE = text("SET LOCAL plan_cache_mode = force_generic_plan")


@cache
def _statement(conditions: str) -> TextClause:
    """One of a few dozen: reading its text again costs more than the search."""
    return text(_SEARCH.format(rank=_RANK, conditions=conditions))


def _given(wanted: Wanted) -> dict[str, Any]:
    narrowed = {
        "hospital": wanted.hospital,
        # one department is what nearly everybody asks for, and what plans best
        "department": wanted.departments[0] if len(wanted.departments) == 1 else None,
        "departments": list(wanted.departments) if len(wanted.departments) > 1 else None,
        "doctor": wanted.doctor or None,
        "kind": wanted.kind.value if wanted.kind else None,
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


_RULES = text(
    "SELECT name, value, effective_on, city, hospital_id, channel, clinic_kind FROM booking_rule"
    " WHERE hospital_id IS NULL OR CAST(:hospital AS bigint) IS NULL OR hospital_id = :hospital"
)


def _rules(session: Session, hospital: int | None) -> list[Rule]:
    return [Rule(*row) for row in session.execute(_RULES, {"hospital": hospital})]


_KINDS: dict[str | None, ClinicKind] = {each.value: each for each in ClinicKind}
_HALVES = {each.value: each for each in HalfDay}


class _Judge:
    """Tells of each slot whether it can be booked now.

    A search answers hundreds of slots under a few policies: each policy is resolved once, and
    where the same day is not booked a whole day has one answer.
    """

    def __init__(self, rules: list[Rule], channel: str | None, at: datetime) -> None:
        self.rules, self.channel, self.at = rules, channel, at
        self.today = local(at).date()
        self.policies: dict[tuple[str, int, str | None], Policy] = {}
        self.verdicts: dict[tuple[int, object], str | None] = {}

    def offer(self, row: RowMapping) -> Offer:
        kind, half = _KINDS.get(row["clinic_kind"]), _HALVES[row["half_day"]]
        when = When(row["day"], half, row["starts_at"], row["ends_at"])
        closed = "slot_closed" if row["is_stopped"] else self._closed(self._policy(row, kind), when)
        return Offer(
            row["id"], row["hospital_id"], row["hospital"], row["campus"], row["department_id"],
            row["department"], row["doctor"], row["title"], kind, when.day, half, when.starts_at,
            when.ends_at, row["capacity"], row["free"], row["fee"],
            closed or (None if row["free"] > 0 else "slot_taken"),
        )  # fmt: skip

    def _policy(self, row: RowMapping, kind: ClinicKind | None) -> Policy:
        key = (row["city"], row["hospital_id"], row["clinic_kind"])
        if key not in self.policies:
            place = Place(row["city"], row["hospital_id"], self.channel, kind)
            found = resolve(self.rules, place, self.today)
            same = next((each for each in self.policies.values() if each == found), found)
            self.policies[key] = same
        return self.policies[key]

    def _closed(self, policy: Policy, when: When) -> str | None:
        key = (id(policy), when if policy.same_day else when.day)
        if key not in self.verdicts:
            against = refusal(policy, when, self.at)
            self.verdicts[key] = against.code if against else None
        return self.verdicts[key]
