"""What has to be recorded, the most important first: what ships, and what a site adds to it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path

from sqlalchemy import text as sql
from sqlmodel import Session

from hotline.booking.rules import ClinicKind, HalfDay
from hotline.classification.departments import department_names
from hotline.demo import clinics
from hotline.knowledge.articles import articles
from ivr.catalogue import NICKNAMES
from ivr.dialogue import words
from ivr.dialogue.prompts import fixed_pieces
from ivr.voice.clips import ANSWERS, MAIN, SLOW, SLOWLY
from ivr.voice.sentences import sentences

FEES = range(101)  # yuan
KEYS = range(10)
_LEAP_YEAR = date(2024, 1, 1)
_SOON = ("今天", "明天", "后天", "大后天", "到", "挂号费", "医生", "或女士")
_TITLES = ("先生", "女士", "小朋友")
# The hundred that nine in ten people have, and the commonest of two characters.
SURNAMES = (
    *"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程",
    *"魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾",
    *"龚邵万覃武钱戴严欧莫孔向汤葛殷季", "欧阳", "诸葛", "司马", "上官",
)  # fmt: skip
_PLACES = sql(
    "SELECT name FROM hospital WHERE is_active UNION "
    "SELECT name FROM department WHERE is_active ORDER BY name"
)
_DOCTORS = sql("SELECT DISTINCT name FROM doctor ORDER BY name")
_FEES = sql("SELECT DISTINCT fee FROM slot WHERE day >= :today AND fee IS NOT NULL ORDER BY fee")


@dataclass(frozen=True)
class Piece:
    """A recording: what is said, the stop it is read with, slowly or not, as a name or not."""

    group: str
    text: str
    stop: str = "，"
    person: bool = False
    slow: bool = False

    @property
    def key(self) -> str:
        """Its name in an archive."""
        return (SLOW if self.slow else "") + self.text


def archives() -> dict[Path, tuple[Piece, ...]]:
    """What the project carries, by archive: everything but the names of other cities."""
    usual = [piece for group, texts in _SHIPPED.items() for piece in _pieces(group, texts())]
    return {
        MAIN: once(usual),
        SLOWLY: once(replace(piece, slow=True) for piece in usual if piece.group in _SLOW),
        ANSWERS: once(_pieces("自助问答", _answers())),
    }


def shipped() -> tuple[Piece, ...]:
    """All of it; what is said most comes first."""
    return tuple(piece for pieces in archives().values() for piece in pieces)


def of_site(session: Session, today: date) -> tuple[Piece, ...]:
    """Hospitals, departments, doctors and fees of this site, whether a slot is free or not."""
    fees = [str(fee) for (fee,) in session.execute(_FEES, {"today": today})]
    places = _pieces("医院和科室", (name for (name,) in session.execute(_PLACES)))
    people = (Piece("医生", name, person=True) for (name,) in session.execute(_DOCTORS))
    return once([*places, *people, *_pieces("金额", _fees(fees))])


def _pieces(group: str, texts: Iterable[str]) -> Iterator[Piece]:
    for said in texts:
        for text, stops in sentences(said):
            if text:
                yield Piece(group, text, stops[:1] or "，", person=group == "称呼")


def once(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Each recording once, where it first stands."""
    kept: dict[str, Piece] = {}
    for piece in pieces:
        kept.setdefault(piece.key, piece)
    return tuple(kept.values())


def _dates() -> Iterator[str]:
    for ahead in range(366):
        yield from words.day(_LEAP_YEAR + timedelta(days=ahead))
    yield from _SOON


def _times() -> Iterator[str]:
    for hour in range(24):
        yield from words.clock(time(hour))
    for minute in range(60):
        yield from words.clock(time(8, minute))


def _labels() -> Iterator[str]:
    yield from (half.label for half in HalfDay)
    for kind in ClinicKind:
        yield from words.kind(kind)


def _fees(yuan: Iterable[str]) -> Iterator[str]:
    for fee in yuan:
        yield from words.fee(fee)


def _hospitals() -> Iterator[str]:
    yield from clinics.hospitals()
    with NICKNAMES.open(encoding="utf-8", newline="") as file:
        yield from (row["医院"] for row in csv.DictReader(file))


def _departments() -> Iterator[str]:
    yield from (name for each in clinics.hospitals() for name in clinics.departments(each))
    yield from department_names()


def _people() -> Iterator[str]:
    yield from (surname + title for title in _TITLES for surname in SURNAMES)


def _answers() -> dict[str, None]:
    return dict.fromkeys(
        said for each in articles().values() for said in (each.question, *each.sentences)
    )


_SHIPPED: dict[str, Callable[[], Iterable[str]]] = {
    "数字": lambda: words.digits("0123456789"),
    "日期": _dates,
    "时间": _times,
    "时段和号别": _labels,
    "按键": lambda: (f"按{key}" for key in KEYS),
    "固定语句": lambda: (said for said in fixed_pieces() if said not in _answers()),
    "医院": _hospitals,
    "科室": _departments,
    "金额": lambda: _fees(map(str, FEES)),
    "称呼": _people,
}
# Slow speech matters where something is read back; sentences are said with longer pauses.
_SLOW = frozenset({"数字", "日期", "时间", "时段和号别", "按键", "医院", "科室"})
