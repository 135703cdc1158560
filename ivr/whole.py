"""When a pause is the end of an answer: what was heard is whole, and nobody goes on from it. Pure.

Who says 南京市儿童医院 has said it all; 下周 may become 下周三, 明天 is often followed by 上午, and
behind 不是 comes what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

from ivr.dialogue.answers import yes
from ivr.dialogue.state import Step
from ivr.hearing import Heard

SURE = 0.8
Whole = Callable[[Heard], bool]
_NAMED = frozenset(
    {Step.HOSPITAL, Step.DEPARTMENT, Step.DOCTOR, Step.OFFER, Step.HALF, Step.PATIENT, Step.MORE}
)


def whole(
    step: Step, phrases: tuple[str, ...], days: Iterable[str], halves: Iterable[str]
) -> Whole | None:
    """For a question with these phrases in its grammar; None where a pause says nothing."""
    if step is Step.CANCEL:
        return lambda heard: _is_sure(heard) and yes(heard.text) is not None
    if step is Step.DAY:
        moments = _moments(tuple(days), tuple(halves))
        return lambda heard: _is_sure(heard) and heard.text in moments
    if step not in _NAMED:
        return None
    ends = _ends(phrases)
    return lambda heard: _is_sure(heard) and heard.text in ends and yes(heard.text) is not False


def _is_sure(heard: Heard) -> bool:
    return heard.confidence is not None and heard.confidence >= SURE


@lru_cache(4)
def _moments(days: tuple[str, ...], halves: tuple[str, ...]) -> frozenset[str]:
    return frozenset(day + half for day in days for half in halves)


@lru_cache(200)
def _ends(phrases: tuple[str, ...]) -> frozenset[str]:
    """The phrases from which no other goes on."""
    begun = {one for one, after in pairwise(sorted(phrases)) if after.startswith(one)}
    return frozenset(phrases) - begun
