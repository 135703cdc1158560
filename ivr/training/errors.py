"""How wrong a recognised text is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NOT_SAID = re.compile(r"[^\u4e00-\u9fff]")


def plain(text: str) -> str:
    """Chinese characters only; 幺 is 一."""
    return _NOT_SAID.sub("", text).replace("幺", "一")


def edits(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest insertions, deletions and exchanges that turn one into the other."""
    row = list(range(len(other) + 1))
    for line, item in enumerate(one, 1):
        before, row[0] = row[0], line
        for column, wanted in enumerate(other, 1):
            before, row[column] = (
                row[column],
                min(before + (item != wanted), row[column] + 1, row[column - 1] + 1),
            )
    return row[-1]


@dataclass(frozen=True)
class Score:
    """Shares of 1: characters wrong, syllables (no tones) wrong, texts that sound all right."""

    clips: int
    characters: float
    syllables: float
    right: float


def score(pairs: Iterable[tuple[str, str]]) -> Score:
    """Of (what was said, what was recognised)."""
    rows = [(plain(said), plain(found)) for said, found in pairs]
    read = [(_read(said), _read(found)) for said, found in rows]
    return Score(
        len(rows),
        sum(edits(*row) for row in rows) / max(1, sum(len(said) for said, _ in rows)),
        sum(edits(*row) for row in read) / max(1, sum(len(said) for said, _ in read)),
        sum(said == found for said, found in read) / max(1, len(read)),
    )


def _read(text: str) -> list[str]:
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)
