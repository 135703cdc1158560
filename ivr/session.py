"""One call from the greeting to its end: the only place of the voice line with effects.

Whatever fails on our side, the caller gets a person, with everything understood so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from hotline.calls.voice_rules import Whole
from hotline.clock import today
from ivr import callers, questions
from ivr.aside import aside
from ivr.deeds import Deeds
from ivr.dialogue import prompts
from ivr.dialogue.events import (
    Began,
    Do,
    Event,
    Go,
    Keyed,
    Once,
    Prompt,
    Reply,
    Said,
    Silent,
    Unclear,
    WantsPerson,
)
from ivr.dialogue.moves import advance
from ivr.dialogue.places import Catalogue
from ivr.dialogue.replies import say
from ivr.dialogue.state import Leave, State
from ivr.hearing import Digits, HungUp, NoMatch, Outcome, PersonWanted, Recogniser, Speech
from ivr.media.transport import Transport
from ivr.turn import Turns
from ivr.turn_kept import Turn
from ivr.turn_log import TurnLog

log = structlog.get_logger(__name__)


class Voice(Protocol):
    """Gives sentences a sound."""

    def speak(self, pieces: Sequence[str], *, slow: bool = False) -> bytes:
        """PCM, 8 kHz, of these pieces one after another."""


class Session:
    """One call. ``keep`` stores a turn, ``close`` the whole call; ``city`` gives what can be
    booked now; ``model`` is what listens."""

    def __init__(
        self,
        transport: Transport,
        recogniser: Recogniser | None,
        voice: Voice,
        keep: Callable[[Turn], None],
        city: Callable[[], Catalogue],
        close: Callable[[Whole, State], None] = lambda _whole, _state: None,
        model: str | None = None,
    ) -> None:
        self.transport = transport
        self._turns = Turns(transport, recogniser)
        self._voice = voice
        self._log = TurnLog(transport, keep, close, model)
        self._city = city
        self._deeds = Deeds(transport.info)
        caller = callers.mobile_of(transport.info.caller)
        self._state = State(today=today(), caller_mobile=caller is not None)
        self._waiting: tuple[Prompt, ...] = ()

    async def run(self) -> Leave:
        """The whole call; no held slot outlives it."""
        try:
            went = await self._talk()
        except Exception:  # the caller gets a person, whatever broke
            log.exception("conversation_broke")
            await self._apologise()
            went = Go(Leave.PERSON, "broke")
        await self._let_go()
        await self._log.left(self._state, went)
        self._hand_over(went.leave)
        return went.leave

    async def _talk(self) -> Go:
        reply = await self._advance(Began())
        while True:
            if isinstance(reply.then, Go):
                pcm, _ = await self._speech()
                self._log.answers()
                await self._turns.say(pcm)
                return reply.then
            if isinstance(reply.then, Do):
                done = await asyncio.to_thread(self._deeds.do, reply.then)
                self._log.did(done)
                reply = await self._advance(done)
                continue
            asked, (pcm, said) = self._state, await self._speech()
            city = await asyncio.to_thread(self._city)
            expected = await aside(questions.expects, asked, city)
            self._log.answers()
            outcome = await self._turns.ask(expected, pcm)
            if isinstance(outcome, HungUp):
                self._log.turned(asked, said, outcome, asked, self._turns.times)
                return Go(Leave.HUNG_UP)
            reply = await self._advance(heard(outcome))
            self._log.turned(asked, said, outcome, self._state, self._turns.times)

    async def _advance(self, event: Event) -> Reply:
        city = await asyncio.to_thread(self._city)
        reply = await aside(advance, self._state, event, city)
        if reply.state.misses > self._state.misses:  # the next keys were for another question
            self._turns.forget_keys()
        self._state, self._waiting = reply.state, (*self._waiting, *reply.prompts)
        return reply

    async def _speech(self) -> tuple[bytes, str]:
        """The sound of what waits to be said, and its words; a screen at the other end has them
        while they are said."""
        pieces = [piece for prompt in self._waiting for piece in prompts.pieces(prompt)]
        self._waiting = ()
        pcm = await aside(partial(self._voice.speak, pieces, slow=self._state.slow))
        said = "".join(pieces)
        self.transport.tell("asking", prompt=said)
        return pcm, said

    async def _apologise(self) -> None:
        self._waiting = (say("to_person"),)
        pcm, _ = await self._speech()
        await self._turns.say(pcm)

    async def _let_go(self) -> None:
        try:
            await asyncio.to_thread(self._deeds.close)
        except Exception:  # not even the database: the hold runs out by itself
            log.exception("hold_not_given_back")

    def _hand_over(self, leave: Leave) -> None:
        if leave is Leave.DONE:
            self.transport.hangup("booked" if self._state.booked else "done")
        elif leave is not Leave.HUNG_UP:
            self.transport.transfer("crisis" if leave is Leave.CRISIS else "")


def heard(outcome: Outcome) -> Event:
    """What came of a question, as the dialogue takes it."""
    if isinstance(outcome, Speech):
        return Said(outcome.text, outcome.alternatives)
    if isinstance(outcome, Digits):
        return Once() if outcome.digits == "*" else Keyed(outcome.digits)
    if isinstance(outcome, PersonWanted):
        return WantsPerson()
    return Unclear() if isinstance(outcome, NoMatch) else Silent()
