"""The vocabulary of the exchange, and its patience. Pure."""

from __future__ import annotations

from datetime import timedelta

from hotline.labels import Labelled


class OutgoingState(Labelled):
    """Where an event on its way to a platform is."""

    DUE = "due", "待发送"
    SENT = "sent", "已送达"
    REFUSED = "refused", "平台不接受"
    GIVEN_UP = "given_up", "多次未送达"
    DISMISSED = "dismissed", "已人工处理"


WAITING = (OutgoingState.DUE, OutgoingState.REFUSED, OutgoingState.GIVEN_UP)


class IncomingState(Labelled):
    """Where something that came from a platform is."""

    DUE = "due", "待处理"
    APPLIED = "applied", "已处理"
    OLDER = "older", "已有更新的版本"
    PARKED = "parked", "待人工核对"
    UNREADABLE = "unreadable", "无法读取"
    DISMISSED = "dismissed", "已人工处理"


class Via(Labelled):
    """How it came."""

    PULL = "pull", "拉取"
    PUSH = "push", "推送"
    FILE = "file", "文件"
    RECONCILED = "reconciled", "对账补取"


STUCK_INCOMING = (IncomingState.PARKED, IncomingState.UNREADABLE)
STUCK_OUTGOING = (OutgoingState.REFUSED, OutgoingState.GIVEN_UP)

LEASE = timedelta(minutes=3)  # longer than any attempt: who has not said by then what came is dead
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 900.0
FAILURES_TO_OPEN = 5
FIRST_OPEN, LONGEST_OPEN = 15.0, 300.0
TRIES_TO_APPLY = 6


def pause(attempts: int, luck: float) -> timedelta:
    """Until the next attempt, after so many: twice as long each time, shared out by ``luck``
    (0 to 1), so that what failed together does not come back together."""
    return timedelta(seconds=max(1.0, luck * _doubled(FIRST_PAUSE, attempts, LONGEST_PAUSE)))


def rest(failures: int, luck: float) -> timedelta | None:
    """How long a platform is left alone after so many failures in a row; None: not yet."""
    if failures < FAILURES_TO_OPEN:
        return None
    whole = _doubled(FIRST_OPEN, failures - FAILURES_TO_OPEN + 1, LONGEST_OPEN)
    return timedelta(seconds=whole * (1 + luck) / 2)


def is_hopeless(attempts: int, age: timedelta, most: int, patience: timedelta) -> bool:
    """Whether an event has been tried often enough, and for long enough, to ask a person."""
    return attempts >= most and age >= patience


def _doubled(first: float, times: int, longest: float) -> float:
    return min(longest, first * 2.0 ** min(max(times, 1) - 1, 30))
