"""One call from the greeting to its end: the only place of the voice line with effects.

Whatever fails on our side, the caller gets a person, with everything understood so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from hotline import phone
from hotline.clock import today
from ivr import callers, questions
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
from ivr.dialogue.state import PRIVATE, Leave, State
from ivr.hearing import Digits, HungUp, NoMatch, Outcome, PersonWanted, Recogniser, Speech
from ivr.media.transport import Transport
from ivr.turn import Turns

log = structlog.get_logger(__name__)


class Voice(Protocol):
    """Gives sentences a sound."""

    def speak(self, pieces: Sequence[str], *, slow: bool = False) -> bytes:
        """PCM, 8 kHz, of these pieces one after another."""


class Turn:
    """A question, what came of it, and what is understood then; nobody's numbers."""

    def __init__(self, asked: State, said: str, outcome: Outcome, known: State) -> None:
        self.expects = asked.step.value
        self.prompt = said
        self.outcome = _OUTCOMES.get(type(outcome), "no_input")
        self.heard = _heard(asked, outcome)
        self.slots = known.slots.said()


_OUTCOMES: dict[type, str] = {
    Speech: "speech", Digits: "keys", NoMatch: "no_match", PersonWanted: "person",
    HungUp: "hung_up",
}  # fmt: skip


def _heard(asked: State, outcome: Outcome) -> str | None:
    if isinstance(outcome, Speech):
        return phone.redact(outcome.text)
    if not isinstance(outcome, Digits):
        return None
    return f"按键 {len(outcome.digits)} 位" if asked.step in PRIVATE else f"按键 {outcome.digits}"


class Session:
    """One call. ``keep`` stores a turn; ``city`` gives what can be booked now."""

    def __init__(
        self,
        transport: Transport,
        recogniser: Recogniser | None,
        voice: Voice,
        keep: Callable[[Turn], None],
        city: Callable[[], Catalogue],
    ) -> None:
        self.transport = transport
        self._turns = Turns(transport, recogniser)
        self._voice = voice
        self._keep = keep
        self._city = city
        self._deeds = Deeds(transport.info)
        caller = callers.mobile_of(transport.info.caller)
        self._state = State(today=today(), caller_mobile=caller is not None)
        self._waiting: tuple[Prompt, ...] = ()

    async def run(self) -> Leave:
        """The whole call; no held slot outlives it."""
        try:
            leave = await self._talk()
        except Exception:  # the caller gets a person, whatever broke
            log.exception("conversation_broke")
            await self._apologise()
            leave = Leave.PERSON
        await self._let_go()
        self._hand_over(leave)
        return leave

    async def _talk(self) -> Leave:
        reply = await self._advance(Began())
        while True:
            if isinstance(reply.then, Go):
                await self._turns.say(self._speech()[0])
                return reply.then.leave
            if isinstance(reply.then, Do):
                reply = await self._advance(await asyncio.to_thread(self._deeds.do, reply.then))
                continue
            asked, (pcm, said) = self._state, self._speech()
            city = await asyncio.to_thread(self._city)
            outcome = await self._turns.ask(questions.expects(asked, city), pcm)
            if isinstance(outcome, HungUp):
                await self._kept(Turn(asked, said, outcome, asked))
                return Leave.HUNG_UP
            reply = await self._advance(heard(outcome))
            await self._kept(Turn(asked, said, outcome, self._state))

    async def _advance(self, event: Event) -> Reply:
        city = await asyncio.to_thread(self._city)
        reply = advance(self._state, event, city)
        self._state, self._waiting = reply.state, (*self._waiting, *reply.prompts)
        return reply

    async def _kept(self, turn: Turn) -> None:
        """Stored at once: whoever takes over reads what has been said so far."""
        self.transport.show(vars(turn))
        await asyncio.to_thread(self._keep, turn)

    def _speech(self) -> tuple[bytes, str]:
        """The sound of what waits to be said, and its words."""
        pieces = [piece for prompt in self._waiting for piece in prompts.pieces(prompt)]
        self._waiting = ()
        return self._voice.speak(pieces, slow=self._state.slow), "".join(pieces)

    async def _apologise(self) -> None:
        self._waiting = (say("to_person"),)
        await self._turns.say(self._speech()[0])

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
