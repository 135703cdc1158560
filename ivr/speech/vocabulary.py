"""Phrases cut into the words a model knows, as its grammars want them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

UNKNOWN = "[unk]"  # the word that stands for any other speech
LONGEST_WORD = 8  # characters
Knows = Callable[[str], bool]
Spells = Callable[[str], str | None]
_NOT_SPOKEN = re.compile(r"[^\w]|_")


def spoken(phrase: str) -> str:
    """Letters, digits and Chinese characters only: what is between them is not said."""
    return _NOT_SPOKEN.sub("", phrase)


def words_of(phrase: str, knows: Knows) -> tuple[str, ...] | None:
    """The fewest known words that make up ``phrase``, longer ones first; None if there are none.

    A name nobody listed comes out in single characters where the model knows those.
    """
    text = spoken(phrase)
    rest: list[tuple[str, ...] | None] = [None] * len(text) + [()]  # best from each place on
    for start in range(len(text) - 1, -1, -1):
        ways = (
            (text[start:end], *tail)
            for end in range(min(len(text), start + LONGEST_WORD), start, -1)
            if (tail := rest[end]) is not None and knows(text[start:end])
        )
        rest[start] = min(ways, key=len, default=None)
    return rest[0] or None


@dataclass(frozen=True)
class Grammar:
    """What one turn listens for: ``text`` is the JSON the recogniser takes; ``unsayable`` are
    phrases that cannot be said with this model's words and so will not be heard; ``spelt`` are
    those it hears in other characters of the same sound.
    """

    text: str
    phrases: frozenset[str]
    unsayable: tuple[str, ...] = ()
    spelt: tuple[tuple[str, str], ...] = ()

    def read(self, heard: str) -> str:
        """What was heard, in the characters it is meant in."""
        for written, meant in self.spelt:
            heard = heard.replace(written, meant)
        return heard


def grammar(phrases: Iterable[str], knows: Knows, spelt: Spells = lambda _: None) -> Grammar:
    """A grammar of ``phrases``; other speech falls to [unk] where the model has that. ``spelt``
    writes a phrase with sound-alikes that the model has."""
    known = lru_cache(maxsize=None)(knows)  # one search of the word list a word
    cut = {phrase: words_of(phrase, known) for phrase in dict.fromkeys(phrases)}
    as_written = {spoken(phrase) for phrase, words in cut.items() if words}
    other = {phrase: spelt(spoken(phrase)) for phrase, words in cut.items() if words is None}
    cut |= {phrase: words_of(written, known) for phrase, written in other.items() if written}
    lines = list(dict.fromkeys(" ".join(words) for words in cut.values() if words))
    rejecting = [UNKNOWN] if known(UNKNOWN) else []
    return Grammar(
        json.dumps([*lines, *rejecting], ensure_ascii=False),
        frozenset(line.replace(" ", "") for line in lines),
        tuple(phrase for phrase, words in cut.items() if words is None),
        _read_again(other, as_written),
    )


def _read_again(
    other: Mapping[str, str | None], as_written: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """(as it is heard, as it is meant), the longest first; not where it may be meant as heard."""
    taken = "\n".join(as_written)
    pairs = [(written, spoken(phrase)) for phrase, written in other.items()
             if written and len(written) > 1 and written not in taken]  # fmt: skip
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))
