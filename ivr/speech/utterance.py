"""An utterance under way: sound is fed without waiting, the work is done on other threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

from ivr.hearing import Heard
from ivr.speech.decoded import Decoded
from ivr.speech.decoder import PIECE_BYTES, RATE, Decoder

log = structlog.get_logger(__name__)
LEAST_BYTES = PIECE_BYTES // 2  # 100 ms: less at a time costs more than it tells
LONGEST_SECONDS = 60
_LONGEST_BYTES = LONGEST_SECONDS * RATE * 2


class RecognitionFailed(Exception):
    """The recogniser could not go on with this utterance; the next one may go well."""


class Utterance:
    """At most one piece of work is out at any time, so no two threads meet in the recogniser.

    All methods belong to the event loop in which it was made.
    """

    def __init__(self, begin: Callable[[], Decoder], threads: Executor) -> None:
        self._begin = begin
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._decoder: Decoder | None = None
        self._waiting = bytearray()
        self._taken = 0
        self._cut = self._ended = False
        self._work: asyncio.Future[Decoded | None] | None = None
        self._result: asyncio.Future[Decoded] = self._loop.create_future()

    @property
    def partial(self) -> str:
        """The text so far; may change until the end."""
        return self._decoder.partial if self._decoder else ""

    def feed(self, pcm: bytes) -> None:
        """Take 16-bit samples of 8 kHz, in pieces of any size, and return at once.

        After the end nothing is taken; beyond a minute the rest is dropped.
        """
        if self._ended:
            return
        room = _LONGEST_BYTES - self._taken
        self._cut = self._cut or len(pcm) > room
        self._waiting += pcm[:room]
        self._taken += min(len(pcm), room)
        self._go_on()

    async def final(self) -> Decoded:
        """No more sound comes: what was heard. Asked again, the same.

        A cancelled utterance was empty. Raises RecognitionFailed.
        """
        self._ended = True
        self._go_on()
        return await asyncio.shield(self._result)

    async def finish(self) -> Heard:
        """No more sound comes: the text, its other readings, and how sure it is."""
        result = await self.final()
        others = [other for other in result.alternatives if other.text != result.text]
        return Heard(
            result.text,
            tuple(other.text for other in others),
            None if result.from_partial else result.confidence,
            tuple(other.confidence for other in others),
        )

    def cancel(self) -> None:
        """Nobody wants the text any more. What is being worked on ends by itself."""
        self._ended = True
        self._waiting.clear()
        self._settle(Decoded(cut=self._cut))

    def _go_on(self) -> None:
        """Hand out the next piece of work, if there is one and none is out."""
        if self._work or self._result.done():
            return
        whole = len(self._waiting) - len(self._waiting) % 2  # half a sample waits for the other
        if whole >= (2 if self._ended else LEAST_BYTES):
            piece = bytes(self._waiting[: min(whole, PIECE_BYTES)])
            del self._waiting[: len(piece)]
            self._send(lambda: self._take(piece))
        elif self._ended:
            self._send(self._close)

    def _send(self, work: Callable[[], Decoded | None]) -> None:
        try:
            future = self._loop.run_in_executor(self._threads, work)
        except RuntimeError as error:  # the engine is closed
            self._settle(error)
            return
        self._work = future
        future.add_done_callback(self._came_back)

    def _take(self, piece: bytes) -> None:
        if self._decoder is None:
            self._decoder = self._begin()
        self._decoder.take(piece)

    def _close(self) -> Decoded:
        return self._decoder.finish(cut=self._cut) if self._decoder else Decoded()

    def _came_back(self, work: asyncio.Future[Decoded | None]) -> None:
        self._work = None
        if work.cancelled():
            self._settle(Decoded(cut=self._cut))
        elif error := work.exception():
            log.error("recognition_failed", exc_info=error)
            self._ended = True
            self._settle(error)
        elif (result := work.result()) is not None:
            self._settle(result)
        else:
            self._go_on()

    def _settle(self, result: Decoded | BaseException) -> None:
        if self._result.done():
            return
        if isinstance(result, BaseException):
            self._result.set_exception(RecognitionFailed(str(result)))
            self._result.exception()  # it may be that nobody asks
        else:
            self._result.set_result(result)
