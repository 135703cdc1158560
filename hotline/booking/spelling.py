"""How places and doctors are spelt in letters, with every reading that people take for right.

单 is dan and shan, 仇 is chou and qiu: whoever types either finds it. Words that have one reading
as a word (重庆) have that one only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice, product
from typing import Any

from sqlmodel import Session, col, or_, select

from hotline.booking.models import Department, Doctor, Hospital, Resource
from hotline.booking.rules import ResourceKind

MOST_READINGS = 6
# Surnames and place names that are read in two ways. A dictionary knows more of them, among them
# readings nobody types (眼 as wen), which would only find what is not meant.
_TWO_WAYS = frozenset("单仇解曾区朴盖查翟尉乐覃缪召种员繁长重行传藏朝盛茜莘六厦")
BATCH = 500


def readings(name: str) -> list[list[str]]:
    """The name in syllables, the most likely reading first: ``[["dan", "xiong"], …]``."""
    # 55 MB of dictionaries: only for who writes names, never for who looks them up.
    from pypinyin import Style, pinyin

    letters = re.sub(r"[\W_]", "", name)
    said = pinyin(letters, style=Style.NORMAL, heteronym=True, errors=list)  # type: ignore[arg-type]
    syllables = [
        syllable if character in _TWO_WAYS else syllable[:1]
        for character, syllable in zip(letters, said, strict=True)
    ]
    return [list(one) for one in islice(product(*syllables), MOST_READINGS)]


def spelt(names: Iterable[str], longest: int) -> tuple[str, str]:
    """(first letters, pinyin), a word a reading: ``("dx cx sx", "danxiong chanxiong …")``.

    What would not fit into ``longest`` letters is left out, the least likely first.
    """
    found = [reading for name in names for reading in readings(name)]
    initials = _words("".join(syllable[0] for syllable in one) for one in found)
    return _fitting(initials, longest).lower(), _fitting(_words(map("".join, found)), 400).lower()


def _words(said: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(said))


def _fitting(words: list[str], longest: int) -> str:
    kept = ""
    for word in words:
        longer = f"{kept} {word}".strip()
        if len(longer) > longest:
            break
        kept = longer
    return kept or "".join(words[:1])[:longest]


def write(session: Session, most: int = BATCH) -> int:
    """Spell what has been added without; how many names. Call until it gives 0."""
    items = (col(Resource.kind) != ResourceKind.CLINIC, col(Resource.name).is_not(None))
    places = sum(_write(session, table, most) for table in (Hospital, Department, Doctor))
    return places + _write(session, Resource, most, *items)


def _write(session: Session, table: Any, most: int, *which: Any) -> int:
    longest = table.__table__.c.initials.type.length
    missing = or_(col(table.pinyin) == "", col(table.pinyin).is_(None))
    rows = session.exec(
        select(table).where(missing, *which).order_by(table.id).limit(most).with_for_update()
    ).all()
    for row in rows:
        names = dict.fromkeys((getattr(row, "short_name", None) or row.name, row.name))
        initials, row.pinyin = spelt(names, longest)
        # What somebody else has set as letters to find it by stays.
        row.initials = _fitting(_words([*row.initials.split(), *initials.split()]), longest)
        row.pinyin = row.pinyin or "-"
    session.flush()
    return len(rows)
