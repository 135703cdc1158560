"""Answers to what is asked most, and which of them a question is about. Pure.

An answer is general advice that can be read aloud in half a minute. Where what was asked is not
clearly one of them there is no answer: a person has one.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from hotline.knowledge.matching import Ear, Index, Subject, by_letters, by_sounds, clearest

FILE = Path(__file__).with_name("articles.toml")
READ = 200  # characters of a question
# Prices, addresses, hours, one's own case: they change or are nobody else's, whatever it is about.
_FOR_A_PERSON = re.compile(
    r"多少钱|几块钱|几[百千]块|贵不贵|价格|收费标准|怎么收费|报销多少|报多少|能报几成|"
    r"(?:哪|那)(?:家|个|块|里)[^去到]{0,6}(?:最好|好一点|好些|看得好|比较好)|(?:院|科|医生|主任).{0,4}好不好|"
    r"电话(?:号码)?(?:是)?多少|几点(?:钟)?(?:上班|下班|开门|关门)|怎么坐(?:车|地铁|公交)|"
    r"吃(?:几颗|几片|几粒|什么药)|用什么药|剂量|哪家社区|还有没有(?:名额|货)|没货|牌子|偏方|秘方|"
    r"哪个厂|费怎么交|坐诊|停诊|几楼|涉嫌|哪家医院.{0,6}[好强行]|"
    r"投诉.{0,12}(?:护士|医生|大夫)|态度|感谢|表扬|冒充|骗子|诈骗|帮我查|"
    # many at once are an outbreak, and must be told to somebody
    r"多人|好多人|(?:几|二|三|四|五)十(?:多|几)?个|十(?:几|多)个|食堂"
)


@dataclass(frozen=True)
class Article:
    """``ways`` are how people ask it, ``about`` what must have been spoken of: one word of every
    group, and ``without`` what must not. ``answer`` is read aloud as it stands; ``source`` is
    what it rests on, ``unit`` who answers for it and ``reviewed`` when they last read it."""

    id: str
    title: str
    subcategory: str
    ways: tuple[str, ...]
    about: tuple[tuple[str, ...], ...]
    without: tuple[str, ...]
    answer: str
    source: str
    unit: str
    reviewed: date

    @property
    def question(self) -> str:
        """Its title as it is said before the answer, so that who was misheard knows."""
        return self.title.rstrip("？") + "？"

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer sentence by sentence, as it is recorded."""
        return tuple(re.findall(r"[^。？！]+[。？！]", self.answer))


@cache
def articles() -> dict[str, Article]:
    """Every article by its id, in the order of the file."""
    kept = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {id_: _read(id_, row) for id_, row in kept.items()}


def _read(id_: str, row: dict[str, Any]) -> Article:
    about = tuple(tuple(group.split()) for group in row.pop("about"))
    without = tuple(row.pop("not", "").split())
    return Article(id=id_, about=about, without=without, ways=tuple(row.pop("ways")), **row)


def find(question: str, *, by_sound: bool = False) -> Article | None:
    """The article that answers the question, or None when none or more than one would.

    ``by_sound`` also takes words for others that sound alike: for what a recogniser heard.
    """
    said = question[:READ]
    if _FOR_A_PERSON.search(said):
        return None
    id_ = clearest(said, _index(by_letters))
    if id_ is None and by_sound:
        id_ = clearest(said, _index(by_sounds))
    return articles()[id_] if id_ else None


@cache
def _index(ear: Ear) -> Index:
    subjects = [Subject(each.id, (each.title, *each.ways), each.about, each.without)
                for each in articles().values()]  # fmt: skip
    return Index(ear, subjects)
