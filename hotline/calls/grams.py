"""Search that finds two-character Chinese words: codes of one- and two-character pieces. Pure.

PostgreSQL's trigrams cannot help a pattern under three characters, and most Chinese words have
two. A text's pieces are kept as an integer array under a GIN index; a query's pieces must all be
in it, and the text itself is looked at again, because codes may collide and order matters.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable

MOST_WORDS = 8


def normalised(text: str) -> str:
    """One spelling: full-width to half-width, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def codes(text: str) -> list[int]:
    """Sorted codes (32-bit, signed) of every character and every pair within a word."""
    return sorted({_code(piece) for word in normalised(text).split() for piece in _pieces(word)})


def words(query: str) -> list[str]:
    """What a query asks for: every word must appear. At most eight count."""
    return normalised(query).split()[:MOST_WORDS]


def codes_of(query: Iterable[str]) -> list[int]:
    """The fewest codes that narrow a query: pairs, or the character of a one-character word."""
    return sorted({_code(piece) for word in query for piece in _pairs(word) or [word]})


def _pieces(word: str) -> list[str]:
    return [*word, *_pairs(word)]


def _pairs(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(len(word) - 1)]


def _code(piece: str) -> int:
    return zlib.crc32(piece.encode()) - 2**31
