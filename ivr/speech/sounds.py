"""How alike two syllables sound to a recogniser, and to the ears of Nanjing. Pure.

Nanjing speech does not tell n from l, nor -n from -ng after a, e and i; many speakers say z for zh.
Costs are 0 (the same) to 1 (nothing in common), set by judgement and checked on the clips.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

INITIAL, FINAL, TONE = 0.45, 0.45, 0.1  # what each part of a syllable weighs
SKIPPED = 0.7  # a syllable one of the two does not have
RELATED = 0.7  # finals with the same main vowel


@dataclass(frozen=True)
class Syllable:
    """``initial`` may be empty; ``final`` as in pinyin's strict table (ü is v); tone 1 to 5."""

    initial: str
    final: str
    tone: int = 5


def _pairs(table: dict[str, float]) -> dict[frozenset[str], float]:
    return {frozenset(pair.split("/")): cost for pair, cost in table.items()}


_INITIALS = _pairs(
    {
        "n/l": 0.08, "z/zh": 0.12, "c/ch": 0.12, "s/sh": 0.12, "f/h": 0.3, "r/l": 0.35, "r/n": 0.5,
        "b/p": 0.45, "d/t": 0.45, "g/k": 0.45, "j/q": 0.45, "z/c": 0.45, "zh/ch": 0.45, "j/zh": 0.5,
        "q/ch": 0.5, "x/sh": 0.45, "x/s": 0.5, "m/n": 0.5, "j/z": 0.6, "q/c": 0.6, "g/h": 0.6,
        "k/h": 0.5, "b/m": 0.6, "z/ch": 0.55, "zh/c": 0.55, "c/s": 0.5, "ch/sh": 0.5, "r/zh": 0.6,
    }
)  # fmt: skip
_FINALS = _pairs(
    {
        "in/ing": 0.1, "en/eng": 0.1, "an/ang": 0.12, "ian/iang": 0.15, "uan/uang": 0.15,
        "un/ong": 0.35, "ong/eng": 0.3, "v/i": 0.3, "vn/in": 0.35, "vn/iong": 0.4, "ve/ie": 0.3,
        "ue/ve": 0.0, "van/ian": 0.35, "o/uo": 0.05, "e/uo": 0.35, "e/o": 0.3, "ei/ui": 0.3,
        "uei/ui": 0.0, "ei/uei": 0.3, "iou/iu": 0.0, "uen/un": 0.0, "en/uen": 0.3, "en/un": 0.3,
        "eng/uen": 0.4, "uen/ong": 0.35, "an/uan": 0.35, "a/ua": 0.35, "ang/uang": 0.35,
        "ai/uai": 0.35, "ian/ie": 0.45, "an/en": 0.5, "ang/eng": 0.5, "ou/uo": 0.45, "ao/ou": 0.5,
        "ai/ei": 0.45, "e/en": 0.5, "ie/i": 0.5, "iao/iou": 0.5, "er/e": 0.4, "i/ei": 0.55,
        "u/ou": 0.5, "u/o": 0.5, "in/en": 0.5, "ing/eng": 0.5,
    }
)  # fmt: skip
_VOWELS = "aoeiuv"


@lru_cache(maxsize=200_000)
def apart(one: Syllable, other: Syllable) -> float:
    """How far two syllables are from each other, 0 to 1; the same both ways."""
    return (
        INITIAL * _cost(_INITIALS, one.initial, other.initial, 1.0)
        + FINAL * _cost(_FINALS, one.final, other.final, _unlisted(one.final, other.final))
        + TONE * (one.tone != other.tone and 5 not in {one.tone, other.tone})
    )


def _cost(table: dict[frozenset[str], float], one: str, other: str, otherwise: float) -> float:
    return 0.0 if one == other else table.get(frozenset((one, other)), otherwise)


def _unlisted(one: str, other: str) -> float:
    return RELATED if _main_vowel(one) == _main_vowel(other) else 1.0


def _main_vowel(final: str) -> str:
    """The most open vowel: a, then o and e, then the rest."""
    return min((letter for letter in final if letter in _VOWELS), key=_VOWELS.index, default=final)
