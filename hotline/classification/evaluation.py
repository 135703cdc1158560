"""Measuring the crisis detector on a labelled set: reading, splitting, counting.

A labelled set is JSON Lines of ``{"text": str, "labels": [str, ...]}`` (PsySUICIDE's form). It is
sensitive: nothing here prints a text.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

UNRELATED = "与自杀/自伤/攻击行为无关"
SUICIDE = (
    "自杀未遂", "自杀准备行为", "自杀计划", "主动自杀意图", "被动自杀意图", "关于自杀的探索",
)  # fmt: skip
SPLIT_SEED = 12320
HELD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class Message:
    """One labelled text; the first label is the one it is counted under."""

    text: str
    label: str


def read(path: Path) -> list[Message]:
    """The messages of a labelled file."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Message(row["text"], row["labels"][0]) for row in rows]


def split(messages: list[Message], seed: int = SPLIT_SEED) -> tuple[list[Message], list[Message]]:
    """(development, held out), the same share of each label in both; the same for the same seed."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for index, message in enumerate(messages):
        by_label[message.label].append(index)
    held: set[int] = set()
    shuffle = random.Random(seed).shuffle  # noqa: S311 - a repeatable split, not a secret
    for label in sorted(by_label):
        shuffle(by_label[label])
        held.update(by_label[label][: round(len(by_label[label]) * HELD_OUT_SHARE)])
    kept = [message for index, message in enumerate(messages) if index not in held]
    return kept, [messages[index] for index in sorted(held)]


@dataclass(frozen=True)
class Row:
    """How many texts of a label there are, how many alarmed, how many of those as high."""

    label: str
    texts: int
    alarmed: int
    high: int


def table(messages: Iterable[Message], level_of: Callable[[str], str]) -> list[Row]:
    """A row per label, then one over all suicide labels. ``level_of`` answers none, watch, high."""
    levels: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        level = level_of(message.text)
        levels[message.label].append(level)
        if message.label in SUICIDE:
            levels["（自杀各类合计）"].append(level)
    return [
        Row(label, len(seen), sum(each != "none" for each in seen), seen.count("high"))
        for label, seen in sorted(levels.items(), key=lambda item: -len(item[1]))
    ]


def markdown(rows: list[Row]) -> str:
    """The table as Markdown."""
    lines = ["| label | texts | alarmed | share | high |", "|---|---|---|---|---|"]
    return "\n".join(lines + [_line(row) for row in rows])


def _line(row: Row) -> str:
    share = row.alarmed / row.texts
    return f"| {row.label} | {row.texts} | {row.alarmed} | {share:.3f} | {row.high} |"
