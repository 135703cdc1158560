"""Who is on duty when. Each shift lies inside one day: a day is told by itself. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hotline.agents.rules import Role
from hotline.clock import SHANGHAI
from hotline.demo.people import CALL_TEAMS, Worker
from hotline.demo.volume import PER_DAY, day_factor


@dataclass(frozen=True)
class Shift:
    """Hours of work; ``seats`` on an average day, counted for agents and for counsellors."""

    starts: time
    hours: float
    seats: int
    counsellors: int


SHIFTS = (
    Shift(time(0, 0), 8, 2, 1),
    Shift(time(7, 30), 8, 9, 2),
    Shift(time(9, 0), 8.5, 5, 1),
    Shift(time(15, 0), 8.5, 5, 1),
    Shift(time(15, 45), 8.2, 2, 1),
)


@dataclass(frozen=True)
class Duty:
    """One person's stretch at the desk."""

    worker: Worker
    starts: datetime
    ends: datetime


def duties(day: date, people: Sequence[Worker], per_day: float = PER_DAY) -> list[Duty]:
    """Everyone who works the telephones that day, the well-known ones in the morning."""
    rng = random.Random(f"duty:{day}")
    agents = _rota([person for person in people if person.team in CALL_TEAMS], rng)
    counsellors = _rota([p for p in people if p.role is Role.COUNSELLOR], rng)
    scale = day_factor(day) * per_day / PER_DAY
    found: list[Duty] = []
    for shift in sorted(SHIFTS, key=lambda each: each.starts != time(7, 30)):
        count = max(2, math.ceil(shift.seats * scale))
        at_desk = _take(agents, count) + _take(counsellors, shift.counsellors)
        found += [_duty(day, shift, worker) for worker in at_desk]
    return sorted(found, key=lambda duty: (duty.starts, duty.worker.username))


def _rota(people: Sequence[Worker], rng: random.Random) -> list[Worker]:
    """Well-known people first, the rest shuffled, so that work is shared over the month."""
    desk = [person for person in people if person.role in (Role.AGENT, Role.COUNSELLOR)]
    rng.shuffle(desk)
    return sorted(desk, key=lambda person: not person.is_well_known)


def _take(people: list[Worker], count: int) -> list[Worker]:
    taken = people[:count]
    del people[:count]
    return taken


def _duty(day: date, shift: Shift, worker: Worker) -> Duty:
    starts = datetime.combine(day, shift.starts, SHANGHAI)
    return Duty(worker, starts, starts + timedelta(hours=shift.hours))


def on_duty(at: datetime, people: Sequence[Worker], per_day: float = PER_DAY) -> list[Worker]:
    """Who sits at the desk at this instant."""
    day = at.astimezone(SHANGHAI).date()
    return [duty.worker for duty in duties(day, people, per_day) if duty.starts <= at < duty.ends]
