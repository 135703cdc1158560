"""Which orders come on a day, and how far each one gets. Pure, the same for the same day."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hotline.clock import SHANGHAI
from hotline.demo.volume import HOURS, day_factor
from hotline.labels import Labelled
from workorders.rules import SELF, Kind

PER_DAY = {"city": 9.0, "province": 4.5}  # a tenth of the real ones: a first start must be quick


class Course(Labelled):
    """What becomes of an order."""

    PLAIN = "plain", "回复，回访满意"
    EXTENDED = "extended", "延期后回复"
    RETURNED = "returned", "退单"
    RETURN_DENIED = "return_denied", "退单未获同意"
    REWORKED = "reworked", "回访不满意，重办"
    UNIT_RETURNED = "unit_returned", "承办单位退回后改派"


_SHARES = {Course.PLAIN: 76, Course.EXTENDED: 7, Course.RETURNED: 6, Course.RETURN_DENIED: 2,
           Course.REWORKED: 6, Course.UNIT_RETURNED: 3}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """One order: where it comes from, when, and what becomes of it.

    ``pace`` scales how long people take; some are slow, so that some deadlines are missed.
    """

    platform: str
    at: datetime
    course: Course
    pace: float
    seed: int


@dataclass(frozen=True)
class OwnStory(Story):
    """An order of our own, out of a call."""

    call_id: int = 0
    kind: Kind = Kind.COMPLAINT


def own_story(call_id: int, at: datetime, kind: Kind) -> OwnStory:
    """What becomes of a call's order; there is no platform to return it to."""
    rng = random.Random(call_id)
    course = course_of(rng)
    if course in (Course.RETURNED, Course.RETURN_DENIED):
        course = Course.PLAIN
    return OwnStory(SELF, at, course, pace_of(rng), rng.randrange(1 << 30), call_id, kind)


def stories_of(day: date) -> list[Story]:
    """A day's orders of both platforms, in the order in which they come."""
    rng = random.Random(f"orders {day}")
    told = [
        _story(rng, platform, day)
        for platform, usual in PER_DAY.items()
        for _ in range(round(usual * day_factor(day) * rng.uniform(0.8, 1.2)))
    ]
    return sorted(told, key=lambda story: story.at)


def _story(rng: random.Random, platform: str, day: date) -> Story:
    hour = rng.choices(range(24), HOURS)[0]
    at = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), SHANGHAI)
    return Story(platform, at, course_of(rng), pace_of(rng), rng.randrange(1 << 30))


def course_of(rng: random.Random) -> Course:
    """What becomes of one order."""
    return rng.choices(list(_SHARES), list(_SHARES.values()))[0]


def pace_of(rng: random.Random) -> float:
    """Most are handled in time; one in twelve is not."""
    return rng.uniform(2.0, 3.5) if rng.random() < 1 / 12 else rng.uniform(0.35, 1.0)


def office(at: datetime, hours: float) -> datetime:
    """So many hours later, in office time from 8:30 to 17:30 of weekdays."""
    here = at.astimezone(SHANGHAI)
    left = timedelta(hours=hours)
    while True:
        opens = datetime.combine(here.date(), time(8, 30), SHANGHAI)
        closes = datetime.combine(here.date(), time(17, 30), SHANGHAI)
        here = max(here, opens)
        if here.weekday() < 5 and here < closes:
            if here + left <= closes:
                return here + left
            left -= closes - here
        here = opens + timedelta(days=1)
