"""What the voice line heard before a person took over. Pure."""

from __future__ import annotations

import random
from datetime import datetime

from hotline.demo.plan import TurnPlan, seconds
from hotline.demo.stories import fill, texts

# What each turn fills in; the first only learns that somebody wants to book.
_FILLS = {
    "intent": (),
    "hospital": ("hospital",),
    "department": ("department",),
    "date": ("weekday",),
    "half_day": ("part_of_day",),
    "confirm": (),
}
NO_MATCH = "no_match"
TO_PERSON = "person"


def turns(
    rng: random.Random, starts: datetime, slots: dict[str, str], *, to_the_end: bool = False
) -> list[TurnPlan]:
    """Turns until the caller wants a person, or until the booking is confirmed."""
    steps = list(_FILLS)[: len(_FILLS) if to_the_end else rng.randint(2, 5)]
    found: list[TurnPlan] = []
    at, filled = starts + seconds(4), dict[str, str]()
    for step in steps:
        if rng.random() < 0.12:
            found.append(_turn(rng, at, step, slots, filled, NO_MATCH))
            at += seconds(rng.uniform(5, 9))
        filled = filled | {name: slots[name] for name in _FILLS[step]}
        is_last = step == steps[-1] and not to_the_end
        found.append(_turn(rng, at, step, slots, filled, TO_PERSON if is_last else "matched"))
        at += seconds(rng.uniform(5, 10))
    return found


def _turn(
    rng: random.Random,
    at: datetime,
    step: str,
    slots: dict[str, str],
    filled: dict[str, str],
    outcome: str,
) -> TurnPlan:
    said = texts()["turns"]
    heard = said["heard"].get(outcome) or said["heard"][step]
    answer = fill(rng.choice(heard), slots)
    return TurnPlan(at, step, fill(said["prompts"][step], slots), answer, outcome, dict(filled))
