"""What every way to a platform can do, and what may come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from hotline.labels import Labelled
from workorders.platforms.wire import OutgoingEvent, RemoteOrder, Unreadable


class Trouble(Labelled):
    """Why there is no answer to work with."""

    DOWN = "down", "连不上平台"
    SLOW = "slow", "平台没有按时应答"
    CUT_OFF = "cut_off", "应答只收到一部分"
    NOT_JSON = "not_json", "应答不是约定的格式"
    TOO_LARGE = "too_large", "应答过大"
    NOT_LET_IN = "not_let_in", "平台不认我们的签名或账号"
    CERTIFICATE_EXPIRED = "certificate_expired", "平台的证书已过期"
    CERTIFICATE = "certificate", "平台的证书不可信"
    BUSY = "busy", "平台要求稍后再试"
    SERVER_ERROR = "server_error", "平台内部出错"
    REFUSED = "refused", "平台拒绝了请求"
    NOT_FOUND = "not_found", "平台没有这张工单"
    NOT_OFFERED = "not_offered", "这种对接方式没有此项"
    WAITING = "waiting", "还没有回执"
    FOLDER = "folder", "交换目录不可用"


class NoAnswer(Exception):
    """The platform told us nothing we can use; ask again with the same cursor.

    ``message`` is a Chinese sentence without secrets or personal data, ``retry_after`` the
    seconds the platform asked for.
    """

    def __init__(
        self, trouble: Trouble, message: str = "", retry_after: float | None = None
    ) -> None:
        self.trouble = trouble
        self.message = message or f"{trouble.label}。"
        self.retry_after = retry_after
        super().__init__(f"{trouble}: {self.message}")


class Result(Labelled):
    """What became of an event."""

    APPLIED = "applied", "已生效"
    APPLIED_BEFORE = "applied_before", "此前已生效"
    REFUSED = "refused", "平台不同意"
    UNKNOWN = "unknown", "结果未知"


@dataclass(frozen=True)
class Outcome:
    """What became of an event. ``code`` and ``message`` are the platform's own words.

    REFUSED needs a person. UNKNOWN is tried again with the same event_id, not before
    ``retry_after`` seconds; ``trouble`` says why. Never both applied and lost.
    """

    result: Result
    code: str = ""
    message: str = ""
    trouble: Trouble | None = None
    retry_after: float | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the platform has it: nothing is to be sent again."""
        return self.result in {Result.APPLIED, Result.APPLIED_BEFORE}


@dataclass(frozen=True)
class Changes:
    """A page of orders that changed: at least once each, in any order.

    Once these items are stored, and only then, ``next_cursor`` is stored with them, in one
    transaction: the next call with it tells an adapter that they are safe. ``more``: ask at
    once; a platform's cursor may go back, so ask a bounded number of times.
    """

    items: list[RemoteOrder | Unreadable]
    next_cursor: str
    more: bool


@dataclass(frozen=True)
class DigestLine:
    """What a platform says of one order on a day."""

    no: str
    status: str
    version: int


@dataclass(frozen=True)
class Digest:
    """A page of a day's digest. ``next_cursor`` is for the next page, when there is ``more``."""

    items: list[DigestLine | Unreadable]
    next_cursor: str
    more: bool


@dataclass(frozen=True)
class Exchange:
    """One request and what came back, to be kept. It holds personal data: store it encrypted.

    ``status`` is HTTP's, None when there was no whole answer; ``trouble`` why not.
    """

    method: str
    target: str
    request: bytes
    status: int | None
    answer: bytes
    trouble: Trouble | None
    at: datetime
    seconds: float


Keep = Callable[[Exchange], None]


class Adapter(Protocol):
    """A way to a platform. Every method may be repeated at will: nothing is doubled by it."""

    def changes(self, cursor: str, limit: int = 200) -> Changes:
        """What changed since a cursor; "" is the beginning. Raises NoAnswer."""

    def order(self, no: str) -> RemoteOrder:
        """One order as it is now. Raises NoAnswer, Unreadable."""

    def send(self, no: str, event: OutgoingEvent) -> Outcome:
        """Tell the platform something about an order. Raises nothing of its own."""

    def digest(self, day: date, cursor: str = "") -> Digest:
        """Every order the platform counts on a Shanghai day. Raises NoAnswer."""
