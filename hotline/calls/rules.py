"""The vocabulary of calls and the small decisions about them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hotline.labels import Labelled


class State(Labelled):
    """Where a call is now."""

    ARRIVING = "arriving", "接入中"
    IN_IVR = "in_ivr", "语音导航中"
    QUEUED = "queued", "排队中"
    RINGING = "ringing", "振铃中"
    TALKING = "talking", "通话中"
    HELD = "held", "保持中"
    TRANSFERRING = "transferring", "转接中"
    WRAP_UP = "wrap_up", "话后整理"
    CLOSED = "closed", "已结束"


class Queue(Labelled):
    """Queues that callers of the voice line wait in; a PBX may have others, by names of its own."""

    HOTLINE = "hotline", "人工热线"
    CRISIS = "crisis", "心理危机"


WAITING = (State.QUEUED, State.RINGING)
TOGETHER = (State.TALKING, State.HELD)
LIVE = tuple(state for state in State if state not in (State.WRAP_UP, State.CLOSED))


class EventType(Labelled):
    """What a PBX can say about a call, in the order of a call's life (used to break ties)."""

    STARTED = "started", "呼入"
    IVR_ENTERED = "ivr_entered", "进入语音导航"
    IVR_LEFT = "ivr_left", "离开语音导航"
    QUEUED = "queued", "进入队列"
    RINGING = "ringing", "振铃"
    ANSWERED = "answered", "接听"
    HELD = "held", "保持"
    RESUMED = "resumed", "恢复"
    CONSULTED = "consulted", "咨询"
    TRANSFERRED = "transferred", "转接"
    ENDED = "ended", "挂断"


RANK = {kind: rank for rank, kind in enumerate(EventType)}


class Direction(Labelled):
    """Who called whom."""

    INBOUND = "inbound", "呼入"
    OUTBOUND = "outbound", "呼出"
    INTERNAL = "internal", "内部"


class AbandonedIn(Labelled):
    """Where a caller gave up."""

    IVR = "ivr", "语音导航中放弃"
    QUEUE = "queue", "排队中放弃"
    RINGING = "ringing", "振铃中放弃"


class Source(Labelled):
    """How a call came to be known."""

    PBX = "pbx", "话务系统"
    IMPORT = "import", "文件导入"
    MANUAL = "manual", "人工补录"
    DESK = "desk", "网页话台"
    DEMO = "demo", "演示"


class Disposition(Labelled):
    """How a call was settled."""

    ANSWERED = "answered", "当场答复"
    TO_EXPERT = "to_expert", "转专家"
    TO_UNIT = "to_unit", "转科室"
    BOOKED = "booked", "预约成功"
    NOT_BOOKED = "not_booked", "预约未成"
    WORK_ORDER = "work_order", "转工单"
    CALL_BACK = "call_back", "需回访"
    EMERGENCY = "emergency", "转120/110"
    CRISIS_DESK = "crisis_desk", "转心理危机席"
    ELSEWHERE = "elsewhere", "指引其他热线"
    HUNG_UP = "hung_up", "中途挂断"
    NON_BUSINESS = "non_business", "非业务"


class CallbackState(Labelled):
    """A duty to call an abandoned caller back."""

    OPEN = "open", "待回拨"
    CLAIMED = "claimed", "已认领"
    REACHED = "reached", "已接通"
    GAVE_UP = "gave_up", "多次未接通"
    CAME_BACK = "came_back", "来电人已再次打通"


class AttemptResult(Labelled):
    """What came of one attempt to call back."""

    REACHED = "reached", "接通"
    NO_ANSWER = "no_answer", "无人接听"
    BUSY = "busy", "占线"
    POWERED_OFF = "powered_off", "关机或停机"
    WRONG_NUMBER = "wrong_number", "号码有误"


MOST_ATTEMPTS = 3

# A PBX clock may run ahead by this much before we stop believing it.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Outside these bounds a time is a mistake, not a delay: the event is refused.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FARTHEST_AHEAD = timedelta(days=1)


def is_plausible(at: datetime, received_at: datetime) -> bool:
    """Is ``at`` a time this hotline could have seen?"""
    return EARLIEST <= at <= received_at + FARTHEST_AHEAD


# What is told longer than this after it happened is shown as late.
LATE_AFTER = timedelta(hours=24)


def is_told_late(at: datetime, received_at: datetime | None) -> bool:
    """Did we hear of it more than a day after it happened?"""
    return received_at is not None and received_at - at > LATE_AFTER


def runs_ahead(at: datetime, received_at: datetime | None) -> bool:
    """Does the sender's clock run ahead of ours by more than the tolerance?"""
    return received_at is not None and at > received_at + CLOCK_TOLERANCE


_CHANNEL = re.compile(r"^(?:PJSIP|SIP|IAX2|DAHDI|SCCP|Agent|Local|user)/", re.IGNORECASE)
# Asterisk ends a channel's name with -xxxxxxxx (hexadecimal); Local adds @context and ;1
_CHANNEL_END = re.compile(r"(?:@.*|-[0-9a-f]{6,}(?:;\d)?)$", re.IGNORECASE)


def bare_agent(raw: str | None) -> str | None:
    """The extension or user name inside a channel: ``PJSIP/8001-0000001a`` -> ``8001``."""
    if not raw or not raw.strip():
        return None
    name, channels = _CHANNEL.subn("", raw.strip())
    return (_CHANNEL_END.sub("", name) if channels else name) or None


def is_stale(last_event_at: datetime, now: datetime, stale_minutes: int) -> bool:
    """Has a call without an end been silent for too long?"""
    return now - last_event_at >= timedelta(minutes=stale_minutes)


def state_with_wrap_up(state: State, answered: bool, wrapped_up: bool) -> State:
    """A closed call that somebody answered waits for its wrap-up."""
    if state is State.CLOSED and answered and not wrapped_up:
        return State.WRAP_UP
    return state
