"""Who calls: numbers that look unassigned, some of whom call again and again. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
# Mobiles with 0000 in the middle: plainly made up, and valid in form.
_PREFIXES = ("199", "198", "192", "166")
POPULATION = len(_PREFIXES) * 10_000
REGULARS = 400
_REGULAR_SHARE = 0.12
_WITHHELD_SHARE = 0.004


@dataclass(frozen=True)
class Caller:
    """A made-up caller; ``number`` is None when it is withheld."""

    number: str | None
    name: str | None


def caller(index: int) -> Caller:
    """The caller of this index: always the same number and name."""
    prefix = _PREFIXES[index // 10_000 % len(_PREFIXES)]
    rng = random.Random(f"caller:{index}")
    name = f"{rng.choice(SURNAMES)}{rng.choice(('先生', '女士', '女士'))}"
    return Caller(f"+86{prefix}0000{index % 10_000:04d}", name if rng.random() < 0.6 else None)


def pick_caller(rng: random.Random) -> Caller:
    """Someone: every eighth time one of those who call often."""
    if rng.random() < _WITHHELD_SHARE:
        return Caller(None, None)
    is_regular = rng.random() < _REGULAR_SHARE
    return caller(rng.randrange(REGULARS if is_regular else POPULATION))
