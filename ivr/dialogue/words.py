"""Days, times, numbers, slots as they are said aloud, in pieces that are recorded apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from hotline.booking.rules import ClinicKind, HalfDay
from hotline.clock import local
from ivr.dialogue.dates import Days
from ivr.dialogue.facts import Offered, Person, Standing
from ivr.dialogue.numbers import spoken
from ivr.dialogue.places import Place

Pieces = tuple[str, ...]
_WEEKDAYS = "一二三四五六日"
_DIGITS = "零幺二三四五六七八九"


def day(of: date) -> Pieces:
    """十二月三号星期四, in three pieces."""
    weekday = "星期" + _WEEKDAYS[of.weekday()]
    return (spoken(of.month) + "月", spoken(of.day) + "号", weekday)


def days(of: Days) -> Pieces:
    """One day, or from one to another."""
    return day(of.first) if of.first == of.last else (*day(of.first), "到", *day(of.last))


def clock(at: time) -> Pieces:
    """八点三十分; 八点 when it is sharp."""
    hour = ("两" if at.hour == 2 else spoken(at.hour)) + "点"
    if at.minute == 0:
        return (hour,)
    return (hour, ("零" if at.minute < 10 else "") + spoken(at.minute) + "分")


def digits(number: str) -> Pieces:
    """Each digit by itself, 1 as 幺; a pause where the number has a dash."""
    return tuple("，" if each == "-" else _DIGITS[int(each)] for each in number)


def booking_no(number: str) -> Pieces:
    """The date and the count, with pauses: 二零二六，幺幺二幺，零零零，幺二三."""
    found: list[str] = []
    for part in number.split("-"):
        for begin in range(0, len(part), 4 if len(part) == 8 else 3):
            found += [*digits(part[begin : begin + (4 if len(part) == 8 else 3)]), "，"]
    return tuple(found[:-1])


def callers(count: int) -> Pieces:
    """两位: how many wait before this one."""
    return (("两" if count == 2 else spoken(count)) + "位",)


def kind(of: ClinicKind | None) -> Pieces:
    """专家号."""
    return (of.label + "号",) if of else ()


def offered(slot: Offered, *, with_place: bool = False) -> Pieces:
    """A slot: its place where that is in question, its day, time, doctor, fee."""
    place = (slot.hospital, slot.department) if with_place else ()
    when = (slot.half.label, *(clock(slot.starts_at) if slot.starts_at else ()))
    who = (slot.doctor + "医生",) if slot.doctor else ()
    return (*place, *day(slot.day), *when, "，", *who, *kind(slot.kind), *fee(slot.fee))


def fee(yuan: str | None) -> Pieces:
    """挂号费二十五元; nothing when it is not known or no whole number under a thousand."""
    if yuan is None:
        return ()
    whole = yuan.removesuffix(".00")
    if not whole.isdecimal() or int(whole) > 999:
        return ()
    return ("，", "挂号费", _hundreds(int(whole)) + "元")


def _hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return spoken(number)
    if not rest:
        return spoken(hundreds) + "百"
    return f"{spoken(hundreds)}百{'零' if rest < 10 else '一' if rest < 20 else ''}{spoken(rest)}"


def standing(booking: Standing) -> Pieces:
    """A booking as its owner hears it."""
    return offered(booking.offered, with_place=True)


def moment(at: datetime) -> Pieces:
    """A day and a time of Shanghai's."""
    here = local(at)
    return (*day(here.date()), *clock(here.time()))


def part(value: object) -> Pieces:
    """Anything a booking is made of."""
    if isinstance(value, Place):
        return (value.name,)
    if isinstance(value, Days):
        return days(value)
    if isinstance(value, time):
        return clock(value)
    if isinstance(value, ClinicKind):
        return kind(value)
    return (value.label,) if isinstance(value, HalfDay) else (str(value),)


def options(places: Sequence[Place], *, more: bool = True) -> Pieces:
    """鼓楼医院按一，儿童医院按二，更多按九."""
    found = [
        piece
        for number, place in enumerate(places, 1)
        for piece in (place.name, f"按{number}", "，")
    ]
    return (*found, "更多按9") if more else tuple(found[:-1])


def people(known: Sequence[Person]) -> Pieces:
    """王女士按一，李先生按二."""
    found = [
        piece for number, who in enumerate(known, 1) for piece in (who.said, f"按{number}", "，")
    ]
    return tuple(found[:-1])
