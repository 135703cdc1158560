"""Sentences that people say when they book by telephone. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from ivr.training.words import Phrase, days, lists, numeral

PAUSE = "，"
Rng = random.Random


def sentences(seed: int) -> Iterator[Phrase]:
    """Without end; the same seed gives the same. A word ``，`` is a pause."""
    rng = random.Random(seed)
    kinds, shares = zip(*_KINDS, strict=True)
    while True:
        yield rng.choices(kinds, shares)[0](rng)


def _one(name: str) -> Callable[[Rng], Phrase]:
    return lambda rng: rng.choice(lists()[name])


def _maybe(rng: Rng, share: float, *ways: Callable[[Rng], Phrase]) -> Phrase:
    return rng.choice(ways)(rng) if rng.random() < share else ()


def hospital(rng: Rng) -> Phrase:
    """A full name or, less often, a nickname."""
    return rng.choice(lists()["hospitals" if rng.random() < 0.6 else "nicknames"])


def moment(rng: Rng) -> Phrase:
    """A day, often with the part of day, sometimes with an hour."""
    day = rng.choice(
        [rng.choice(lists()["relative_days"]), rng.choice(lists()["loose_dates"])]
        + [rng.choice(days()) for _ in range(8)]
    )
    return day + _maybe(rng, 0.7, _one("parts_of_day")) + _maybe(rng, 0.3, hour)


def hour(rng: Rng) -> Phrase:
    """九点, 十点半, 三点一刻, 两点四十五分, 三点到四点."""
    number = rng.choice([*range(7, 13), *range(1, 7)])
    sharp = _oclock(number)
    if rng.random() < 0.2:
        return (sharp, "到", _oclock(number % 12 + 1))
    minutes = numeral(rng.choice([10, 15, 20, 30, 40, 45, 50]))
    return (sharp, *rng.choice([(), (), ("钟",), ("半",), ("一刻",), ("三刻",), (minutes, "分")]))


def _oclock(number: int) -> str:
    return ("两" if number == 2 else numeral(number)) + "点"


def doctor(rng: Rng) -> Phrase:
    """王主任, 李建国医生."""
    name = rng.choice(lists()["surnames"])
    return name + _maybe(rng, 0.4, _one("given")) + rng.choice(lists()["titles"])


def digits(rng: Rng) -> Phrase:
    """A number read digit by digit, one to eleven of them."""
    one = rng.choice("一幺")
    return tuple(
        rng.choice(f"零{one}二三四五六七八九") for _ in range(rng.choice([1, 2, 4, 6, 11]))
    )


def complaint(rng: Rng) -> Phrase:
    """我头疼看什么科."""
    who = rng.choice([(), ("我",), ("孩子",), ("最近",), ("我", "妈")])
    return who + rng.choice(lists()["symptoms"]) + _maybe(rng, 0.6, _one("complaints"))


def booking(rng: Rng) -> Phrase:
    """A whole wish: greeting, where, what, when and whom in changing order."""
    parts: list[Phrase] = [
        part(rng)
        for part, share in ((hospital, 0.6), (_department, 0.7), (moment, 0.6))
        if rng.random() < share
    ]
    rng.shuffle(parts)
    wish = rng.choice(lists()["wishes"])
    first = rng.random() < 0.2 and len(parts) > 1
    said = _with_pauses(rng, [*parts[:1], wish, *parts[1:]] if first else [wish, *parts])
    greeting = _maybe(rng, 0.12, _one("greetings"))
    closing = _maybe(rng, 0.45, _one("closings"))
    return (greeting + _maybe(rng, 0.6, _pause) if greeting else ()) + said + closing


def _department(rng: Rng) -> Phrase:
    return rng.choice(lists()["departments"]) + _maybe(rng, 0.25, doctor)


def _pause(_: Rng) -> Phrase:
    return (PAUSE,)


def _with_pauses(rng: Rng, parts: list[Phrase]) -> Phrase:
    said = parts[0]
    for part in parts[1:]:
        between = rng.choice([("的",), (PAUSE,), ("呃",)]) if rng.random() < 0.2 else ()
        said += between + part
    return said


_KINDS: list[tuple[Callable[[Rng], Phrase], float]] = [
    (booking, 40), (_one("commands"), 16), (hospital, 8), (_one("departments"), 10),
    (moment, 10), (hour, 3), (doctor, 4), (digits, 6), (complaint, 3),
]  # fmt: skip
