"""Adding up what the identities of a month say. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hotline.statistics.bulletin import cells, names
from hotline.statistics.bulletin.figures import Flat, Key, Month, field_of, flat
from hotline.statistics.bulletin.identities import IDENTITIES, Declared
from hotline.statistics.bulletin.rules import TOTAL, Holds, Kind, Weight, fields_of


@dataclass(frozen=True)
class Check:
    """One identity of one month. ``said`` and ``summed`` are numbers, money in fen; None where
    a figure is not known, and then nothing is claimed."""

    code: str
    name: str
    weight: Weight
    said_key: Key
    said: int | None
    parts: tuple[tuple[Key, int], ...]
    summed: int | None
    is_money: bool = False
    hint: str = ""

    @property
    def is_known(self) -> bool:
        """Whether both sides are known."""
        return self.said is not None and self.summed is not None

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.is_known or self.said == self.summed

    @property
    def difference(self) -> int:
        """What is said beyond the sum, in fen for money."""
        return (self.said or 0) - (self.summed or 0) if self.is_known else 0

    def written(self, value: int | None) -> str:
        """A side of it as people read it."""
        if value is None:
            return "未知"
        return cells.money(value) if self.is_money else str(value)

    @property
    def as_json(self) -> dict[str, Any]:
        """As the snapshot and the published JSON have it."""
        scale = 100 if self.is_money else 1
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.weight.value,
            "holds": self.holds,
            "known": self.is_known,
            "difference": self.difference / scale if self.is_money else self.difference,
            "said": self.written(self.said),
            "summed": self.written(self.summed),
            "money": self.is_money,
        }


def check(month: Month) -> list[Check]:
    """Every identity of a month, those that fail too."""
    figures = flat(month)
    found = []
    for declared in IDENTITIES:
        if declared.only in ("", month.layout):
            found += [_check(one, figures, month.month) for one in _each(declared, figures, month)]
    return [one for one in found if one is not None] + [_completeness(month)]


def _completeness(month: Month) -> Check:
    """All sheets of the bulletin are there."""
    lacking, wanted = month.missing, len(Kind)
    hint = f"缺：{'、'.join(kind.label for kind in lacking)}。" if lacking else ""
    return Check(
        "sheets", "月报的表齐全", Weight.SOFT, ("sheets",), wanted, (), wanted - len(lacking),
        hint=hint,
    )  # fmt: skip


def failing(checks: list[Check], weight: Weight | None = None) -> list[Check]:
    """Those that do not hold."""
    return [one for one in checks if not one.holds and weight in (None, one.weight)]


def _each(declared: Declared, figures: Flat, month: Month) -> Iterator[tuple[Declared, str]]:
    table = declared.said.split("/")[0]
    if "{column}" in declared.said:
        for one in fields_of(Kind(table), month.month):
            if one.holds in (Holds.COUNT, Holds.MONEY):
                yield _with(declared, column=one.key), declared.name.format(column=one.label)
    elif "{row}" in declared.said:
        for name in dict.fromkeys(key[1] for key in figures if key[0] == table):
            label = names.column(name) if table == "file" else name
            yield _with(declared, row=name), declared.name.format(row=label)
    else:
        yield declared, declared.name


def _with(declared: Declared, **given: str) -> Declared:
    def fill(text: str) -> str:
        for name, value in given.items():
            text = text.replace(f"{{{name}}}", value.replace("/", "\x00"))
        return text

    parts = tuple(fill(part) for part in declared.parts)
    return replace(declared, said=fill(declared.said), parts=parts)


def _check(given: tuple[Declared, str], figures: Flat, month: str) -> Check | None:
    declared, name = given
    said_key = _key(declared.said)
    said = figures.get(said_key)
    if said is None:
        return None
    parts = [list(_matching(part, figures, said_key)) for part in declared.parts]
    lacking = any(
        not some and "?" not in part for some, part in zip(parts, declared.parts, strict=True)
    )
    known = [one for some in parts for one in some]
    is_known = isinstance(said, int) and not lacking
    summed = sum(number for _, number in known) if is_known else None
    one = field_of(said_key, month)
    is_money = one is not None and one.holds is Holds.MONEY
    hint = _hint(said, summed, said_key, figures, month)
    return Check(declared.code, name, declared.weight, said_key,
                 said if isinstance(said, int) else None, tuple(known), summed, is_money,
                 hint)  # fmt: skip


def _key(text: str) -> Key:
    return tuple(piece.replace("\x00", "/") for piece in text.split("/"))


def _matching(part: str, figures: Flat, said: Key) -> Iterator[tuple[Key, int]]:
    """The figures a part names, but never the one that is to be their sum."""
    sign, wanted = (-1 if part.startswith("-") else 1), _key(part.lstrip("-?"))
    for key, value in figures.items():
        if (
            key != said
            and len(key) == len(wanted)
            and isinstance(value, int)
            and _fits(key, wanted)
        ):
            yield key, sign * value


def _fits(key: Key, wanted: Key) -> bool:
    return all(piece in ("*", own) for own, piece in zip(key, wanted, strict=True))


def _hint(said: Any, summed: int | None, said_key: Key, figures: Flat, month: str) -> str:
    """Another column's total that would fit: heads are swapped sometimes."""
    if summed is None or said == summed or said_key[-2:-1] != (TOTAL,):
        return ""
    for key, value in figures.items():
        if value == summed and key[:2] == said_key[:2] and key != said_key:
            return f"它与“{names.of(key, month)}”相同，两列的表头可能对调了。"
    return ""
