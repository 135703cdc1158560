"""The words of booking by telephone, and numbers and dates as one says them. Pure.

Numbers with their unit are one word (十四号, 五月, 九点): a grammar's bigram can then not put the
digits together anew, which took dates from 14 right of 24 to 20 on the prototype.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "booking.json"
_DIGITS = "零一二三四五六七八九"
_WEEKDAYS = "一二三四五六"
Phrase = tuple[str, ...]  # words


@cache
def lists() -> dict[str, list[Phrase]]:
    """Every list of the data file, its phrases cut into words."""
    kept = json.loads(DATA.read_text(encoding="utf-8"))
    return {
        name: [tuple(phrase.split()) for phrase in phrases]
        for name, phrases in kept.items()
        if name != "about"
    }


def numeral(number: int) -> str:
    """1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    if not 1 <= number <= 99:
        raise ValueError(f"not 1 to 99: {number}")
    head = {0: "", 1: "十"}.get(tens, _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones else "")


def weekdays() -> list[str]:
    """周一 to 礼拜天, 18 words."""
    plain = [week + day for week in ("周", "星期", "礼拜") for day in _WEEKDAYS]
    return [*plain, "周日", "星期日", "星期天", "礼拜天"]


@cache
def days() -> tuple[Phrase, ...]:
    """Days without part of day: relative, of the week, of the month."""
    weeks: list[Phrase] = [(), *lists()["weeks"]]
    of_week = [(*week, day) for week in weeks for day in weekdays()]
    of_month = [(f"{numeral(day)}{unit}",) for day in range(1, 32) for unit in "号日"]
    of_year = [
        (f"{numeral(month)}月", f"{numeral(day)}{unit}")
        for month in range(1, 13)
        for day in range(1, 32)
        for unit in "号日"
    ]
    return (*lists()["relative_days"], *of_week, *of_month, *of_year)


def dates() -> list[Phrase]:
    """What may answer „which day?“: every day, alone and with 上午 or 下午, and loose ones."""
    halves: list[Phrase] = [(), ("上午",), ("下午",)]
    exact = [day + half for day in days() for half in halves]
    return [*exact, *lists()["loose_dates"], *lists()["parts_of_day"]]


def phrases(kind: str) -> list[str]:
    """What a turn that asks for ``kind`` (department, hospital, command, date) listens for."""
    found: dict[str, Iterable[Phrase]] = {
        "department": lists()["departments"],
        "hospital": [*lists()["hospitals"], *lists()["nicknames"]],
        "command": lists()["commands"],
    }
    return ["".join(phrase) for phrase in (dates() if kind == "date" else found[kind])]
