"""The browser's door: PCM in binary messages, JSON in text, at ``/call``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ivr.media.bounds import Bucket
from ivr.media.line import KEYS, Ending, Line, Wire
from ivr.media.transport import Reason

log = structlog.get_logger(__name__)

PATH = "/call"
START_SECONDS = 5.0
LONGEST_MESSAGE = 8000  # half a second
LONGEST_TEXT = 1000
TEXTS_A_SECOND, TEXT_BURST = 10.0, 40.0
MESSAGES_A_SECOND, MESSAGE_BURST = 200.0, 1000.0
UNREAD_BYTES = 48_000
MOST_CONNECTIONS = 64  # of one address
Enter = Callable[[str | None, Wire], Line | None]
PROTOCOL_ERROR, POLICY, TOO_BIG = 1002, 1008, 1009


class Misused(Exception):
    """Not what may be said here: the close code, and a word."""

    def __init__(self, code: int, word: str) -> None:
        super().__init__(word)
        self.code = code


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


class BrowserDoor:
    """Takes browsers in. ``enter`` gives the line of a call, or None when there is no room."""

    def __init__(self, enter: Enter, origins: tuple[str, ...] = ()) -> None:
        self._enter = enter
        self._origins = frozenset(origins)
        self._by_address: dict[str, int] = {}

    async def listen(self, host: str, port: int) -> Server:
        """Open the door."""
        return await serve(
            self._talk, host, port, process_request=self._judge, compression=None,
            max_size=LONGEST_MESSAGE, max_queue=32, open_timeout=5, close_timeout=2,
            ping_interval=20, ping_timeout=20, server_header=None,
        )  # fmt: skip

    def _judge(self, connection: ServerConnection, request: Request) -> Response | None:
        """Only this path; of pages only our own: any page in the world can open a socket."""
        if urlsplit(request.path).path != PATH:
            return connection.respond(HTTPStatus.NOT_FOUND, "not found\n")
        origin = request.headers.get("Origin")
        if origin and not self._is_ours(origin, request.headers.get("Host", "")):
            return connection.respond(HTTPStatus.FORBIDDEN, "not from this page\n")
        if self._by_address.get(_address(connection), 0) >= MOST_CONNECTIONS:
            return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "too many\n")
        return None

    def _is_ours(self, origin: str, host: str) -> bool:
        here = urlsplit(f"//{host}").hostname
        return origin in self._origins or urlsplit(origin).hostname == here

    async def _talk(self, connection: ServerConnection) -> None:
        address = _address(connection)
        self._by_address[address] = self._by_address.get(address, 0) + 1
        try:
            await self._one_call(connection)
        finally:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    async def _one_call(self, connection: ServerConnection) -> None:
        wire, limits = BrowserWire(connection), Limits()
        line: Line | None = None
        ending = Ending(Reason.CALLER)
        try:
            caller = await self._start(connection)
            line = self._enter(caller, wire)
            if line is None:
                wire.close(Ending(Reason.TRANSFERRED, cause="busy"))
                return
            line.open()
            async for message in connection:
                _take(line, message, limits)
        except Misused as error:
            log.warning("websocket_misused", error=str(error))
            ending = Ending(Reason.FAULT)
            await connection.close(error.code, str(error))
        except (ConnectionClosed, TimeoutError):
            ending = Ending(Reason.LOST)
        finally:
            if line is not None:
                line.end(ending)

    async def _start(self, connection: ServerConnection) -> str | None:
        """The first message says who calls."""
        async with asyncio.timeout(START_SECONDS):
            said = _read(await connection.recv())
        caller = said.get("caller")
        if said.get("type") != "start" or not isinstance(caller, str | None):
            raise Misused(PROTOCOL_ERROR, "start first")
        return (caller or "").strip()[:32] or None


def _take(line: Line, message: str | bytes, limits: Limits) -> None:
    limits.count(message)
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


def _address(connection: ServerConnection) -> str:
    return str((connection.remote_address or ("",))[0])
