"""Numbers as people say them: 二十三, 幺三八, 三个八. Pure."""

from __future__ import annotations

import re

DIGITS = {
    "零": 0, "〇": 0, "洞": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5,
    "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_UNITS = {"十": 10, "百": 100}
NUMERAL = r"(?:\d+|[零〇一二两三四五六七八九十百]+)"
_REPEATED = re.compile(r"([两二三四五六])个([零〇幺一二三四五六七八九\d])")
_X = re.compile(r"叉|艾克斯|爱克斯|x", re.IGNORECASE)


def integer(said: str) -> int | None:
    """二十三 -> 23, 十 -> 10, 一百零二 -> 102, 12 -> 12; None when it is no number."""
    if said.isdecimal():
        return int(said)
    total, digit = 0, None
    for character in said:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[character]
            digit = None
        else:
            return None
    return total + (digit or 0) if said else None


def digits(said: str) -> str:
    """What is dictated digit by digit: 幺三八零零 -> 13800; a last 叉 is the X of an ID number.

    三个八 is 888. Whatever is not a digit is passed over.
    """
    spelt = _REPEATED.sub(_repeat, _X.sub("X", said))
    return "".join(_digit(character) for character in spelt)


def _repeat(match: re.Match[str]) -> str:
    return match[2] * DIGITS[match[1]]


def _digit(character: str) -> str:
    if character == "X" or (character.isascii() and character.isdecimal()):
        return character
    return str(DIGITS[character]) if character in DIGITS else ""


def spoken(number: int) -> str:
    """0 to 99 as they are said: 23 -> 二十三, 10 -> 十, 2 -> 二."""
    tens, ones = divmod(number, 10)
    names = "零一二三四五六七八九"
    if tens == 0:
        return names[ones]
    return (names[tens] if tens > 1 else "") + "十" + (names[ones] if ones else "")
