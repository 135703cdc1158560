"""An utterance under way: sound is fed without waiting, the work is done on other threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

from ivr.hearing import Heard
from ivr.speech.decoded import Decoded
from ivr.speech.decoder import RATE, Decoder

log = structlog.get_logger(__name__)
LEAST_BYTES, MOST_BYTES = 12_800, 25_600  # 0.8 and 1.6 s: how much is worked on at a time
LONGEST_SECONDS = 60
_LONGEST_BYTES = LONGEST_SECONDS * RATE * 2


class RecognitionFailed(Exception):
    """The recogniser could not go on with this utterance; the next one may go well."""


class _Decoding:
    """One decoding of the sound: made anew when somebody speaks on after a pause."""

    def __init__(self, begin: Callable[[], Decoder]) -> None:
        self._begin = begin
        self._decoder: Decoder | None = None
        self.given = 0  # bytes

    def take(self, piece: bytes) -> None:
        """On another thread."""
        if self._decoder is None:
            self._decoder = self._begin()
        self._decoder.take(piece)

    def close(self, *, cut: bool) -> Decoded:
        """On another thread."""
        return self._decoder.finish(cut=cut) if self._decoder else Decoded()


class Utterance:
    """At most one piece of work is out at any time, so no two threads meet in the recogniser.

    All methods belong to the event loop in which it was made.
    """

    def __init__(self, begin: Callable[[], Decoder], threads: Executor) -> None:
        self._begin = begin
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._sound = bytearray()
        self._decoding = _Decoding(begin)
        self._found: Decoded | None = None  # all of the sound as text
        self._is_quiet = self._cut = self._ended = False
        self._work: asyncio.Future[Decoded | None] | None = None
        self._result: asyncio.Future[Decoded] = self._loop.create_future()

    @property
    def settled(self) -> Heard | None:
        """What was said before the pause, once it is worked out; None when more sound came."""
        return _heard(self._found) if self._found else None

    def feed(self, pcm: bytes) -> None:
        """Take 16-bit samples of 8 kHz, in pieces of any size, and return at once.

        After the end nothing is taken; beyond a minute the rest is dropped.
        """
        if self._ended:
            return
        room = _LONGEST_BYTES - len(self._sound)
        self._cut = self._cut or len(pcm) > room
        self._sound += pcm[:room]
        if self._is_quiet:  # what was worked out was not all
            self._is_quiet, self._found, self._decoding = False, None, _Decoding(self._begin)
        self._go_on()

    def pause(self) -> None:
        """Nothing is being said: work the text out, in case that was all. More sound after it
        is decoded with all that came before, as if there had been no pause."""
        self._is_quiet = True
        self._go_on()

    async def final(self) -> Decoded:
        """No more sound comes: what was heard. Asked again, the same.

        A cancelled utterance was empty. Raises RecognitionFailed.
        """
        self._is_quiet = self._ended = True
        self._go_on()
        return await asyncio.shield(self._result)

    async def finish(self) -> Heard:
        """No more sound comes: the text, its other readings, and how sure it is."""
        return _heard(await self.final())

    def cancel(self) -> None:
        """Nobody wants the text any more. What is being worked on ends by itself."""
        self._ended = True
        self._settle(Decoded(cut=self._cut))

    def _go_on(self) -> None:
        """Hand out the next piece of work, if there is one and none is out."""
        if self._work or self._result.done():
            return
        decoding = self._decoding
        left = len(self._sound) - decoding.given
        whole = left - left % 2  # half a sample waits for the other
        if self._found is not None:
            if self._ended:
                self._settle(self._found)
        elif whole >= (2 if self._is_quiet else LEAST_BYTES):
            end = decoding.given + min(whole, MOST_BYTES)
            piece, decoding.given = bytes(self._sound[decoding.given : end]), end
            self._send(decoding, lambda: decoding.take(piece))
        elif self._is_quiet:
            cut = self._cut
            self._send(decoding, lambda: decoding.close(cut=cut))

    def _send(self, decoding: _Decoding, work: Callable[[], Decoded | None]) -> None:
        try:
            future = self._loop.run_in_executor(self._threads, work)
        except RuntimeError as error:  # the engine is closed
            self._settle(error)
            return
        self._work = future
        future.add_done_callback(lambda done: self._came_back(decoding, done))

    def _came_back(self, decoding: _Decoding, work: asyncio.Future[Decoded | None]) -> None:
        self._work = None
        if work.cancelled():
            self._settle(Decoded(cut=self._cut))
        elif error := work.exception():
            log.error("recognition_failed", exc_info=error)
            self._ended = True
            self._settle(error)
        else:
            if decoding is self._decoding:
                self._found = work.result()
            self._go_on()

    def _settle(self, result: Decoded | BaseException) -> None:
        if self._result.done():
            return
        if isinstance(result, BaseException):
            self._result.set_exception(RecognitionFailed(str(result)))
            self._result.exception()  # it may be that nobody asks
        else:
            self._result.set_result(result)


def _heard(found: Decoded) -> Heard:
    others = [other for other in found.alternatives if other.text != found.text]
    return Heard(
        found.text,
        tuple(other.text for other in others),
        None if found.from_partial else found.confidence,
        tuple(other.confidence for other in others),
    )
