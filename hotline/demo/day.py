"""One day of the demonstration city, told from midnight to midnight. Pure: same day, same calls."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime

from hotline.calls.rules import Direction, EventType
from hotline.demo import stories
from hotline.demo.callers import pick_caller
from hotline.demo.course import Course
from hotline.demo.duty import duties
from hotline.demo.people import Worker
from hotline.demo.plan import CallPlan, DayPlan, WrapUpPlan, seconds
from hotline.demo.seats import Desk, Seat
from hotline.demo.volume import PER_DAY, arrivals, calls_on

OUTBOUND = 0.012
PREFIX = "demo-"


@dataclass(frozen=True)
class City:
    """Who works there, how many calls come on an average day, and which of all such cities."""

    people: tuple[Worker, ...]
    per_day: float = PER_DAY
    seed: str = "12320"


def plan_day(day: date, city: City) -> DayPlan:
    """Every call of the day and where its people were."""
    rng = random.Random(f"{city.seed}:{day}")
    desk = Desk(duties(day, city.people, city.per_day), rng)
    starts = arrivals(day, rng, calls_on(day, rng, city.per_day))
    calls = [_call(rng, desk, _uid(day, number), at) for number, at in enumerate(starts, 1)]
    return DayPlan(calls, [stretch for seat in desk.seats for stretch in seat.day()])


def _uid(day: date, number: int) -> str:
    return f"{PREFIX}{day:%Y%m%d}-{number:05d}"


def _call(rng: random.Random, desk: Desk, uid: str, at: datetime) -> CallPlan:
    call = CallPlan(uid, pick_caller(rng), at)
    seat = desk.next_free(at) if rng.random() < OUTBOUND else None
    if seat and seat.free_at <= at and call.caller.number:
        _call_out(rng, seat, call)
    else:
        Course(rng, desk, call).run()
    return call


def _call_out(rng: random.Random, seat: Seat, call: CallPlan) -> None:
    """An agent calls somebody back."""
    call.direction = Direction.OUTBOUND
    call.start()
    answered = call.starts + seconds(rng.uniform(4, 20))
    ends = answered + seconds(rng.uniform(30, 160))
    call.say(EventType.ANSWERED, answered, agent=seat.agent)
    call.say(EventType.ENDED, ends, by="agent", cause="normal")
    written = ends + seconds(rng.uniform(5, 30))
    seat.talk(answered, ends, written)
    story = stories.outbound(rng, stories.words(rng))
    call.wrap_up = WrapUpPlan(story, seat.duty.worker.username, written)
