"""Telephone numbers as Chinese switchboards write them, and how people may see them."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

HOME = "CN"
_WITHHELD = {
    "",
    "anonymous",
    "unknown",
    "unavailable",
    "restricted",
    "private",
    "null",
    "none",
    "-",
}
_SHORT = re.compile(r"\d{2,6}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_IN_TEXT = re.compile(
    r"(?<![\dA-Za-z])(?:"
    r"[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx]"  # an 18-digit ID number
    r"|(?:\+?86[- ]?)?0?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"  # a mobile
    r"|0\d{2,3}[- ]?\d{7,8}"  # a landline with its area code
    r")(?!\d)"
)


def normalise(raw: str | None, area_code: str = "025") -> str | None:
    """One spelling for one number: ``+8613800001111``, or a short code such as ``12345``.

    Takes what PBXs send: +86, 0086, 86, a trunk 0 before a mobile, local landlines of
    7 or 8 digits (completed with ``area_code``), spaces, dashes, full-width digits.
    None when the number is withheld or is no number.
    """
    text = unicodedata.normalize("NFKC", raw or "").strip()
    if text.lower() in _WITHHELD:
        return None
    if _MOBILE.fullmatch(text):
        return f"+86{text}"  # what most people say, read without the whole world's plans
    plus = "+" if text.startswith("+") else ""
    digits = re.sub(r"\D", "", text)
    if not plus and _SHORT.fullmatch(digits):
        return digits
    return _valid(plus + _with_home(digits, area_code) if not plus else plus + digits)


def _with_home(digits: str, area_code: str) -> str:
    digits = re.sub(r"^(?:00)?86(?=0?1[3-9]\d{9}$)", "", digits)
    digits = re.sub(r"^0(?=1[3-9]\d{9}$)", "", digits)
    if re.fullmatch(r"[2-8]\d{6,7}", digits):
        return area_code + digits
    return re.sub(r"^00(?=[1-9]\d{6,})", "+", digits)


def _valid(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(number: str) -> str:
    """How a person here would dial it: ``13800001111``, ``025-83280000``, ``+1…`` abroad."""
    if not number.startswith("+86"):
        return number
    digits = number[3:]
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return digits
    area = 2 if digits[0] in "12" else 3
    return f"0{digits[:area]}-{digits[area:]}"


def mask(number: str | None) -> str:
    """What may be shown to anyone signed in: ``138****1234``."""
    if not number:
        return "未知号码"
    plain = national(number)
    if len(plain) <= 6:
        return plain
    return f"{plain[:3]}****{plain[-4:]}" if len(plain) >= 10 else f"{plain[:1]}****{plain[-2:]}"


def redact(text: str) -> str:
    """The text with telephone and ID numbers hidden, for logs, lists and exports."""
    return _IN_TEXT.sub(lambda found: _hide(found.group()), text)


def _hide(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"
