"""What callers want, in words composed from the data files. Pure but for reading them."""

from __future__ import annotations

import csv
import json
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hotline.calls.rules import Disposition
from hotline.calls.voice_rules import Achieved
from hotline.classification.vocabulary import Category, Subcategory, category_of
from hotline.knowledge.articles import articles

DATA = Path(__file__).parent / "data"
_SLOT = re.compile(r"\{(\w+)\}")
# Level-1 categories that have no level 2 are stories by themselves.
_LEVEL_1_ONLY = (Category.MANUAL, Category.CRISIS)
CONFIDENTIAL_SHARE = 0.006
FOLLOW_UP_SHARE = 0.02


@dataclass(frozen=True)
class Hospital:
    """A hospital of the published tables, and how much is booked there in a month."""

    name: str
    bookings: int


@dataclass(frozen=True)
class Story:
    """What an agent wrote when the call was over."""

    category: Category
    subcategory: str | None
    disposition: Disposition
    summary: str
    result: str
    follow_up: str | None
    confidential: bool


@cache
def hospitals() -> list[Hospital]:
    """The hospitals of 2020-04, busiest first."""
    lines = (DATA / "hospitals.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [Hospital(row["医院"], int(row["预约量"])) for row in rows]


@cache
def texts() -> dict[str, Any]:
    """Templates and words."""
    found: dict[str, Any] = json.loads((DATA / "stories.json").read_text(encoding="utf-8"))
    return found


@cache
def _kinds() -> tuple[list[str], list[int]]:
    kinds = texts()["subcategories"]
    return list(kinds), [kind["weight"] for kind in kinds.values()]


@cache
def _hospital_weights() -> list[float]:
    # The square root: the largest hospital must not be every second call.
    return [float(hospital.bookings**0.5) for hospital in hospitals()]


def pick_kind(rng: random.Random) -> str:
    """What a call is about: a key of ``stories.json``."""
    kinds, weights = _kinds()
    return rng.choices(kinds, weights)[0]


def words(rng: random.Random) -> dict[str, str]:
    """One value for every slot, so that a story names one hospital throughout."""
    found = {slot: rng.choice(options) for slot, options in texts()["words"].items()}
    hospital = rng.choices(hospitals(), _hospital_weights())[0]
    return found | {"hospital": hospital.name}


def fill(template: str, slots: dict[str, str]) -> str:
    """A template with its slots filled."""
    return _SLOT.sub(lambda match: slots[match.group(1)], template)


def compose(rng: random.Random, kind: str, slots: dict[str, str]) -> Story:
    """What the agent writes about a call of this kind."""
    said = texts()["subcategories"][kind]
    disposition = Disposition(rng.choices(*_weighted(said["settled"]))[0])
    category, subcategory = place(kind)
    return Story(
        category=category,
        subcategory=subcategory,
        disposition=disposition,
        summary=fill(rng.choice(said["summaries"]), slots),
        result=fill(rng.choice(said["results"]), slots),
        follow_up=_follow_up(rng, disposition),
        confidential=rng.random() < (0.5 if kind == Category.CRISIS else CONFIDENTIAL_SHARE),
    )


def place(kind: str) -> tuple[Category, str | None]:
    """Level 1 and level 2 of a kind."""
    if kind in _LEVEL_1_ONLY:
        return Category(kind), None
    return category_of(Subcategory(kind)), kind


def _weighted(table: dict[str, int]) -> tuple[list[str], list[int]]:
    return list(table), list(table.values())


def _follow_up(rng: random.Random, disposition: Disposition) -> str | None:
    owed = disposition is Disposition.CALL_BACK or rng.random() < FOLLOW_UP_SHARE
    wanted = owed and disposition is not Disposition.NON_BUSINESS
    return rng.choice(texts()["follow_ups"]) if wanted else None


def question(rng: random.Random) -> dict[str, str]:
    """Something people ask, and what the voice line says to it."""
    article = rng.choice(list(articles().values()))
    answer = article.question + article.answer
    return {"question": rng.choice(article.ways), "title": article.title, "answer": answer}


_SERVED = {
    Achieved.BOOKED: (Category.BOOKING, Subcategory.BOOK, Disposition.BOOKED),
    Achieved.CANCELLED: (Category.BOOKING, Subcategory.CANCEL, Disposition.ANSWERED),
    Achieved.ANSWERED: (Category.SELF_SERVICE, None, Disposition.ANSWERED),
}


def self_served(slots: dict[str, str], got: Achieved) -> Story:
    """A call that the voice line settled by itself."""
    said = texts()["self_served"][got]
    category, subcategory, disposition = _SERVED[got]
    return Story(category, subcategory, disposition, fill(said["summary"], slots), said["result"],
                 None, confidential=False)  # fmt: skip


def outbound(rng: random.Random, slots: dict[str, str]) -> Story:
    """A call that an agent made."""
    said = texts()["outbound"]
    return Story(
        Category.CONSULTATION,
        Subcategory.CONSULTATION_OTHER,
        Disposition.ANSWERED,
        fill(rng.choice(said["summaries"]), slots),
        said["result"],
        None,
        confidential=False,
    )
