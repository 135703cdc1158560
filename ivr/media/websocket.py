"""The browser's door: a WebSocket for who calls, and one for who answers at the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ivr.media import browser
from ivr.media.browser import CALL_PATH, DESK_PATH, BrowserWire, Hello, Limits, Misused
from ivr.media.line import Ending, Line, Wire
from ivr.media.transport import Reason

log = structlog.get_logger(__name__)

START_SECONDS = 5.0
LONGEST_MESSAGE = 8000  # half a second
MOST_CONNECTIONS = 64  # of one address
Enter = Callable[[Hello, Wire], Line | None]


class BrowserDoor:
    """Takes browsers in. ``enter`` gives the line of a call, or None when there is no room; it
    raises Misused for who has no business here."""

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
        """Only these paths; of pages only our own: any page in the world can open a socket."""
        if _path(request) not in {CALL_PATH, DESK_PATH}:
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
            line = self._enter(await _hello(connection), wire)
            if line is None:
                wire.close(Ending(Reason.TRANSFERRED, cause="busy"))
                return
            line.open()
            async for message in connection:
                limits.count(message)
                browser.take(line, message)
        except Misused as error:
            log.warning("websocket_misused", error=str(error))
            ending = Ending(Reason.FAULT)
            await connection.close(error.code, str(error))
        except (ConnectionClosed, TimeoutError):
            ending = Ending(Reason.LOST)
        finally:
            if line is not None:
                line.end(ending)


async def _hello(connection: ServerConnection) -> Hello:
    async with asyncio.timeout(START_SECONDS):
        message = await connection.recv()
    request = connection.request
    return browser.hello(_path(request) if request else CALL_PATH, message)


def _path(request: Request) -> str:
    return urlsplit(request.path).path


def _address(connection: ServerConnection) -> str:
    return str((connection.remote_address or ("",))[0])
