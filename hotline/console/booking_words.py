"""What an agent reads aloud: the booking before it is confirmed, its number afterwards. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from hotline.booking.windows import When
from hotline.clock import local

WEEKDAYS = "一二三四五六日"
# On the telephone 1 is said 幺: 一 is too easily heard as 七.
SPOKEN = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))


def spoken_number(number: str) -> str:
    """``20261121-000123`` as ``二零二六 幺幺二幺，零零零 幺二三``."""
    day, _, rest = number.partition("-")
    parts = [f"{_digits(day[:4])} {_digits(day[4:])}", f"{_digits(rest[:3])} {_digits(rest[3:])}"]
    return "，".join(part.strip() for part in parts)


def _digits(text: str) -> str:
    return "".join(SPOKEN.get(character, character) for character in text)


def grouped_number(number: str) -> list[str]:
    """``20261121-000123`` as it is read: ``["2026", "1121", "000", "123"]``."""
    day, _, rest = number.partition("-")
    return [part for part in (day[:4], day[4:], rest[:3], rest[3:]) if part]


def day_and_time(when: When) -> str:
    """``11月24日星期二上午 8点30分到9点``."""
    said = f"{when.day.month}月{when.day.day}日星期{WEEKDAYS[when.day.weekday()]}{when.half.label}"
    if when.starts_at is None:
        return said
    until = f"到{_clock(when.ends_at.hour, when.ends_at.minute)}" if when.ends_at else ""
    return f"{said}{_clock(when.starts_at.hour, when.starts_at.minute)}{until}"


def clock(instant: datetime) -> str:
    """``9点30分``."""
    here = local(instant)
    return _clock(here.hour, here.minute)


def _clock(hour: int, minute: int) -> str:
    return f"{hour}点{minute:02d}分" if minute else f"{hour}点"


def fee_in_words(fee: Decimal | None) -> str:
    """``挂号费 25 元``; nothing when it is not known."""
    return "" if fee is None else f"挂号费 {fee.normalize():f} 元"


def read_back(
    name: str, tail: str, when: When, place: str, clinic_words: str, fee: str, pick_up: str
) -> str:
    """One sentence with everything the caller must agree to."""
    said = f"我复述一遍：为{name}（证件尾号 {tail}）预约{place}{clinic_words}，{day_and_time(when)}"
    return "，".join(part for part in (said, fee, f"请在当天{pick_up}前到医院取号，对吗？") if part)


def waiting_words(name: str, when: When, place: str) -> str:
    """What somebody on the waiting list is told."""
    return (
        f"已为{name}登记候补：{place}，{day_and_time(when)}。有人退号时会按先后发短信，"
        "请在短信写明的时间前来电确认，过时就让给下一位。"
    )
