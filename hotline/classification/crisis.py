"""Danger in a text: phrases first, learnt weights for what no phrase foresaw.

The detector errs toward alarm. It can say "look at this"; it can never say "all is well":
a low score is no ground to reassure anyone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotline.classification.linear import load, logistic
from hotline.classification.normalise import DATA, LONGEST, outspoken
from hotline.classification.phrases import found, weighty
from hotline.labels import Labelled

MODEL_FILE = DATA / "crisis_model.json.gz"

# Chosen on cross-validated scores of the development part; see docs/model-cards/crisis.md.
THRESHOLD = 0.7

WINDOW = 400  # characters read at a time; phrases are shorter than the overlap
OVERLAP = 80
STRETCH = 120  # characters the learnt weights see at once: they were learnt on short messages
MOST_REASONS = 6


class CrisisLevel(Labelled):
    """What the agent is shown. ``HIGH`` opens the crisis desk, ``WATCH`` asks for a look."""

    NONE = "none", "未见危机表述"
    WATCH = "watch", "需要留意"
    HIGH = "high", "高危"


@dataclass(frozen=True)
class CrisisAssessment:
    """``reasons`` are Chinese sentences with the words that decided; ``score`` is 0 to 1.

    ``kinds`` are the ids of the phrases that were heard; none when learnt weights alone alarmed.
    """

    level: CrisisLevel
    reasons: tuple[str, ...] = ()
    score: float = 0.0
    kinds: tuple[str, ...] = ()


_FLOOR = {CrisisLevel.NONE: 0.0, CrisisLevel.WATCH: THRESHOLD, CrisisLevel.HIGH: 0.95}
_RANK = list(CrisisLevel)


def assess(text: str) -> CrisisAssessment:
    """Read any text, of any length and in any state. Never raises for a ``str``."""
    return _together([_assess_window(window) for window in _windows(text)])


def _together(parts: list[CrisisAssessment]) -> CrisisAssessment:
    # The gravest part speaks first, and gives the level and the score.
    parts.sort(key=lambda part: (-_RANK.index(part.level), -part.score))
    reasons = dict.fromkeys(reason for part in parts for reason in part.reasons)
    kinds = dict.fromkeys(kind for part in parts for kind in part.kinds)
    score = round(max(part.score for part in parts), 3)
    return CrisisAssessment(parts[0].level, tuple(reasons)[:MOST_REASONS], score, tuple(kinds))


def _windows(text: str) -> Iterator[str]:
    # Of a monster both ends are read: what matters is said first or last.
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + text[-LONGEST // 2 :]
    for start in range(0, max(len(text) - OVERLAP, 1), WINDOW - OVERLAP):
        yield text[start : start + WINDOW]


def _assess_window(window: str) -> CrisisAssessment:
    said = outspoken(window)
    hits = sorted(found(said), key=lambda hit: -_RANK.index(CrisisLevel(hit[0].level)))
    learnt, stretch = max((learnt_score(part), part) for part in _stretches(said))
    level = CrisisLevel(hits[0][0].level) if hits else CrisisLevel.NONE
    reasons = tuple(f"{phrase.reason}：“{words}”" for phrase, words in hits)
    if not hits and learnt >= THRESHOLD:
        level, reasons = CrisisLevel.WATCH, (_learnt_reason(stretch),)
    kinds = tuple(phrase.id for phrase, _ in hits)
    return CrisisAssessment(level, reasons, max(learnt, _FLOOR[level]), kinds)


def _stretches(said: str) -> Iterator[str]:
    for start in range(0, max(len(said), 1), STRETCH):
        yield said[start : start + STRETCH]


def learnt_score(said: str) -> float:
    """0 to 1 from the learnt weights alone; 0 where no word of weight was said.

    Without that gate a third of the everyday hotline talk that scores high has nothing in it
    that anyone would call danger.
    """
    if not weighty().search(said):
        return 0.0
    return logistic(load(MODEL_FILE).logits(said)[0])


def _learnt_reason(said: str) -> str:
    words = "”“".join(load(MODEL_FILE).words(said, 0))
    return f"整句用语接近危机表述：“{words}”" if words else "整句用语接近危机表述"
