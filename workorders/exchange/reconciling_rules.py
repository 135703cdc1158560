"""What both sides can disagree on at the end of a day, and what is done about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from hotline.labels import Labelled
from workorders.exchange.rules import OutgoingState
from workorders.platforms.mapping import StatusMapping, agree
from workorders.rules import State

NIGHTLY_AT = time(2, 40)  # Shanghai: what happened before midnight has been exchanged by then
DAYS_BACK = 7  # a day that could not be compared is tried again for so long
ON_ITS_WAY = timedelta(minutes=10)  # an event this young is traffic, no difference


class RunState(Labelled):
    """Where a comparison is."""

    READING = "reading", "正在读取平台清单"
    FETCHING = "fetching", "正在补取"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


UNFINISHED = (RunState.READING, RunState.FETCHING, RunState.FAILED)


class Kind(Labelled):
    """How the two sides differ."""

    MISSING_HERE = "missing_here", "我方没有"
    MISSING_THERE = "missing_there", "平台清单没有"
    OLDER_HERE = "older_here", "我方版本较旧"
    OLDER_THERE = "older_there", "平台版本较旧"
    STATUS_DIFFERS = "status_differs", "状态不一致"
    NOT_DELIVERED = "not_delivered", "我方办理未送达"
    UNKNOWN_CODE = "unknown_code", "状态码没有对照"
    UNREADABLE = "unreadable", "清单行无法读取"


class Outcome(Labelled):
    """What was done about a difference by the time the report was made."""

    TO_CHECK = "to_check", "待核对"
    TO_FETCH = "to_fetch", "等待补取"
    FETCHED = "fetched", "已补取"
    NOT_FETCHED = "not_fetched", "补取未成"
    SENDING = "sending", "自动重发中"
    STUCK = "stuck", "在待处理中"


@dataclass(frozen=True)
class Theirs:
    """A line of the platform's digest."""

    no: str
    status: str
    version: int


@dataclass(frozen=True)
class Ours:
    """Our side of it. ``waiting``: the gravest state of its undelivered events, the oldest
    written at ``waiting_since``; ``told_at``: when the platform last told us of it."""

    order_id: int
    no: str
    state: State
    status: str | None
    version: int | None
    told_at: datetime | None
    waiting: OutgoingState | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True)
class Found:
    """One difference, and what is to be done about it."""

    kind: Kind
    outcome: Outcome


def compare(
    theirs: Theirs | None, ours: Ours | None, mapping: StatusMapping, began: datetime
) -> Found | None:
    """The gravest difference of one number; None when both sides agree. ``began``: when the
    platform was asked; what changed since is no difference."""
    if ours is None:
        return Found(Kind.MISSING_HERE, Outcome.TO_FETCH)
    if theirs is None:
        return Found(Kind.MISSING_THERE, Outcome.TO_CHECK)
    if ours.version is None or ours.version < theirs.version:
        return Found(Kind.OLDER_HERE, Outcome.TO_FETCH)
    if ours.version > theirs.version:
        is_news = ours.told_at is None or ours.told_at >= began
        return None if is_news else Found(Kind.OLDER_THERE, Outcome.TO_CHECK)
    return _of_same_version(theirs, ours, mapping, began)


def _of_same_version(
    theirs: Theirs, ours: Ours, mapping: StatusMapping, began: datetime
) -> Found | None:
    meaning = mapping.meaning(theirs.status)
    if theirs.status != (ours.status or ""):
        return Found(Kind.STATUS_DIFFERS, Outcome.TO_CHECK)
    if meaning is None:
        return Found(Kind.UNKNOWN_CODE, Outcome.STUCK)
    if ours.waiting is not None:
        return _of_waiting(ours, began)
    if not agree(ours.state, meaning):
        return Found(Kind.STATUS_DIFFERS, Outcome.TO_CHECK)
    return None


def _of_waiting(ours: Ours, began: datetime) -> Found | None:
    if ours.waiting is not OutgoingState.DUE:
        return Found(Kind.NOT_DELIVERED, Outcome.STUCK)
    is_young = ours.waiting_since is not None and ours.waiting_since > began - ON_ITS_WAY
    return None if is_young else Found(Kind.NOT_DELIVERED, Outcome.SENDING)
