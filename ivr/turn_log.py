"""The record of one call: its turns, and the whole when it leaves the voice line.

Storing makes no caller wait: a turn goes to a thread when its answer begins to sound, one after
another, and the call is handed over when all of them are stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from hotline.calls.voice_rules import Achieved, Left, Times, Whole, takes_back
from hotline.clock import now
from ivr.dialogue.events import Deed, Did, Go
from ivr.dialogue.state import State
from ivr.hearing import Outcome
from ivr.media.transport import Transport
from ivr.turn_kept import Turn
from ivr.turn_times import TurnTimes

log = structlog.get_logger(__name__)
STORED_WITHIN_SECONDS = 3.0  # whoever takes over waits no longer for what is still being stored
_ACHIEVES = {
    Deed.CONFIRM: Achieved.BOOKED,
    Deed.CANCEL: Achieved.CANCELLED,
    Deed.ANSWER: Achieved.ANSWERED,
}


class TurnLog:
    """``keep`` stores a turn, ``close`` the whole with the last state; both may wait for the
    database. ``model`` is what listens, None where only keys count."""

    def __init__(
        self,
        transport: Transport,
        keep: Callable[[Turn], None],
        close: Callable[[Whole, State], None],
        model: str | None = None,
    ) -> None:
        self._transport = transport
        self._keep, self._close, self._model = keep, close, model
        self._turns = self._missed = 0
        self._coming: Turn | None = None
        self._last_step: str | None = None
        self._filled: dict[str, tuple[int, str]] = {}  # slot -> which turn filled it, with what
        self._achieved = Achieved.NOTHING
        self._storing: asyncio.Task[None] | None = None

    def turned(
        self, asked: State, said: str, outcome: Outcome, known: State, times: TurnTimes
    ) -> None:
        """A turn is over: the caller's screen shows it; it is stored once we answer."""
        self.answers()
        self._turns += 1
        turn = Turn(asked, said, outcome, known, self._turns)
        self._transport.show(turn.shown)
        turn.at = now() - timedelta(seconds=max(0.0, self._transport.now - times.began))
        turn.detail = replace(
            turn.detail,
            corrects=self._taken_back(turn),
            model=self._model,
            times=Times(**{name: self._since(at) for name, at in vars(times).items()}),
        )
        self._missed += turn.detail.missed
        self._last_step = turn.expects
        self._coming = turn

    def answers(self) -> None:
        """We speak again: the turn before is whole."""
        turn, self._coming = self._coming, None
        if turn is not None:
            times = replace(turn.detail.times, replied=self._since(self._transport.now))
            turn.detail = replace(turn.detail, times=times)
            self._store(lambda: self._keep(turn))

    def did(self, done: Did) -> None:
        """A deed; it may be what the caller came for."""
        got = _ACHIEVES.get(done.deed)
        is_done = done.refused is None and (done.result or done.deed is Deed.CANCEL)
        if got is not None and is_done:
            self._achieved = min(self._achieved, got, key=list(Achieved).index)

    async def left(self, state: State, went: Go) -> None:
        """The call leaves us: everything is stored, or has had its time."""
        self.answers()
        whole = Whole(
            self._got(state),
            Left(went.leave.value),
            round(self._transport.now - self._transport.began),
            self._turns,
            self._missed,
            went.reason,
            self._last_step,
            model=self._model,
            slow=state.slow,
        )
        self._store(lambda: self._close(whole, state))
        if self._storing is not None:
            await asyncio.wait({self._storing}, timeout=STORED_WITHIN_SECONDS)

    def _got(self, state: State) -> Achieved:
        """An answer to what was not asked is none."""
        is_answer = self._achieved is Achieved.ANSWERED
        return Achieved.NOTHING if is_answer and not state.answered else self._achieved

    def _taken_back(self, turn: Turn) -> int | None:
        """Which turn's answer this one takes back."""
        before, self._filled = self._filled, {}
        for name, value in turn.slots.items():
            was = before.get(name)
            self._filled[name] = was if was and was[1] == value else (turn.position, value)
        if turn.outcome != "speech" or not takes_back(turn.heard or ""):
            return None
        return max((was[0] for name, was in before.items() if turn.slots.get(name) != was[1]),
                   default=None)  # fmt: skip

    def _since(self, at: float | None) -> int | None:
        """Milliseconds since the call came to us."""
        return None if at is None else max(0, round((at - self._transport.began) * 1000))

    def _store(self, work: Callable[[], None]) -> None:
        self._storing = asyncio.ensure_future(_after(self._storing, work))


async def _after(before: asyncio.Task[None] | None, work: Callable[[], None]) -> None:
    if before is not None:
        await before
    try:
        await asyncio.to_thread(work)
    except Exception:  # the record suffers, the caller does not
        log.exception("turn_not_kept")
