"""What a browser and we say to each other: PCM in binary messages, JSON in text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.server import ServerConnection, broadcast

from ivr.media.bounds import Bucket
from ivr.media.line import KEYS, Ending, Line
from ivr.media.transport import Reason

CALL_PATH, DESK_PATH = "/call", "/desk"  # who calls, who answers a caller at the desk
LONGEST_TEXT = 1000
LONGEST_TICKET = 400
TEXTS_A_SECOND, TEXT_BURST = 10.0, 40.0
MESSAGES_A_SECOND, MESSAGE_BURST = 200.0, 1000.0
UNREAD_BYTES = 48_000
PROTOCOL_ERROR, POLICY, TOO_BIG = 1002, 1008, 1009


class Misused(Exception):
    """Not what may be said here: the close code, and a word."""

    def __init__(self, code: int, word: str) -> None:
        super().__init__(word)
        self.code = code


@dataclass(frozen=True)
class Hello:
    """The first message: where somebody came in, the number they call from, their ticket."""

    path: str
    caller: str | None = None
    ticket: str | None = None


class BrowserWire:
    """What the browser is told. Nothing waits: messages go into the socket's buffer."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._closing: asyncio.Future[None] | None = None

    def send_frame(self, pcm: bytes) -> bool:
        """See ``Wire``."""
        if self._connection.transport.get_write_buffer_size() > UNREAD_BYTES:
            return False
        broadcast([self._connection], pcm)
        return True

    def send_mark(self, mark: str) -> None:
        """See ``Wire``."""
        self._say({"type": "mark", "mark": mark})

    def send_flush(self) -> None:
        """See ``Wire``."""
        self._say({"type": "flush"})

    def send_turn(self, turn: Mapping[str, Any]) -> None:
        """See ``Wire``."""
        self._say({**turn, "type": "turn"})

    def send_news(self, kind: str, said: Mapping[str, Any]) -> None:
        """See ``Wire``."""
        self._say({**said, "type": kind})

    def close(self, ending: Ending) -> None:
        """Say where the call goes, and that it is over; the reader closes."""
        if ending.reason is Reason.TRANSFERRED:
            self._say({"type": "transfer", "target": ending.target})
        self._say({"type": "end", "reason": ending.reason, "cause": ending.cause})
        self._closing = asyncio.ensure_future(self._connection.close())

    def _say(self, message: dict[str, Any]) -> None:
        broadcast([self._connection], json.dumps(message, ensure_ascii=False, default=str))


class Limits:
    """How much one browser may say."""

    def __init__(self) -> None:
        self._messages = Bucket(MESSAGES_A_SECOND, MESSAGE_BURST)
        self._texts = Bucket(TEXTS_A_SECOND, TEXT_BURST)

    def count(self, message: str | bytes) -> None:
        """One message. Raises Misused when it is a flood."""
        fits = self._messages.has_room()
        if not fits or (isinstance(message, str) and not self._texts.has_room()):
            raise Misused(POLICY, "too many messages")


def hello(path: str, message: str | bytes) -> Hello:
    """The first message. Raises Misused."""
    said = _read(message)
    caller, ticket = said.get("caller"), said.get("ticket")
    are_texts = isinstance(caller, str | None) and isinstance(ticket, str | None)
    if said.get("type") != "start" or not are_texts:
        raise Misused(PROTOCOL_ERROR, "start first")
    return Hello(path, (caller or "").strip()[:32] or None, (ticket or "")[:LONGEST_TICKET] or None)


def take(line: Line, message: str | bytes) -> None:
    """Any other message. Raises Misused."""
    if isinstance(message, bytes):
        if len(message) % 2:
            raise Misused(PROTOCOL_ERROR, "half a sample")
        line.heard(message)
        return
    said = _read(message)
    if said.get("type") == "dtmf" and said.get("digit") in KEYS:
        line.pressed(str(said["digit"]))
    elif said.get("type") == "hangup":
        line.end(Ending(Reason.CALLER))
    else:
        raise Misused(PROTOCOL_ERROR, "unknown message")


def _read(message: str | bytes) -> dict[str, Any]:
    if isinstance(message, bytes):
        raise Misused(PROTOCOL_ERROR, "start first")
    if len(message) > LONGEST_TEXT:
        raise Misused(TOO_BIG, "text too long")
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        raise Misused(PROTOCOL_ERROR, "no JSON") from None
    if not isinstance(said, dict):
        raise Misused(PROTOCOL_ERROR, "no object")
    return said
