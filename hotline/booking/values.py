"""What may stand in the 值 column of a rule, and what it means. Pure.

A reader raises ValueError with the end of a sentence: ``应为 …。``
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from hotline.labels import Labelled


class Unreported(Labelled):
    """What a booking counts as when the hospital never said whether the patient came."""

    IGNORE = "ignore", "不处理"
    NO_SHOW = "no_show", "视为爽约"
    ATTENDED = "attended", "视为就诊"


@dataclass(frozen=True)
class CancelUntil:
    """Until when one may cancel: the start of the segment (``days_before`` None), or a time of
    day so many days before."""

    days_before: int | None = None
    at: time = time(0)

    def __str__(self) -> str:
        if self.days_before is None:
            return "开诊前"
        day = "当天" if self.days_before == 0 else f"前 {self.days_before} 天"
        return f"就诊{day} {self.at:%H:%M} 前"


UNTIL_IT_BEGINS = CancelUntil()
_YES = {"是", "允许", "可", "可以", "yes", "true", "1"}
_NO = {"否", "不允许", "不可", "不可以", "no", "false", "0"}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_BEFORE = re.compile(r"前?(\d{1,2})天\s*(\d{1,2}:\d{2})")


def _narrow(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip()


def yes_or_no(value: str) -> bool:
    """是 or 否."""
    said = _narrow(value).lower()
    if said not in _YES | _NO:
        raise ValueError("应为 是 或 否。")
    return said in _YES


def a_clock(value: str) -> time:
    """A time of day."""
    found = _CLOCK.fullmatch(_narrow(value))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError("应为时间，例如 16:30。")
    return time(int(found[1]), int(found[2]))


def a_count(least: int, most: int) -> Callable[[str], int]:
    """A whole number between the two."""

    def read(value: str) -> int:
        said = re.sub(r"\s*[天人次秒分钟]+$", "", _narrow(value))
        if not re.fullmatch(r"[0-9]{1,5}", said) or not least <= int(said) <= most:
            raise ValueError(f"应为 {least} 到 {most} 的整数。")
        return int(said)

    return read


def a_percentage(value: str) -> int:
    """0 to 100, with or without a sign."""
    said = _narrow(value).removesuffix("%")
    if not re.fullmatch(r"[0-9]{1,3}", said) or int(said) > 100:
        raise ValueError("应为 0% 到 100%。")
    return int(said)


def cancel_until(value: str) -> CancelUntil:
    """开诊前, or 前1天 12:00 (前0天 is the day itself)."""
    said = _narrow(value)
    if said == "开诊前":
        return CancelUntil()
    found = _BEFORE.fullmatch(said)
    if found is None:
        raise ValueError("应为 开诊前 或 前1天 12:00。")
    return CancelUntil(int(found[1]), a_clock(found[2]))


def unreported(value: str) -> Unreported:
    """A code or its label."""
    said = _narrow(value)
    found = next((each for each in Unreported if said in (each.value, each.label)), None)
    if found is None:
        raise ValueError("应为 不处理、视为爽约 或 视为就诊。")
    return found
