"""How values are written for people: times, durations, numbers, codes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from hotline import clock
from hotline import phone as phones
from hotline.calls.rules import EventType, Queue
from hotline.classification.vocabulary import Category
from hotline.labels import Labelled

NOTHING = "—"
WEEKDAYS = "一二三四五六日"
DAY_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}")

# Red is kept for danger, amber for soon, green for done, blue for action [CONSOLE].
TONES = {
    "ringing": "action",
    "talking": "action",
    "held": "soon",
    "queued": "soon",
    "transferring": "action",
    "wrap_up": "soon",
    "ready": "done",
    "busy": "soon",
    "open": "soon",
    "claimed": "action",
    "reached": "done",
    "came_back": "done",
    "answered": "done",
    "booked": "done",
    "emergency": "danger",
    "crisis_desk": "danger",
    "high": "danger",
    "watch": "soon",
    "call_back": "soon",
    "confirmed": "action",
    "attended": "done",
    "no_show": "soon",
    "stopped": "soon",
    "closed": "rest",
}


def moment(instant: datetime | None, now: datetime | None = None) -> str:
    """``14:05`` today, ``昨天 14:05``, ``11-18 14:05``, with the year when it is another."""
    if instant is None:
        return NOTHING
    then, here = clock.local(instant), clock.local(now or clock.now())
    days = (here.date() - then.date()).days
    if days == 0:
        return f"{then:%H:%M}"
    if days == 1:
        return f"昨天 {then:%H:%M}"
    return f"{then:%m-%d %H:%M}" if then.year == here.year else f"{then:%Y-%m-%d %H:%M}"


def exact(instant: datetime | None) -> str:
    """``2026-11-18 14:05:09``, for records and titles."""
    return f"{clock.local(instant):%Y-%m-%d %H:%M:%S}" if instant else NOTHING


def iso(instant: datetime | None) -> str:
    """RFC 3339, for ``datetime`` attributes and clocks that run in the page."""
    return instant.isoformat(timespec="milliseconds") if instant else ""


def day(value: date | datetime | None) -> str:
    """``11月18日 周三``, with the year when it is another."""
    if value is None:
        return NOTHING
    when = clock.local(value).date() if isinstance(value, datetime) else value
    year = "" if when.year == clock.today().year else f"{when.year}年"
    return f"{year}{when.month}月{when.day}日 周{WEEKDAYS[when.weekday()]}"


def duration(span: float | timedelta | None) -> str:
    """``45秒``, ``3分20秒``, ``1小时02分``; a day and more as ``2天3小时``."""
    if span is None:
        return NOTHING
    seconds = int(max(0, span.total_seconds() if isinstance(span, timedelta) else span))
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24}天{hours % 24}小时"
    if hours:
        return f"{hours}小时{minute:02d}分"
    return f"{minute}分{second:02d}秒" if minute else f"{second}秒"


def clock_of(seconds: float) -> str:
    """``1:05``: how far into a call or a recording."""
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes}:{second:02d}"


def count(number: float | None) -> str:
    """``1,234``."""
    return NOTHING if number is None else f"{number:,}"


def total(number: int | None, is_capped: bool = False) -> str:
    """How many a list has: ``1,234 条`` or ``超过 10,000 条``."""
    if number is None:
        return ""
    return f"超过 {number:,} 条" if is_capped else f"共 {number:,} 条"


def percent(share: float | None, digits: int = 1) -> str:
    """``95.2%`` of a share between 0 and 1."""
    return NOTHING if share is None else f"{share * 100:.{digits}f}%"


def phone(number: str | None) -> str:
    """``138****1234``."""
    return phones.mask(number)


def redact(text: str | None) -> str:
    """Text with telephone and ID numbers hidden."""
    return phones.redact(text) if text else ""


def understood(value: str | None) -> str:
    """What the voice line has understood: days as people say them, numbers hidden."""
    return DAY_WRITTEN.sub(_in_words, redact(value))


def _in_words(found: re.Match[str]) -> str:
    when = clock.parse_day(found[0])
    return day(when) if when else found[0]


def label(code: Labelled | str | None) -> str:
    """The Chinese words of a code."""
    return getattr(code, "label", None) or (str(code) if code else NOTHING)


def category_label(code: str | None) -> str:
    """The words of a level-1 category."""
    return label(Category.known(code))


def event_label(code: str) -> str:
    """What a telephone event is called."""
    return label(EventType.known(code)) if EventType.known(code) else code


def queue(name: str | None) -> str:
    """What a queue is called; one of the PBX's own as the PBX calls it."""
    return label(Queue.known(name) or name)


def tone(code: Labelled | str | None) -> str:
    """What colour a code's badge may have; grey when it means nothing urgent."""
    own = getattr(code, "tone", None)
    return own if isinstance(own, str) else TONES.get(str(code), "rest")


def dash(value: Any) -> Any:
    """The value, or a dash for nothing."""
    return NOTHING if value is None or value == "" else value


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "exact": exact,
    "iso": iso,
    "day": day,
    "duration": duration,
    "clock_of": clock_of,
    "count_of": count,
    "total": total,
    "percent": percent,
    "phone": phone,
    "redact": redact,
    "understood": understood,
    "label": label,
    "category_label": category_label,
    "event_label": event_label,
    "queue": queue,
    "tone": tone,
    "dash": dash,
}
