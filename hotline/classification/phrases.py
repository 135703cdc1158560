"""Danger phrases as data: compiled once, asked often."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from hotline.classification.normalise import DATA

_GAP = "[^。！？；\\n]{0,8}"
_SET = re.compile("<([a-z_]+)>")
_NEVER = "(?!)"
_CLAUSE_END = re.compile("[。！？；!?;\n]")


@dataclass(frozen=True)
class Phrase:
    """One kind of danger. ``level`` is watch or high, ``reason`` is for the agent to read."""

    id: str
    level: str
    reason: str
    said: re.Pattern[str]
    unless: re.Pattern[str]

    def find(self, text: str) -> str | None:
        """The first words in folded ``text`` that count, or None."""
        for match in self.said.finditer(text):
            if not self._is_harmless(text, match):
                return match.group().strip("，。！？,!? ")
        return None

    def _is_harmless(self, text: str, match: re.Match[str]) -> bool:
        return self.unless.search(sentence_around(text, *match.span())) is not None


def sentence_around(text: str, start: int, end: int, reach: int = 30) -> str:
    """The sentence that holds ``text[start:end]``, at most ``reach`` characters to each side."""
    before = _CLAUSE_END.split(text[max(0, start - reach) : start])[-1]
    after = _CLAUSE_END.split(text[end : end + reach])[0]
    return before + text[start:end] + after


def _expand(pattern: str, sets: dict[str, str]) -> str:
    # Sets may name sets.
    while _SET.search(pattern):
        pattern = _SET.sub(lambda name: f"(?:{sets[name[1]]})", pattern)
    return pattern.replace("~", _GAP)


def _compile(patterns: list[str], sets: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(_expand(each, sets) for each in patterns) or _NEVER)


@cache
def _data() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((DATA / "crisis_rules.json").read_text(encoding="utf-8"))
    return kept


@cache
def weighty() -> re.Pattern[str]:
    """Words without which learnt weights alone raise no alarm."""
    return re.compile(_data()["weighty"])


@cache
def phrases() -> tuple[Phrase, ...]:
    """Every phrase of the data file, in its order."""
    return tuple(_read(_data()["sets"], rule) for rule in _data()["rules"])


def _read(sets: dict[str, str], rule: dict[str, Any]) -> Phrase:
    said, unless = (_compile(rule[part], sets) for part in ("patterns", "unless"))
    return Phrase(rule["id"], rule["level"], rule["reason"], said, unless)


def found(text: str) -> Iterator[tuple[Phrase, str]]:
    """(phrase, the words that matched) for each kind of danger in folded text."""
    for phrase in phrases():
        if (words := phrase.find(text)) is not None:
            yield phrase, words
