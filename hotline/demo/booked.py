"""Made-up patients and what they have booked, through every channel; the pool counts them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping, insert, text
from sqlmodel import Session

from hotline.agents.rules import Role
from hotline.booking import patients, taking
from hotline.booking.id_numbers import check_digit
from hotline.booking.models import Booking
from hotline.booking.patients import Applicant
from hotline.booking.policy import Policy
from hotline.booking.rules import BookingKind, HalfDay, State
from hotline.booking.windows import When, moment, pick_up_by
from hotline.clock import local
from hotline.demo.callers import REGULARS, SURNAMES, caller
from hotline.demo.people import staff

PATIENTS = REGULARS + 200
PER_DAY = 110
# Share of the channels, roughly as published.
_CHANNELS = {"agent": 34, "voice": 4, "health_nanjing": 22, "wechat": 18, "web": 8, "quick": 6,
             "my_nanjing": 4, "in_clinic": 4}  # fmt: skip
_GIVEN = "秀英建华桂兰玉珍志明海波丽娟晓东雪梅子涵浩然雨欣梓萱宇轩"
# No district has this code: plainly made up, and valid in form.
_DISTRICT = "320199"
_SLOTS = text(
    """
    SELECT s.id, s.hospital_id, s.department_id, s.day, s.half_day, s.starts_at, s.ends_at,
           s.capacity - s.taken AS left_over
    FROM slot s WHERE s.is_demo AND s.day = :day AND s.taken < s.capacity
    ORDER BY s.capacity, s.id
    """
)
_COUNT = text(
    """
    UPDATE slot s SET taken = (SELECT count(*) FROM booking b WHERE b.slot_id = s.id AND b.state
        IN ('offered', 'held', 'confirmed', 'attended', 'no_show'))
    WHERE s.is_demo AND s.day = ANY(:days)
    """
)
_NUMBERS = text("SELECT nextval('booking_number') FROM generate_series(1, :count)")


@dataclass(frozen=True)
class Someone:
    """A made-up patient as a row."""

    patient: int
    account: int


def person(index: int) -> Applicant:
    """Always the same person: the callers of the demonstration are their own patients."""
    rng = random.Random(f"patient:{index}")
    calling = caller(index)
    is_male = (calling.name or "").endswith("先生") or (calling.name is None and index % 2 == 0)
    surname = calling.name[0] if calling.name else rng.choice(SURNAMES)
    start = rng.randrange(0, len(_GIVEN), 2)
    born = date(1938, 1, 1) + timedelta(days=rng.randrange(70 * 365))
    first = f"{_DISTRICT}{born:%Y%m%d}{index % 100:02}{rng.randrange(5) * 2 + is_male}"
    return Applicant(
        surname + _GIVEN[start : start + 2], first + check_digit(first), calling.number or ""
    )


def make_patients(session: Session, at: datetime) -> list[Someone]:
    """Everybody, found or made."""
    most = Policy().accounts_per_mobile
    return [
        Someone(*patients.register(session, patients.read(person(n), at), most, at, is_demo=True))
        for n in range(PATIENTS)
    ]


def book(session: Session, days: list[date], at: datetime) -> int:
    """Fill these days as far as somebody may have booked by now; how many bookings."""
    near = [day for day in days if (day - local(at).date()).days <= Policy().window_days]
    people = make_patients(session, at) if near else []
    rows = [row for day in near for row in _of_day(session, day, people, at)]
    numbers = session.execute(_NUMBERS, {"count": len(rows)}).scalars().all()
    for row, number in zip(rows, numbers, strict=True):
        row["booking_no"] = f"{local(row['confirmed_at']):%Y%m%d}-{number:06}"
    if rows:
        session.execute(insert(Booking), rows)
        session.execute(_COUNT, {"days": near})
    return len(rows)


def _of_day(
    session: Session, day: date, people: list[Someone], at: datetime
) -> list[dict[str, Any]]:
    rng = random.Random(f"booked:{day}")
    ahead = (day - local(at).date()).days
    count = round(PER_DAY * (1 if ahead <= 1 else max(0.15, 1 - ahead / 7)))
    free = [dict(row) for row in session.execute(_SLOTS, {"day": day}).mappings()]
    if not free:
        return []
    taken: set[tuple[int, int]] = set()
    return [
        row for one in _picked(rng, free, count)
        if (row := _booking(rng, one, rng.choice(people), at, taken)) is not None
    ]  # fmt: skip


def _picked(rng: random.Random, free: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Small clinics of well-known doctors fill up first."""
    found: list[dict[str, Any]] = []
    while free and len(found) < count:
        one = free[min(int(rng.expovariate(14 / len(free))), len(free) - 1)]
        units = min(one["left_over"], rng.choice((1, 1, 2, 5)))
        found += [one] * units
        one["left_over"] -= units
        if not one["left_over"]:
            free.remove(one)
    return found


def _booking(
    rng: random.Random, slot: dict[str, Any] | RowMapping, who: Someone, at: datetime,
    taken: set[tuple[int, int]],
) -> dict[str, Any] | None:  # fmt: skip
    if (who.patient, slot["department_id"]) in taken:
        return None  # one patient, one department, one slot a day
    taken.add((who.patient, slot["department_id"]))
    when = When(slot["day"], HalfDay(slot["half_day"]), slot["starts_at"], slot["ends_at"])
    channel = rng.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
    made = min(moment(when.day, time(7)) - timedelta(hours=rng.uniform(20, 150)), at)
    state, settled = _course(rng, when, made, at)
    return {
        "hold_id": taking.new_hold_id(), "state": state, "slot_id": slot["id"],
        "hospital_id": slot["hospital_id"], "department_id": slot["department_id"],
        "day": when.day, "patient_id": who.patient, "account_id": who.account,
        "channel": channel, "owner": _owner(rng, channel), "is_demo": True,
        "kind": BookingKind.IN_CLINIC if channel == "in_clinic" else BookingKind.SEGMENT,
        "created_at": made - timedelta(seconds=40), "confirmed_at": made, "settled_at": settled,
        "pick_up_by": pick_up_by(Policy(), when),
        "reason": "就诊人临时有事" if state is State.CANCELLED else None,
    }  # fmt: skip


def _course(
    rng: random.Random, when: When, made: datetime, at: datetime
) -> tuple[State, datetime | None]:
    if rng.random() < 0.07:
        return State.CANCELLED, min(made + timedelta(hours=3), at)
    ended = moment(when.day, time(18))
    if ended > at:
        return State.CONFIRMED, None
    return (State.NO_SHOW if rng.random() < 0.06 else State.ATTENDED), ended


def _owner(rng: random.Random, channel: str) -> str:
    agents = [worker.username for worker in staff() if worker.role is Role.AGENT]
    return rng.choice(agents) if channel == "agent" else f"demo:{channel}"
