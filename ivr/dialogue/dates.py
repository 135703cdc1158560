"""Days as people say them: 明天, 大后天, 下周三, 十二月三号, 三天以后, 周末. Pure.

``today`` is Shanghai's. A weekday without 这周 or 下周 is the next one after today: nobody books
for a day that is over, and the same day is not booked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ivr.dialogue.numbers import NUMERAL, integer

_AHEAD = {"今": 0, "当": 0, "明": 1, "后": 2, "大后": 3, "大大后": 4}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEKDAYS |= {str(number + 1): number for number in range(6)} | {"7": 6}
_EITHER = re.compile(r"或|要么|要不|都行|都可以|哪天")
EARLIEST = re.compile(r"最早|最近|越[快早]越好|尽快|哪天都|随便哪天|什么时候都")


@dataclass(frozen=True)
class Days:
    """From one day to another, both included; usually they are the same."""

    first: date
    last: date


class NoSuchDay(ValueError):
    """A day that is not in the calendar, as 二月三十号."""


def find(said: str, today: date) -> Days | None:
    """The day or days somebody speaks of; of several the last, unless either would do.

    Raises NoSuchDay.
    """
    found = sorted(_mentions(said, today), key=lambda mention: mention[0])
    if not found:
        return None
    if len(found) > 1 and _EITHER.search(said):
        return Days(min(each.first for _, each in found), max(each.last for _, each in found))
    return found[-1][1]


def _mentions(said: str, today: date) -> Iterator[tuple[int, Days]]:
    taken: list[tuple[int, int]] = []
    for pattern, read in _FORMS:
        for match in pattern.finditer(said):
            span = match.span()
            if any(span[0] < end and start < span[1] for start, end in taken):
                continue
            days = read(match, today)
            if days is not None:
                taken.append(span)
                yield match.start(), days


def _one(day: date) -> Days:
    return Days(day, day)


def _relative(match: re.Match[str], today: date) -> Days:
    return _one(today + timedelta(days=_AHEAD[match["which"]]))


def _later(match: re.Match[str], today: date) -> Days | None:
    count = integer(match["count"])
    if count is None:
        return None
    return _one(today + timedelta(days=count * (1 if match["unit"] in "天日" else 7)))


def _weekday(match: re.Match[str], today: date) -> Days:
    wanted = _WEEKDAYS[match["day"]]
    monday = today - timedelta(days=today.weekday())
    which = match["which"] or ""
    if which:
        weeks = which.count("下")
        return _one(monday + timedelta(days=wanted, weeks=weeks))
    ahead = (wanted - today.weekday() - 1) % 7 + 1
    return _one(today + timedelta(days=ahead))


def _weekend(match: re.Match[str], today: date) -> Days:
    monday = today - timedelta(days=today.weekday())
    saturday = monday + timedelta(days=5, weeks=(match["which"] or "").count("下"))
    return Days(max(saturday, today), saturday + timedelta(days=1))


def _week(match: re.Match[str], today: date) -> Days:
    monday = today - timedelta(days=today.weekday())
    monday += timedelta(weeks=match["which"].count("下"))
    return Days(max(monday, today), monday + timedelta(days=6))


def _month_and_day(match: re.Match[str], today: date) -> Days | None:
    month, day = integer(match["month"]), integer(match["day"])
    if month is None or day is None:
        return None
    year = today.year + ((month, day) < (today.month, today.day))
    return _one(_day(year, month, day))


def _day_of_month(match: re.Match[str], today: date) -> Days | None:
    day = integer(match["day"])
    if day is None or (day > 31 and not match["next"]):
        return None
    ahead = 1 if match["next"] or day < today.day else 0
    year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
    return _one(_day(year, month + 1, day))


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoSuchDay(f"{month}月{day}日") from None


_WEEK = r"(?:周|星期|礼拜)"
_THIS_OR_NEXT = r"(?P<which>(?:这|本|下{1,2})个?)"
# From the longest to the shortest: what one has read, the next does not read again.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]], ...] = (
    (re.compile(rf"(?P<month>{NUMERAL})月(?:份)?(?P<day>{NUMERAL})[号日]?"), _month_and_day),
    (re.compile(rf"{_THIS_OR_NEXT}?{_WEEK}末"), _weekend),
    (re.compile(rf"{_THIS_OR_NEXT}?{_WEEK}(?P<day>[一二三四五六日天1-7])"), _weekday),
    (re.compile(rf"(?P<count>{NUMERAL})个?(?P<unit>天|日|周|星期|礼拜)(?:以后|之后|后)"), _later),
    (re.compile(r"(?P<which>大{0,2}后|明|今|当)[天日儿]"), _relative),
    (re.compile(rf"{_THIS_OR_NEXT}{_WEEK}"), _week),
    (re.compile(rf"(?P<next>下个?月)?(?P<day>{NUMERAL})[号日](?!楼|线|诊|窗)"), _day_of_month),
)
