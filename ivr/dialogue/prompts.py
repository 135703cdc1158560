"""The sentences of ``prompts.toml`` with their blanks filled: pieces that are recorded apart. Pure.

A piece is a text with a recording of its own: a fixed stretch of a sentence, a name, 十二月, 三号.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hotline.knowledge.articles import articles
from ivr.dialogue import words
from ivr.dialogue.events import Prompt
from ivr.dialogue.words import Pieces

FILE = Path(__file__).with_name("prompts.toml")
_BLANK = re.compile(r"\{(\w+)\}")
_LEVELS = {"": ("usual",), "again": ("again", "usual"), "keys": ("keys", "again", "usual")}


@cache
def sentences() -> dict[str, str]:
    """id (and id.again, id.keys) -> the sentence."""
    found: dict[str, str] = {}
    for id_, said in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        if isinstance(said, str):
            found[id_] = said
            continue
        for level, order in _LEVELS.items():
            key = f"{id_}.{level}".rstrip(".")
            found[key] = next(said[name] for name in order if name in said)
    return found


def pieces(prompt: Prompt) -> Pieces:
    """What is said, piece by piece."""
    found: list[str] = []
    for number, text in enumerate(_BLANK.split(sentences()[prompt.id])):
        if number % 2 == 0:
            found += [text] if text else []
        else:
            found += _FILLED[text](prompt.blanks)
    return tuple(found)


def text(prompt: Prompt) -> str:
    """The sentence as it is written."""
    return "".join(pieces(prompt))


def fixed_pieces() -> tuple[str, ...]:
    """Every piece that does not depend on a call, to be recorded ahead."""
    found = [piece for said in sentences().values() for piece in _BLANK.split(said)[::2] if piece]
    answers = [said for each in articles().values() for said in (each.question, *each.sentences)]
    return tuple(dict.fromkeys([*found, *_ALSO, *answers]))


# Stretches that stand in the code below, and the keys that are offered.
_ALSO = (
    "第一个，",
    "第二个，",
    "；",
    "要哪一个？都不合适请说还有吗。",
    "可以吗？",
    "要第一个按1，要第二个按2，其他按9。",
    "要这个按1，其他按9。",
    "是给",
    "看病吗？",
    "请问给谁看病？",
    "或者别人",
    "请在",
    "前到医院取号。",
    "更多按9",
    *(f"按{key}" for key in range(1, 5)),
    *(words.callers(count)[0] for count in range(1, 10)),
)


def _parts(blanks: Mapping[str, Any]) -> Pieces:
    found: list[str] = []
    for value in blanks["parts"]:
        found += ["，", *words.part(value)] if found else words.part(value)
    return tuple(found)


def _choices(blanks: Mapping[str, Any]) -> Pieces:
    return words.options(blanks["choices"], more=False)


def _offers(blanks: Mapping[str, Any]) -> Pieces:
    offers = blanks["offers"]
    if len(offers) == 1:
        return words.offered(offers[0])
    first, second = (words.offered(each) for each in offers)
    return ("第一个，", *first, "；", "第二个，", *second)


def _which_offer(blanks: Mapping[str, Any]) -> Pieces:
    return ("可以吗？",) if len(blanks["offers"]) == 1 else ("要哪一个？都不合适请说还有吗。",)


def _offer_keys(blanks: Mapping[str, Any]) -> Pieces:
    if len(blanks["offers"]) == 1:
        return ("要这个按1，其他按9。",)
    return ("要第一个按1，要第二个按2，其他按9。",)


def _whose(blanks: Mapping[str, Any]) -> Pieces:
    known = blanks["people"]
    if len(known) == 1:
        return ("是给", known[0].said, "看病吗？")
    names = [piece for who in known for piece in (who.said, "，")]
    return ("请问给谁看病？", *names, "或者别人", "？")


def _pick_up(blanks: Mapping[str, Any]) -> Pieces:
    by = blanks.get("pick_up_by")
    return ("请在", *words.moment(by), "前到医院取号。") if by else ()


def _chosen(blanks: Mapping[str, Any]) -> Pieces:
    return words.offered(blanks["chosen"], with_place=True)


_FILLED: dict[str, Callable[[Mapping[str, Any]], Pieces]] = {
    "title": lambda blanks: (articles()[blanks["article"]].question,),
    "article": lambda blanks: articles()[blanks["article"]].sentences,
    "parts": _parts,
    "choices": _choices,
    "options": lambda blanks: words.options(blanks["options"]),
    "offers": _offers,
    "which_offer": _which_offer,
    "offer_keys": _offer_keys,
    "whose": _whose,
    "people": lambda blanks: words.people(blanks["people"]),
    "person": lambda blanks: (blanks["person"].said,),
    "chosen": _chosen,
    "number": lambda blanks: words.booking_no(blanks["number"]),
    "pick_up": _pick_up,
    "ahead": lambda blanks: words.callers(blanks["ahead"]),
    "mine": lambda blanks: words.standing(blanks["mine"][0]),
}
