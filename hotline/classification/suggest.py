"""What a call is about, from a summary, the words on the line or a transcript.

Words of the trade carry most of the weight; a small learnt model breaks the ties.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from hotline.classification.crisis import CrisisAssessment, CrisisLevel, assess
from hotline.classification.linear import load, softmax
from hotline.classification.normalise import DATA, LONGEST, plain
from hotline.classification.vocabulary import (
    Category,
    Subcategory,
    categories_in,
    category_of,
    group_of,
)

MODEL_FILE = DATA / "category_model.json.gz"

# Both set by cross-validation on our own examples: learnt logits count this much beside the
# words, and scores divided by the spread give shares that match how often they are right.
LEARNT_SHARE = 0.7
SPREAD = 0.8

READ = 2_000  # characters; a longer transcript says what it is about at its ends
MOST = 5
CRISIS_WEIGHT = {CrisisLevel.NONE: 0.0, CrisisLevel.WATCH: 5.0, CrisisLevel.HIGH: 12.0}
NEEDS_WORDS = frozenset({Category.MANUAL, Category.SURVEY, Category.SELF_SERVICE})
UNSAID = 3.0
# Seen by the crisis detector, yet no call for the crisis desk by itself.
NOT_OF_THE_MIND = {"poisoned_by_mistake"}


@dataclass(frozen=True)
class Suggestion:
    """``confidence`` is 0 to 1; ``words`` are the caller's words that decided, if any did."""

    category: Category
    subcategory: Subcategory | None
    confidence: float
    words: tuple[str, ...]


@cache
def _words() -> dict[str, list[tuple[re.Pattern[str], float]]]:
    return _compiled(_data()["words"])


@cache
def _frames() -> dict[str, list[tuple[re.Pattern[str], float]]]:
    return _compiled({key: rows for key, rows in _data()["frames"].items() if key != "about"})


@cache
def _data() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((DATA / "categories.json").read_text(encoding="utf-8"))
    return kept


def _compiled(table: dict[str, Any]) -> dict[str, list[tuple[re.Pattern[str], float]]]:
    return {key: [(re.compile(said), weight) for said, weight in rows]
            for key, rows in table.items()}  # fmt: skip


def _matches(rows: list[tuple[re.Pattern[str], float]], said: str) -> Iterator[tuple[str, float]]:
    for pattern, weight in rows:
        if match := pattern.search(said):
            yield match.group(), weight


def place(code: str) -> tuple[Category, Subcategory | None]:
    """Level 1 and 2 of a code; codes of level 1 that have no level 2 stand for themselves."""
    subcategory = Subcategory.known(code)
    return (category_of(subcategory), subcategory) if subcategory else (Category(code), None)


def _frame_of(code: str) -> str:
    subcategory = Subcategory.known(code)
    return str(group_of(subcategory)) if subcategory else code


def word_scores(said: str) -> dict[str, tuple[float, tuple[str, ...]]]:
    """For each code of the data file: its weight in folded text, and the words that gave it."""
    frames = {key: sum(weight for _, weight in _matches(rows, said))
              for key, rows in _frames().items()}  # fmt: skip
    scores = {}
    for code, rows in _words().items():
        seen = list(_matches(rows, said))
        weight = sum(each for _, each in seen) + frames.get(_frame_of(code), 0.0)
        scores[code] = (weight, tuple(words for words, _ in seen))
    return scores


def suggest(
    text: str, month: str | None = None, danger: CrisisAssessment | None = None
) -> list[Suggestion]:
    """Up to five suggestions, best first, all in the set of ``month`` (YYYY-MM, default now).

    ``danger`` saves a second reading when the text was assessed before. Empty text: no suggestion.
    """
    said = plain(_ends(text))
    if not said:
        return []
    scores = _scores(said, danger or assess(text))
    allowed = {
        code: each for code, each in scores.items() if place(code)[0] in categories_in(month)
    }
    shares = softmax([weight / SPREAD for weight, _ in allowed.values()])
    ranked = sorted(zip(shares, allowed, strict=True), key=lambda row: (-row[0], row[1]))[:MOST]
    return [Suggestion(*place(code), round(share, 3), allowed[code][1]) for share, code in ranked]


def _ends(text: str) -> str:
    text = text[:LONGEST]
    return text if len(text) <= READ else text[: READ // 2] + text[-READ // 2 :]


def _scores(said: str, danger: CrisisAssessment) -> dict[str, tuple[float, tuple[str, ...]]]:
    scores = word_scores(said)
    model = load(MODEL_FILE)
    for code, logit in zip(model.classes, model.logits(said), strict=True):
        weight, words = scores[code]
        scores[code] = (weight + LEARNT_SHARE * logit - _doubt(code, words), words)
    scores[Category.CRISIS] = (crisis_weight(danger), danger.reasons[:2])
    return scores


def _doubt(code: str, words: tuple[str, ...]) -> float:
    # "你好" is no wrong number: kinds that end a call early must have been said.
    told_by_words = code in NEEDS_WORDS or place(code)[0] is Category.NON_BUSINESS
    return UNSAID if told_by_words and not words else 0.0


def crisis_weight(danger: CrisisAssessment) -> float:
    """What a danger assessment adds to the crisis category."""
    of_the_mind = set(danger.kinds) - NOT_OF_THE_MIND or not danger.kinds
    return CRISIS_WEIGHT[danger.level] if of_the_mind else 0.0
