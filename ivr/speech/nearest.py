"""Which of the names that can be meant sounds most like what was heard."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from ivr.speech.sounds import SKIPPED, Syllable, apart

SURE = 0.85  # at least so alike, and
MARGIN = 0.07  # so much more alike than the next: no question is needed
ASK = 0.74  # below, it was something else
MOST = 5
AROUND = 0.15  # a syllable said before or after the name: 我要挂……的号
MOST_AROUND = 0.45
SHORT = 2  # syllables: so short a name sounds like a part of many a longer one


class Verdict(StrEnum):
    """What to do with the nearest names."""

    SURE = "sure"
    ASK = "ask"
    NO = "no"


@dataclass(frozen=True)
class Near:
    """A name and how alike it sounds, 0 to 1."""

    name: str
    score: float


@lru_cache(maxsize=50_000)
def syllables(text: str) -> tuple[Syllable, ...]:
    """How a text is read; what is between words (blanks, brackets) is not said."""
    # 55 MB of dictionaries: only once somebody listens
    from pypinyin import Style, lazy_pinyin

    said = re.sub(r"[\W_]", "", text).lower()
    alone: Any = list  # what has no reading (CT) comes one sign at a time
    initials = lazy_pinyin(said, Style.INITIALS, errors=alone, strict=True)
    finals = lazy_pinyin(
        said, Style.FINALS_TONE3, errors=alone, strict=True, neutral_tone_with_five=True
    )
    return tuple(map(_syllable, initials, finals))


def _syllable(initial: str, final: str) -> Syllable:
    if len(final) < 2 or final[-1] not in "12345":
        return Syllable("", final)  # a letter or a figure stands for itself
    return Syllable(initial, final[:-1].replace("ü", "v"), int(final[-1]))


def nearest(heard: str, candidates: Iterable[str], most: int = MOST) -> list[Near]:
    """The names that sound most like what was heard, the nearest first. The name may stand
    anywhere in it. 2,000 names take some 30 ms once they have been read for the first time.
    """
    said = syllables(heard)
    if not said:
        return []
    read = {name: syllables(name) for name in candidates}
    costs = {
        each: [apart(each, syllable) for syllable in said]
        for each in {syllable for name in read.values() for syllable in name}
    }
    found = [
        Near(name, max(0.0, 1 - _cost([costs[each] for each in parts], len(said)) / len(parts)))
        for name, parts in read.items()
        if parts
    ]
    return sorted(found, key=lambda near: (-near.score, near.name))[:most]


def _cost(name: list[list[float]], said: int) -> float:
    """The cheapest alignment of the whole name with a stretch of what was said. ``name`` holds,
    for each of its syllables, how far it is from each of those said.
    """
    row = [_around(position) for position in range(said + 1)]
    for costs in name:
        here = row[0] + SKIPPED
        made = [here]
        for position, cost in enumerate(costs):
            here = min(row[position] + cost, row[position + 1] + SKIPPED, here + SKIPPED)
            made.append(here)
        row = made
    return min(cost + _around(said - position) for position, cost in enumerate(row))


def _around(count: int) -> float:
    return min(count * AROUND, MOST_AROUND)


def judged(found: Sequence[Near]) -> Verdict:
    """Take the first without a question, ask, or say that it was not understood."""
    if not found or found[0].score < ASK:
        return Verdict.NO
    # 外科 is in 泌尿外科, and no rival where that was heard
    rivals = (near.score for near in found[1:] if near.name not in found[0].name)
    stands_out = found[0].score - next(rivals, 0.0) >= MARGIN
    return Verdict.SURE if found[0].score >= SURE and stands_out else Verdict.ASK


def near_enough(heard: str, names: Mapping[str, Hashable] | Sequence[str]) -> list[str]:
    """The names to go on with: one when it stands out, several to ask about, or none. Names of
    the same owner are no rivals.
    """
    owner = names if isinstance(names, Mapping) else {name: name for name in names}
    firsts: dict[Hashable, Near] = {}
    for near in nearest(heard, names, most=4 * MOST):
        if near.score >= SURE or len(syllables(near.name)) > SHORT:
            firsts.setdefault(owner[near.name], near)
    found = list(firsts.values())[:MOST]
    if judged(found) is Verdict.SURE:
        return [found[0].name]
    least = max(ASK, found[0].score - 2 * MARGIN) if found else ASK
    return [near.name for near in found if near.score >= least]
