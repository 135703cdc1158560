"""Answers to what is asked most, found by the words of the question. Pure.

An answer is general advice that can be read aloud in half a minute. Where what was asked is not
clearly one of them there is no answer: a person has one.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("articles.toml")
LEAST, MARGIN = 2.0, 1.0
READ = 200  # characters of a question


@dataclass(frozen=True)
class Article:
    """``asks`` are patterns with weights; ``answer`` is read aloud as it stands."""

    id: str
    title: str
    answer: str
    subcategory: str
    asks: tuple[tuple[re.Pattern[str], float], ...]

    def fits(self, question: str) -> float:
        """How much of the question is about this: the weights of the patterns that match."""
        return sum(weight for pattern, weight in self.asks if pattern.search(question))


@cache
def articles() -> dict[str, Article]:
    """Every article by its id, in the order of the file."""
    kept = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {id_: _read(id_, row) for id_, row in kept.items()}


def _read(id_: str, row: dict[str, object]) -> Article:
    asks = row["asks"]
    assert isinstance(asks, dict)  # noqa: S101 - our own file, checked by its tests
    return Article(
        id_, str(row["title"]), str(row["answer"]), str(row["subcategory"]),
        tuple((re.compile(pattern), float(weight)) for pattern, weight in asks.items()),
    )  # fmt: skip


def find(question: str) -> Article | None:
    """The article that answers the question, or None when none or more than one would."""
    said = question[:READ]
    ranked = sorted(articles().values(), key=lambda article: -article.fits(said))
    best = ranked[0].fits(said)
    if best < LEAST or best - ranked[1].fits(said) < MARGIN:
        return None
    return ranked[0]
