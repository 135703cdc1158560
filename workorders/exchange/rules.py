"""The vocabulary of the exchange. Pure."""

from __future__ import annotations

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
