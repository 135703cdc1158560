"""What stands in one cell of an outside sheet. Pure."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from hotline.statistics.bulletin.rules import Cell, Field, Holds

# Words offices write where there is no number. They are kept and printed, and never count as 0.
NO_NUMBER = ("未反馈", "未报", "未上报", "/", "-", "—", "——", "无")
LONGEST_NAME = 60
LONGEST_WORDS = 120
LARGEST = 10**13
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?")


class Wrong(ValueError):
    """What is wrong with a cell: a sentence that says what to write."""


def plain(text: str) -> str:
    """A cell without the widths and spaces of typing, and without what nobody sees and no Word
    file may hold; a name's full-width brackets stay."""
    return " ".join("".join(map(_seen, text)).split())


def _seen(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in ("Cf", "Cs") or letter in "\ufffe\uffff":
        return ""
    return " " if kind == "Cc" else letter


def head(text: str) -> str:
    """A column's head as it is compared: width, spaces and line breaks do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def read(field: Field, text: str) -> Cell:
    """A cell of a column. Raises Wrong."""
    text = plain(text)
    if field.holds in (Holds.NAME, Holds.WORDS):
        return _words(field, text)
    if field.holds is Holds.PAIR:
        return _pair(text)
    if text in NO_NUMBER:
        return text
    if not text:
        raise Wrong("是空的：没有就写 0，没有报来就写“未反馈”。")
    return _number(field, unicodedata.normalize("NFKC", text))


def _words(field: Field, text: str) -> str:
    longest = LONGEST_NAME if field.holds is Holds.NAME else LONGEST_WORDS
    if not text and not field.may_be_missing:
        raise Wrong("不能为空。")
    if len(text) > longest:
        raise Wrong(f"不能超过 {longest} 个字。")
    return text


def _pair(text: str) -> str:
    parts = unicodedata.normalize("NFKC", text).split("/")
    if text == "/" or all(part.strip().isdigit() or part.strip() in NO_NUMBER for part in parts):
        return text
    raise Wrong(f"“{text}”看不懂，应为 52/129 这样的一对数，没有报来写 未反馈/129。")


def _number(field: Field, text: str) -> int:
    is_money = field.holds is Holds.MONEY
    if text.startswith("-"):
        raise Wrong(f"“{text}”是负数。")
    if not _GROUPED.fullmatch(text):
        kind = "金额" if is_money else "整数"
        raise Wrong(f"“{text}”不是{kind}；没有报来写“未反馈”。")
    try:
        value = Decimal(text.replace(",", "")) * (100 if is_money else 1)
    except InvalidOperation:
        raise Wrong(f"“{text}”不是数字。") from None
    if value != value.to_integral_value():
        raise Wrong(f"“{text}”{'多于两位小数' if is_money else '不是整数'}。")
    if value > LARGEST:
        raise Wrong(f"“{text}”太大。")
    return int(value)


def shown(field: Field, cell: Cell) -> str:
    """A cell as the bulletin prints it: money with two decimals, numbers as they are."""
    if isinstance(cell, int) and field.holds is Holds.MONEY:
        return money(cell)
    return str(cell)


def money(fen: int) -> str:
    """``185976917.60`` from fen; the sign is kept."""
    return f"{Decimal(fen) / 100:.2f}"
