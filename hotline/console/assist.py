"""What the words typed so far suggest: a category, a department, danger."""

from __future__ import annotations

import re
from typing import Any

from hotline.classification.crisis import CrisisAssessment, assess
from hotline.classification.departments import suggest_department
from hotline.classification.suggest import Suggestion
from hotline.classification.vocabulary import group_of

FAINT = 0.02
QUOTED = re.compile("“(.+)”")
MOST_WORDS = 4


def assistance(text: str, suggestions: list[Suggestion], labels: dict[str, str]) -> dict[str, Any]:
    """For the page: ``labels`` are the city's own words for level-2 codes."""
    worth = [one for one in suggestions if one.words or one.confidence > FAINT] or suggestions[:1]
    return {
        "suggestions": [_suggestion(one, labels) for one in worth],
        "danger": danger(assess(text)),
        "departments": departments(text),
    }


def _suggestion(one: Suggestion, labels: dict[str, str]) -> dict[str, Any]:
    sub = one.subcategory
    return {
        "category": one.category.value,
        "subcategory": sub.value if sub else "",
        "group": group_of(sub).label if sub else "",
        "label": labels.get(sub.value, sub.label) if sub else one.category.label,
        "words": _heard(one.words),
        "percent": round(one.confidence * 100),
    }


def _heard(words: tuple[str, ...]) -> list[str]:
    """The caller's own words: a reason quotes them, anything else is them."""
    quoted = [found.group(1) if (found := QUOTED.search(each)) else each for each in words]
    return quoted[:MOST_WORDS]


def danger(found: CrisisAssessment) -> dict[str, Any]:
    """The level, and the sentences that say why."""
    return {"level": found.level.value, "reasons": list(found.reasons)}


def departments(text: str) -> list[dict[str, Any]]:
    """Departments the complaint points to, with the words that did."""
    return [
        {"name": name, "words": list(words[:MOST_WORDS])}
        for name, _, words in suggest_department(text)[:3]
    ]
