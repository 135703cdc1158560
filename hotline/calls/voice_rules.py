"""The vocabulary of the voice line's record and the small decisions about it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hotline.labels import Labelled

# What is asked. The voice line has the same words of its own; a test holds them together.
STEPS = {
    "menu": "主菜单",
    "hospital": "医院",
    "department": "科室",
    "doctor": "医生或号别",
    "date": "日期",
    "half_day": "时段",
    "offer": "选号",
    "patient": "就诊人",
    "last_four": "证件后四位",
    "id_number": "身份证号",
    "name": "姓名",
    "mobile": "手机号",
    "confirm": "最后确认",
    "mine": "我的预约",
    "cancel": "退号确认",
    "question": "语音问答",
    "anything_else": "还有什么",
}
# Their answers are the caller's own: never written down, never exported, never listened to again
# but for a new patient's name, once, to write it right.
PERSONAL = frozenset({"patient", "last_four", "id_number", "name", "mobile"})
UNSURE_BELOW = 0.6
_TAKES_BACK = re.compile(r"不是|不对|错了|弄错|搞错|听错|没说|不要这个")


class Outcome(Labelled):
    """What came of one question."""

    SPEECH = "speech", "说话"
    KEYS = "keys", "按键"
    NO_MATCH = "no_match", "没听清"
    NO_INPUT = "no_input", "没有回答"
    PERSON = "person", "要人工"
    HUNG_UP = "hung_up", "挂断"


class Doubt(Labelled):
    """Why somebody should listen to an utterance again."""

    MISSED = "missed", "没听懂"
    UNSURE = "unsure", "把握不大"
    CORRECTED = "corrected", "来电人更正"


class Verdict(Labelled):
    """What a supervisor says of it."""

    SAID = "said", "已写出"
    UNCLEAR = "unclear", "听不清"
    IRRELEVANT = "irrelevant", "无关"


class Achieved(Labelled):
    """What the caller got from the voice line itself, the greatest of several."""

    BOOKED = "booked", "预约成功"
    CANCELLED = "cancelled", "退号成功"
    ANSWERED = "answered", "问题已答"
    NOTHING = "nothing", "未办成"


class Left(Labelled):
    """How a call left the voice line."""

    PERSON = "person", "转人工"
    CRISIS = "crisis", "转心理危机席"
    DONE = "done", "办完挂断"
    HUNG_UP = "hung_up", "来电人挂断"
    UNDER_WAY = "under_way", "还在语音线路"
    CUT_OFF = "cut_off", "系统中断"


class AgeBand(Labelled):
    """How old the patient is, where known."""

    CHILD = "child", "18 岁以下"
    YOUNG = "young", "18 至 44 岁"
    MIDDLE = "middle", "45 至 59 岁"
    SIXTIES = "sixties", "60 至 69 岁"
    OLD = "old", "70 岁以上"


# Why a call went to a person. What is not here is shown as its code.
REASONS = {
    "asked": "来电人要人工",
    "silence": "没有回答",
    "miss": "多次没听懂",
    "crisis": "心理危机",
    "emergency": "急症",
    "complaint": "投诉",
    "question": "问题答不出",
    "mine": "认不出就诊人",
    "change": "要改约",
    "nothing_fits": "没有合适的号",
    "id_number": "身份证号不对",
    "last_four": "后四位不对",
    "lost": "号已不在",
    "broke": "系统故障",
    "mobile_limit": "手机号已满",
    "patient_banned": "停约中",
    "name_invalid": "姓名不符",
    "guardian_invalid": "监护人不符",
}


@dataclass(frozen=True)
class Times:
    """When things happened in a turn: milliseconds since the voice line took the call.

    ``asked`` is when the prompt was out, or was stopped; ``spoke`` and ``ended`` are the first
    and last sound or key of the caller; ``ready`` when it was understood, ``replied`` when we
    spoke again.
    """

    began: int | None = None
    asked: int | None = None
    spoke: int | None = None
    ended: int | None = None
    ready: int | None = None
    replied: int | None = None


@dataclass(frozen=True)
class Detail:
    """How a turn went. ``alternatives`` are other readings with their shares, 0 to 1;
    ``corrects`` is the place of the earlier turn whose answer the caller took back."""

    alternatives: tuple[tuple[str, float], ...] = ()
    confidence: float | None = None
    missed: bool = False
    interrupted: bool = False
    slow: bool = False
    corrects: int | None = None
    model: str | None = None
    times: Times = Times()


@dataclass(frozen=True)
class Whole:
    """A call as it left the voice line. ``seconds`` it was there."""

    achieved: Achieved
    went: Left
    seconds: int
    turns: int
    missed: int
    reason: str = ""
    last_step: str | None = None
    age_band: AgeBand | None = None
    model: str | None = None
    slow: bool = False


def age_band(years: int) -> AgeBand:
    """The band of an age."""
    bounds = ((18, AgeBand.CHILD), (45, AgeBand.YOUNG), (60, AgeBand.MIDDLE), (70, AgeBand.SIXTIES))
    return next((band for below, band in bounds if years < below), AgeBand.OLD)


def takes_back(said: str) -> bool:
    """Does the caller say that we got it wrong?"""
    return bool(_TAKES_BACK.search(said))


def doubt(expects: str | None, outcome: str | None, detail: Detail) -> Doubt | None:
    """Why an utterance should be listened to, if it should; what is personal never."""
    if expects in PERSONAL or outcome not in (Outcome.SPEECH, Outcome.NO_MATCH):
        return None
    if detail.missed or outcome == Outcome.NO_MATCH:
        return Doubt.MISSED
    sure = detail.confidence
    return Doubt.UNSURE if sure is not None and sure < UNSURE_BELOW else None


def step_label(code: str | None) -> str:
    """What a question is called."""
    return STEPS.get(code or "", code or "")


def reason_label(code: str | None) -> str:
    """Why a call went to a person."""
    return REASONS.get(code or "", code or "")
