"""Yes, no, and which of those offered, in all the forms people use. Pure."""

from __future__ import annotations

import re

# A question is no answer: 是不是, 对不对, 可不可以, 有没有.
_ASKING = re.compile(r"(.)不\1|有没有|可不可以|吗[？?]?$")
_YES_THOUGH_NOT = re.compile(r"没错|不错|没问题|没意见|不用改|不要紧")
_NO = re.compile(
    r"不|错了|没有|没约|取消|算了|别(?!的)|否|换(?:一?个|掉)|重选|重来|哪里是|搞错|弄错|反了"
)
_YES = re.compile(
    r"是|对|好|行|可以|嗯|哎|唉|要|确[认定]|就这|就它|中(?!大|医|午)|成|没关系|得|妥|ok|约吧|挂吧",
    re.IGNORECASE,
)
_CHOICES = (
    (re.compile(r"第?[一1]个|前面|前一个|头一个|第一"), 0),
    (re.compile(r"第?[二两2]个|后面|后一个|第二"), 1),
)
_INSTEAD = re.compile(r"(?:不是|不对|不要|错了|搞错了|不|没有)[，,。啊呀的了 ]*(?P<wanted>.+)")
_FILLER = re.compile(r"^(?:[，,。 ]|我?说的?是|我?要的?是|我要|应该是|是|改成|换成|改到|换到)+")
_END = re.compile(r"[。！？!?，,\s]+$")


def yes(said: str) -> bool | None:
    """True, False, or None when it is neither."""
    text = _ASKING.sub("", said)
    if _YES_THOUGH_NOT.search(text):
        return True
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None


def choice(said: str) -> int | None:
    """0 for the first of those just offered, 1 for the second."""
    text = _END.sub("", said)
    if text in ("一", "1", "幺"):
        return 0
    if text in ("二", "2", "两"):
        return 1
    return next((number for words, number in _CHOICES if words.search(text)), None)


def instead(said: str) -> str | None:
    """What somebody wants instead: 不是，是儿童医院 -> 儿童医院; None when nothing is corrected."""
    match = _INSTEAD.search(said)
    if match is None:
        return None
    return _END.sub("", _FILLER.sub("", match["wanted"])) or None
