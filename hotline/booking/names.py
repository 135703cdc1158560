"""People's names as they are written: rare characters, dots, foreign ones. Pure."""

from __future__ import annotations

import re
import unicodedata

from hotline.errors import Refused

LONGEST = 50
DOT = "·"
# Keyboards and other systems write the dot of 阿依古丽·买买提 in many ways.
_DOTS = re.compile(r"\s*[\u00b7\u2022\u30fb\u2027\u2219\uff0e\u3002]\s*")
_BETWEEN = set("· '-.,’()（）")


def clean(raw: str) -> str:
    """One spelling of a name. Raises Refused ``name_invalid``.

    Characters stay what they are: normalising would turn rare ones into others.
    """
    name = _DOTS.sub(DOT, re.sub(r"\s+", " ", raw)).strip()
    if not 2 <= len(name) <= LONGEST:
        raise _bad(f"请填写就诊人姓名（2 到 {LONGEST} 个字）。")
    if not all(_fits(character) for character in name) or name[0] in _BETWEEN:
        raise _bad("姓名只能含汉字、字母和间隔点，请核对。")
    return name


def _fits(character: str) -> bool:
    # 〇 is a number to Unicode and a name to people; private-use characters are what older
    # systems send for characters that had no code yet.
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Co" or character in _BETWEEN or character == "〇"


def mask(name: str) -> str:
    """What may be shown: the first character."""
    return name[:1] + "*" * min(len(name) - 1, 3)


def _bad(sentence: str) -> Refused:
    return Refused("name_invalid", sentence, fields={"patient.name": sentence})
