"""One clock for all calls of a process: a frame every 20 ms, on absolute deadlines.

Never in bursts (five seconds at once are lost on the other side) and never silent. After a
pause of the whole process up to two frames go out together; what is later than that is skipped.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from ivr.media.transport import FRAME_SECONDS

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 2


class Schedule:
    """When frames are due. Pure."""

    def __init__(self, now: float) -> None:
        self.next_due = now + FRAME_SECONDS

    def due(self, now: float) -> tuple[int, int]:
        """How many frames to send now, and how many are skipped because it is too late."""
        if now < self.next_due:
            return 0, 0
        missed = int((now - self.next_due) / FRAME_SECONDS + 1e-6) + 1
        self.next_due += missed * FRAME_SECONDS
        sent = min(missed, MOST_AT_ONCE)
        return sent, missed - sent


class Paced(Protocol):
    """A call that is given the time."""

    def tick(self, now: float) -> None:
        """20 ms have passed: send a frame."""

    def skip(self, frames: int) -> None:
        """So many frames were not sent: it is too late for them."""

    def fail(self) -> None:
        """Something broke in a tick: end this call."""


class Pacer:
    """Ticks while there are calls."""

    def __init__(self) -> None:
        self._calls: dict[Paced, None] = {}
        self._schedule = Schedule(0.0)
        self._timer: asyncio.TimerHandle | None = None
        self.skipped = 0

    @property
    def now(self) -> float:
        """The clock of the calls, in seconds."""
        return asyncio.get_running_loop().time()

    def join(self, call: Paced) -> None:
        """Give this call the time from now on; its first frame goes out at once."""
        self._calls[call] = None
        if self._timer is None:
            self._schedule = Schedule(self.now)
            self._wait()
        self._give(call, self.now, 1, 0)

    def leave(self, call: Paced) -> None:
        """This call is over."""
        self._calls.pop(call, None)

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(self._schedule.next_due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self.now
        frames, skipped = self._schedule.due(now)
        self.skipped += skipped
        for call in tuple(self._calls):
            self._give(call, now, frames, skipped)
        if self._calls:
            self._wait()

    def _give(self, call: Paced, now: float, frames: int, skipped: int) -> None:
        try:
            if skipped:
                call.skip(skipped)
            for _ in range(frames):
                call.tick(now)
        except Exception:  # one call must not take the others along
            log.exception("call_tick_failed")
            self.leave(call)
            call.fail()
