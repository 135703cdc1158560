"""The vocabulary of the exchange. Pure."""

from __future__ import annotations

from hotline.labels import Labelled


class EventType(Labelled):
    """What we tell a platform about one of its orders [CONTRACTS, 12345 platforms]."""

    ACCEPT = "accept", "签收"
    RETURN = "return", "退单申请"
    EXTEND = "extend", "延期申请"
    ASSIGN = "assign", "派单"
    PROGRESS = "progress", "办理进展"
    REPLY = "reply", "回复"
    CALLBACK = "callback", "回访结果"
    REWORK_DONE = "rework_done", "重办完成"


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
