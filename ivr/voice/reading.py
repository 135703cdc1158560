"""How a text is read aloud: its syllables with their tones, and those as Kokoro's sounds.

Words are cut by jieba and read by pypinyin's dictionary, then by ``readings.toml``. Numbers of
three digits and more are called out (12320 is 幺二三二零), shorter ones are counted.
"""

from __future__ import annotations

import logging
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from ivr.dialogue.numbers import spoken
from ivr.voice.sentences import STOPS

FILE = Path(__file__).with_name("readings.toml")
_NUMBER = re.compile(r"\d+")
_CALLED_OUT = str.maketrans("0123456789", "零幺二三四五六七八九")
_NOT_SAID = re.compile(rf"[^\w{STOPS}]|_")
_PAUSES = {"，": ", ", "、": ", ", "；": "; ", "：": ": ", "。": ". ", "？": "? ", "！": "! "}
_NUMERALS = "零一二三四五六七八九十百两"
# Syllables that carry this mark (of syllabic consonants) are spelt without it.
_MARK = "\u032f"


def syllables(text: str, *, person: bool = False) -> list[list[str]]:
    """Word by word: 您好，再见 -> [[nin2, hao3], [，], [zai4, jian4]]."""
    plain = _NUMBER.sub(_said, _NOT_SAID.sub("", text))
    if not person:
        return [_word(word) for word in _cut(plain)]
    surname = next((it for it in sorted(_kept("surnames"), key=len, reverse=True)
                    if plain.startswith(it)), "")  # fmt: skip
    first = [_kept("surnames")[surname].split()] if surname else []
    return [*first, *(_word(word) for word in _cut(plain[len(surname) :]))]


def sounds(text: str, *, person: bool = False) -> str:
    """As Kokoro's voices were taught to read it, stops included."""
    from misaki.zh import ZHG2P

    found = ""
    for word in syllables(text, person=person):
        if word[0] in _PAUSES:
            found = found.rstrip() + _PAUSES[word[0]]
        else:
            found += "".join(ZHG2P.py2ipa(each) for each in word).replace(_MARK, "") + " "
    return found.strip()


def _said(number: re.Match[str]) -> str:
    digits = number[0]
    return digits.translate(_CALLED_OUT) if len(digits) > 2 else spoken(int(digits))


def _word(word: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin

    if word in _PAUSES:
        return [word]
    if word in _kept("words"):
        return _kept("words")[word].split()
    read = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    return [_before(word, place, read) for place in range(len(read))]


def _before(word: str, place: int, read: list[str]) -> str:
    """一 and 不 change their tone before the syllable that follows, 一 not in numbers."""
    character, said = word[place], read[place]
    follows = read[place + 1][-1] if place + 1 < len(read) else ""
    counts = place and word[place - 1] in _NUMERALS + "第"
    if character == "不" and follows == "4":
        return "bu2"
    if character == "一" and follows and not counts and said == "yi1":
        return "yi2" if follows == "4" else "yi4"
    return said


def _cut(text: str) -> list[str]:
    """Words; 一 and 不 stay with the word that follows, whose tone they heed."""
    words: list[str] = []
    for word in _jieba().lcut(text):
        if words and words[-1] in ("一", "不") and word not in _PAUSES:
            words[-1] += word
        else:
            words.append(word)
    return words


@cache
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    for word in _kept("words"):
        jieba.add_word(word)
    return jieba


@cache
def _kept(table: str) -> dict[str, str]:
    kept: dict[str, dict[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return kept[table]
