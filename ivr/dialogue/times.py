"""Parts of a day and times as people say them: 上午, 下午三点半, 九点一刻. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from hotline.booking.rules import HalfDay
from ivr.dialogue.numbers import NUMERAL, integer

_HALVES = (
    (HalfDay.MORNING, re.compile(r"上午|早上|早晨|清早|清晨|一早|大早|早班|头午")),
    (HalfDay.EVENING, re.compile(r"晚上|傍晚|夜里|夜间|夜门诊|下班以?后|天黑")),
    (HalfDay.AFTERNOON, re.compile(r"下午|午后|中午|后半天|下半天")),
)
_CLOCK = re.compile(
    rf"(?P<hour>{NUMERAL})[点时](?!以前间)(?:(?P<half>半)|(?P<quarter>[一三])刻|"
    rf"(?P<minute>{NUMERAL})分?)?"
)


@dataclass(frozen=True)
class Moment:
    """A half-day, and a time where one was said."""

    half: HalfDay
    at: time | None = None


def find(said: str) -> Moment | None:
    """When in the day, or None when nothing was said about it."""
    half = next((half for half, words in _HALVES if words.search(said)), None)
    at = _clock(said, half)
    if at is not None:
        return Moment(half or _half_of(at), at)
    return Moment(half) if half else None


def _clock(said: str, half: HalfDay | None) -> time | None:
    match = _CLOCK.search(said)
    hour = integer(match["hour"]) if match else None
    if match is None or hour is None or hour > 23:
        return None
    return time(_on_the_day(hour, half), _minutes(match))


def _on_the_day(hour: int, half: HalfDay | None) -> int:
    """下午三点 is fifteen hours; three o'clock alone too, for clinics sleep at night."""
    if half is HalfDay.MORNING or hour >= 12:
        return hour
    if half is HalfDay.EVENING:
        return hour + 12 if hour >= 5 else hour
    return hour + 12 if half is HalfDay.AFTERNOON or hour <= 6 else hour


def _minutes(match: re.Match[str]) -> int:
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 if match["quarter"] == "一" else 45
    minute = integer(match["minute"]) if match["minute"] else 0
    return minute if minute is not None and minute < 60 else 0


def _half_of(at: time) -> HalfDay:
    if at.hour < 12:
        return HalfDay.MORNING
    return HalfDay.AFTERNOON if at.hour < 17 or at == time(17) else HalfDay.EVENING
