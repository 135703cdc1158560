"""Asterisk's door: AudioSocket over TCP. Asterisk connects to us, one connection a call."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID

import structlog

from ivr.media.bounds import Bucket, Strangers
from ivr.media.fetch import fetched
from ivr.media.frames import (
    AUDIO_HEADER,
    END,
    ERROR,
    IDENTITY,
    KEY,
    RATES,
    Frame,
    Garbled,
    Unpacker,
    packed,
)
from ivr.media.line import KEYS, Ending, Line, Wire
from ivr.media.resample import Resampler
from ivr.media.transport import RATE, Reason

log = structlog.get_logger(__name__)

IDENTITY_SECONDS = 3.0
LINGER_SECONDS = 2.0
FRAMES_A_SECOND, FRAME_BURST = 200.0, 1000.0  # a telephone sends 50, and what was held up
UNREAD_BYTES = 32_000  # two seconds that the other side has not taken
Enter = Callable[[UUID, Wire], Line | None]


class Connection(asyncio.Protocol):
    """One connection: a stranger, then a call, then a rest that is read to its end."""

    def __init__(self, strangers: Strangers, enter: Enter) -> None:
        self._strangers = strangers
        self._enter = enter
        self._unpacker = Unpacker()
        self._bucket = Bucket(FRAMES_A_SECOND, FRAME_BURST)
        self._line: Line | None = None
        self._resampler: tuple[int, Resampler] | None = None
        self._is_ending = False
        self._socket: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there; they have three seconds to say which call they are."""
        self._socket = cast(asyncio.Transport, transport)
        self.address = (self._socket.get_extra_info("peername") or ("",))[0]
        _keep_short(self._socket)
        self._close_after(IDENTITY_SECONDS)
        self._strangers.add(self)

    def data_received(self, data: bytes) -> None:
        """Bytes. Whatever they are, only this connection suffers."""
        try:
            for frame in self._unpacker.feed(data):
                if self._is_ending:
                    return
                if not self._bucket.has_room():
                    raise Garbled("a flood")
                self._take(frame)
        except Garbled as error:
            log.warning("audiosocket_garbled", address=self.address, error=str(error))
            self._end(Ending(Reason.FAULT))

    def eof_received(self) -> bool:
        """How Asterisk says that the caller has hung up."""
        self._end(Ending(Reason.CALLER))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        if self._timer:
            self._timer.cancel()
        self._strangers.remove(self)
        if self._line:
            self._line.end(Ending(Reason.LOST if exc else Reason.CALLER))

    def refuse(self, why: str) -> None:
        """Close without a word."""
        log.info("audiosocket_refused", address=self.address, why=why)
        self._is_ending = True
        self._strangers.remove(self)
        self._out.close()

    def _take(self, frame: Frame) -> None:
        if frame.kind == END:
            self._end(Ending(Reason.CALLER))
        elif self._line is None:
            self._identify(frame)
        elif frame.kind in RATES:
            self._line.heard(self._at_our_rate(frame))
        elif frame.kind == KEY:
            self._press(self._line, frame.payload.decode("latin-1"))
        elif frame.kind == ERROR:
            self._end(Ending(Reason.LOST))
        else:
            raise Garbled("a second identity")

    def _identify(self, frame: Frame) -> None:
        if frame.kind != IDENTITY:
            raise Garbled("no identity first")
        self._line = self._enter(frame.uuid, self)
        if self._line is None:
            self.refuse("unknown_uuid")
            return
        self._strangers.remove(self)
        if self._timer:
            self._timer.cancel()
        self._line.open()
        self._line.reads = self._read
        self._out.pause_reading()

    def _read(self) -> None:
        """What has come since the last tick."""
        try:
            data = fetched(self._out)
        except OSError:
            self._end(Ending(Reason.LOST))
            return
        if data:
            self.data_received(data)
        elif data is not None:
            self.eof_received()

    def _press(self, line: Line, key: str) -> None:
        if key not in KEYS:
            raise Garbled("no such key")
        line.pressed(key)

    def _at_our_rate(self, frame: Frame) -> bytes:
        rate = RATES[frame.kind]
        if rate == RATE:
            return frame.payload
        if self._resampler is None or self._resampler[0] != rate:
            self._resampler = (rate, Resampler(rate))
        return self._resampler[1].convert(frame.payload)

    def _end(self, ending: Ending) -> None:
        if self._line:
            self._line.end(ending)
        elif not self._is_ending:
            self.refuse("ended_before_identity")

    # Wire

    def send_frame(self, pcm: bytes) -> bool:
        """See ``Wire``."""
        if self._out.get_write_buffer_size() > UNREAD_BYTES:
            return False
        self._out.write(AUDIO_HEADER + pcm)
        return True

    def send_mark(self, mark: str) -> None:
        """AudioSocket has no marks."""

    def send_flush(self) -> None:
        """AudioSocket has none: at most one frame is on its way."""

    def send_turn(self, turn: Mapping[str, Any]) -> None:
        """A telephone has no screen."""

    def send_news(self, kind: str, said: Mapping[str, Any]) -> None:
        """Nor for these."""

    def close(self, ending: Ending) -> None:
        """Say the end, so that the dialplan goes on; then read until the other side closes:
        closed at once, what it sent meanwhile would destroy our last message."""
        self._is_ending = True
        if self._out.is_closing():
            return
        self._out.resume_reading()
        if ending.reason is Reason.LOST:
            self._out.abort()
        elif ending.reason in {Reason.TRANSFERRED, Reason.ENDED}:
            self._out.write(packed(END))
            self._out.write_eof()
            self._close_after(LINGER_SECONDS)
        else:
            self._out.close()

    @property
    def _out(self) -> asyncio.Transport:
        assert self._socket is not None  # noqa: S101 - set before anything else happens
        return self._socket

    def _close_after(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._out.close)


def _keep_short(transport: asyncio.Transport) -> None:
    """Little room for what is unread: what waits there can no longer be flushed."""
    found = transport.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


async def serve(host: str, port: int, enter: Enter) -> asyncio.Server:
    """Listen. ``enter`` gives the line of a call that may come in, or None."""
    strangers = Strangers()
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(strangers, enter), host, port, backlog=256)
