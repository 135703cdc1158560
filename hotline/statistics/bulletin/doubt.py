"""A question about a sheet of outside figures. Pure."""

from __future__ import annotations

from dataclasses import dataclass

AS_PRINTED = "keep"


@dataclass(frozen=True)
class Doubt:
    """What is doubtful, where, and the ``choices`` as (code, words)."""

    key: str
    row: int
    column: str
    question: str
    choices: tuple[tuple[str, str], ...]


_ABOUT = {
    "total": "合计与各行之和不符",
    "total_within": "表中间的合计",
    "days": "天数超出当月",
    "duplicate": "名称重复",
    "money_without_count": "次数是 0 却有金额",
    "source": "与本系统的数不同",
}
_CHOSEN = {
    AS_PRINTED: "照原样",
    "sum": "印各行之和",
    "swap": "对调两列",
    "first": "只算前一行",
    "last": "只算后一行",
    "unknown": "次数记“未反馈”",
    "file": "用文件的数",
    "own": "用本系统的数",
}


def answered(key: str, answer: str) -> str:
    """What was doubtful and what was chosen, as people read it: ``第 12 行名称重复，照原样``."""
    _, *where, about = key.split(".")
    row = f"第 {where[0]} 行" if where and where[0].isdigit() else ""
    return f"{row}{_ABOUT.get(about, about)}：{_CHOSEN.get(answer, answer)}"
