"""The dialogue's view of a call: one question, one awaited outcome."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import structlog

from ivr.hearing import Expects, Heard, HungUp, Listening, Outcome, Recogniser
from ivr.keypad import TypeAhead
from ivr.media.endpoint import Endpointer
from ivr.media.transport import Audio, Dtmf, Event, Hangup, Played, Reason, Transport, seconds_of
from ivr.media.vad import Vad, WebRtcVad
from ivr.turn_machine import Act, Do, TurnMachine
from ivr.turn_times import TurnTimes

log = structlog.get_logger(__name__)

RECOGNITION_SECONDS = 5.0


class Turns:
    """The turns of one call. Without a recogniser only keys count."""

    def __init__(
        self, transport: Transport, recogniser: Recogniser | None = None, vad: Vad | None = None
    ) -> None:
        self.transport = transport
        self.gone: Reason | None = None
        self.times = TurnTimes(transport.now)  # of the latest question
        self._recogniser = recogniser
        self._ear = Endpointer(vad or WebRtcVad())
        self._ahead = TypeAhead()
        self._events: AsyncIterator[Event] = transport.events()
        self._coming: asyncio.Future[Event] | None = None
        self._marks = count(1)
        self._keys_count_from = -math.inf

    def forget_keys(self) -> None:
        """The keys pressed until now answered something else."""
        self._ahead.forget()
        self._keys_count_from = self.transport.now

    async def ask(self, expects: Expects, prompt: bytes = b"") -> Outcome:
        """Ask, and wait for exactly one outcome. ``prompt`` is PCM."""
        if self.gone is not None:
            return HungUp(self.gone)
        speech = expects.speech and self._recogniser is not None
        turn = _Turn(self, expects if speech else expects.by_keys(), prompt)
        self.times = turn.times
        return await turn.run()

    async def say(self, pcm: bytes) -> bool:
        """Say something and wait until it is out, or a key stops it (and is kept for the next
        question); False when the caller is gone."""
        if self.gone is not None:
            return False
        mark = self.play(pcm)
        while self.gone is None:
            event = await self.next_event()
            if isinstance(event, Dtmf):
                self._ahead.keep(event.digit)
                self.transport.flush()
                return True
            if isinstance(event, Played) and event.mark == mark:
                return True
            if isinstance(event, Audio):
                self.overhear(event.pcm)
        return False

    def play(self, pcm: bytes) -> str:
        """Begin to say something; the mark it ends with."""
        mark = str(next(self._marks))
        self.transport.play(pcm, mark)
        return mark

    def overhear(self, frame: bytes) -> None:
        """A frame outside a question: it tells how noisy the line is."""
        self._ear.idle(frame)

    async def next_event(self) -> Event:
        """The next event; the last one is a hang-up, and is remembered."""
        while True:
            coming, self._coming = self._coming, None
            event = await (coming or anext(self._events))
            if isinstance(event, Hangup):
                self.gone = event.reason
            if not isinstance(event, Dtmf) or event.at > self._keys_count_from:
                return event

    async def event_or(self, other: asyncio.Future[Heard]) -> Event | None:
        """The next event, or None if ``other`` is done first."""
        if self._coming is None:
            self._coming = asyncio.ensure_future(anext(self._events))
        either: set[asyncio.Future[Any]] = {self._coming, other}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return None if other.done() else await self.next_event()

    def machine(self, expects: Expects, prompt: bytes) -> TurnMachine:
        """A turn beginning now."""
        now = self.transport.now
        return TurnMachine(expects, self._ear, self._ahead, now, seconds_of(prompt))

    def listen(self, expects: Expects) -> Listening:
        """An utterance beginning now."""
        assert self._recogniser is not None  # noqa: S101 - without one no turn expects speech
        return self._recogniser.listen(expects)


class _Turn:
    """One question under way: does what the machine says, tells it what happens."""

    def __init__(self, turns: Turns, expects: Expects, prompt: bytes) -> None:
        self._turns = turns
        self._expects = expects
        self._prompt = prompt
        self._machine = turns.machine(expects, prompt)
        self.times = self._machine.times
        self._began = turns.transport.now
        self._mark = ""
        self._listening: Listening | None = None
        self._finishing: asyncio.Task[Heard] | None = None

    async def run(self) -> Outcome:
        """To the outcome."""
        self._do(self._machine.begin())
        if self._prompt and self._machine.is_prompting:
            self._mark = self._turns.play(self._prompt)
        try:
            while self._machine.outcome is None:
                await self._step()
        finally:
            self._cancel()
        return self._machine.outcome

    async def _step(self) -> None:
        if self._finishing is None:
            self._take(await self._turns.next_event())
        elif event := await self._turns.event_or(self._finishing):
            self._take(event)
        else:
            self._do(self._machine.recognised(self._finishing.result()))

    def _take(self, event: Event) -> None:
        if isinstance(event, Audio):
            self._hear(event)
        elif isinstance(event, Dtmf):
            self._do(self._machine.key(event.digit, event.at))
        elif isinstance(event, Hangup):
            self._do(self._machine.hang_up(event.reason))
        elif event.mark == self._mark:
            self._do(self._machine.played(event.at))

    def _hear(self, event: Audio) -> None:
        if event.at < self._began:  # what was said before we asked
            self._turns.overhear(event.pcm)
            return
        self._do(self._machine.audio(event.pcm, event.at))
        if self._listening is not None and self._finishing is None:
            settled = self._listening.settled
            self._do(self._machine.settled(settled, event.at) if settled else [])

    def _do(self, acts: list[Act]) -> None:
        for act in acts:
            if act.do is Do.FLUSH:
                self._turns.transport.flush()
            elif act.do is Do.LISTEN:
                self._listening = self._turns.listen(self._expects)
            elif act.do is Do.CANCEL:
                self._cancel()
            if self._listening is not None and act.pcm:
                self._listening.feed(act.pcm)
            if self._listening is not None and act.do is Do.PAUSE:
                self._listening.pause()
            elif self._listening is not None and act.do is Do.FINISH:
                self._finishing = asyncio.ensure_future(_text_of(self._listening))

    def _cancel(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        if self._finishing is not None and not self._finishing.done():
            self._finishing.cancel()
        self._listening = self._finishing = None


async def _text_of(listening: Listening) -> Heard:
    """The text; none when the recogniser is too slow or fails: the caller is asked again."""
    try:
        async with asyncio.timeout(RECOGNITION_SECONDS):
            return await listening.finish()
    except Exception as error:
        log.warning("recognition_failed", error=type(error).__name__)
        return Heard()
