"""How a call goes, from ring to wrap-up, and where callers give up. Pure.

Shares are those of a hotline on a good month (see docs/demonstration.md): most calls are
answered at once, a few are lost in the voice line, in the queue, or while the telephone rings.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from hotline.agents.rules import Role
from hotline.calls.rules import EventType
from hotline.calls.voice_rules import Achieved, Left
from hotline.classification.vocabulary import Category
from hotline.demo import stories, voice_line
from hotline.demo.plan import CallPlan, WrapUpPlan, seconds
from hotline.demo.seats import Desk, Seat

IVR_SHARE = 0.62
GONE_IN_IVR = 0.035
SERVED_IN_IVR = 0.032
# What those whom the voice line serves alone have come for.
_GOT = {Achieved.BOOKED: 70, Achieved.CANCELLED: 12, Achieved.ANSWERED: 18}
GONE_WHILE_RINGING = 0.007
QUICK_TO_QUIT = 0.010
MISSED_RING = 0.018
HELD = 0.08
CONSULTED = 0.02
TRANSFERRED = 0.03
NO_WRAP_UP = 0.006
NO_END = 0.0012  # the PBX never says that the call ended: it goes stale
DANGER = 0.4  # of crisis calls
PATIENCE_SECONDS = 85
RING_GIVES_UP = 20


@dataclass
class Course:
    """One call on its way through a day."""

    rng: random.Random
    desk: Desk
    call: CallPlan

    def run(self) -> None:
        """From the ring to wherever it ends."""
        self.call.start()
        at = self.call.starts + seconds(1)
        kind = stories.pick_kind(self.rng)
        slots = stories.words(self.rng)
        if self.rng.random() < IVR_SHARE:
            entered = self._enter_voice_line(at, kind, slots)
            if entered is None:
                return
            at = entered
        self._wait(at, kind, slots)

    def _enter_voice_line(self, at: datetime, kind: str, slots: dict[str, str]) -> datetime | None:
        """When the caller left for the queue; None when the call ended in the voice line."""
        self.call.say(EventType.IVR_ENTERED, at)
        fate = self.rng.random() * IVR_SHARE
        if fate < GONE_IN_IVR:
            self._give_up(at, slots)
            return None
        if fate < GONE_IN_IVR + SERVED_IN_IVR:
            self._serve(at, slots)
            return None
        books = kind in ("book", "cancel", "query") and self.rng.random() < 0.5
        left = at + seconds(self.rng.uniform(3, 12))
        if books:
            age = voice_line.pick_age(self.rng)
            self.call.turns = voice_line.turns(self.rng, at, slots, age=age)
            left = voice_line.last_at(self.call.turns) + seconds(3)
            self.call.voice = voice_line.whole(self.call.turns, at, left, Left.PERSON, age)
        self.call.say(EventType.IVR_LEFT, left, next="queue")
        return left

    def _give_up(self, at: datetime, slots: dict[str, str]) -> None:
        """Some before they said a word, some in the middle."""
        gone = at + seconds(self.rng.uniform(2, 60))
        age = voice_line.pick_age(self.rng)
        turns = [turn for turn in voice_line.turns(self.rng, at, slots, age=age) if turn.at < gone]
        if turns:
            self.call.turns = voice_line.given_up(turns, gone)
            self.call.voice = voice_line.whole(self.call.turns, at, gone, Left.HUNG_UP, age)
        self._end(gone, "caller")

    def _serve(self, at: datetime, slots: dict[str, str]) -> None:
        age = voice_line.pick_age(self.rng)
        got = self.rng.choices(list(_GOT), list(_GOT.values()))[0]
        slots = slots | stories.question(self.rng)
        self.call.turns = voice_line.turns(self.rng, at, slots, got=got, age=age)
        done = voice_line.last_at(self.call.turns) + seconds(self.rng.uniform(3, 6))
        self.call.voice = voice_line.whole(self.call.turns, at, done, Left.DONE, age, got)
        self.call.say(EventType.IVR_LEFT, done, next="done")
        self._end(done + seconds(1), "system")
        self.call.wrap_up = WrapUpPlan(stories.self_served(slots, got), None, done + seconds(1))

    def _wait(self, at: datetime, kind: str, slots: dict[str, str]) -> None:
        is_crisis = kind == Category.CRISIS
        self.call.say(EventType.QUEUED, at, queue="crisis" if is_crisis else "hotline")
        role = Role.COUNSELLOR if is_crisis else Role.AGENT
        seat = self.desk.next_free(at, role) or self.desk.next_free(at)
        leaves = at + seconds(self._patience())
        if seat is None or max(at, seat.free_at) >= leaves:
            self._end(leaves, "caller")
            return
        self._ring(seat, max(at, seat.free_at) + seconds(self.rng.uniform(0, 1)), kind, slots)

    def _patience(self) -> float:
        if self.rng.random() < QUICK_TO_QUIT:
            return self.rng.uniform(1, 8)
        return 8 + self.rng.expovariate(1 / PATIENCE_SECONDS)

    def _ring(self, seat: Seat, at: datetime, kind: str, slots: dict[str, str]) -> None:
        self.call.say(EventType.RINGING, at, agent=seat.agent)
        if self.rng.random() < GONE_WHILE_RINGING:
            gone = at + seconds(self.rng.uniform(2, 18))
            seat.free_at = max(seat.free_at, gone)
            self._end(gone, "caller")
            return
        if self.rng.random() < MISSED_RING:
            at += seconds(RING_GIVES_UP)
            seat.free_at = max(seat.free_at, at)
            seat = self._another(seat, at)
            self.call.say(EventType.RINGING, at, agent=seat.agent)
        self._answer(seat, at + seconds(self.rng.uniform(2, 7)), kind, slots)

    def _another(self, seat: Seat, at: datetime) -> Seat:
        """A colleague who is free; else the same telephone rings on and is answered late."""
        colleague = self.desk.next_free(at, but=seat.agent)
        return colleague if colleague and colleague.free_at <= at else seat

    def _answer(self, seat: Seat, at: datetime, kind: str, slots: dict[str, str]) -> None:
        self.call.say(EventType.ANSWERED, at, agent=seat.agent)
        talk = self._talk_seconds(kind)
        self._meanwhile(seat, at, talk)
        left = at + seconds(talk)
        if kind != Category.CRISIS and self.rng.random() < TRANSFERRED:
            seat, at, left = self._transfer(seat, at, left)
        if self.rng.random() >= NO_END:
            self._end(left, "caller" if self.rng.random() < 0.85 else "agent")
        self._finish(seat, at, left, kind, slots)

    def _talk_seconds(self, kind: str) -> float:
        if stories.place(kind)[0] is Category.NON_BUSINESS:
            return self.rng.uniform(5, 30)
        middle = {Category.CRISIS: 900, Category.COMPLAINT: 280}.get(stories.place(kind)[0], 125)
        return min(max(self.rng.lognormvariate(0, 0.5) * middle, 15), 3 * middle)

    def _meanwhile(self, seat: Seat, at: datetime, talk: float) -> None:
        if talk > 60 and self.rng.random() < HELD:
            held = self.rng.uniform(0.2, 0.5) * talk
            self.call.say(EventType.HELD, at + seconds(held))
            if self.rng.random() < CONSULTED / HELD:
                self.call.say(EventType.CONSULTED, at + seconds(held + 2), agent=seat.agent)
            resumed = held + self.rng.uniform(0.1, 0.4) * talk
            self.call.say(EventType.RESUMED, at + seconds(resumed))

    def _transfer(
        self, seat: Seat, at: datetime, left: datetime
    ) -> tuple[Seat, datetime, datetime]:
        """Pass the caller on, when a colleague is free: who, from when and until when."""
        colleague = self.desk.next_free(left, but=seat.agent)
        if colleague is None or colleague.free_at > left:
            return seat, at, left
        said = {"from_agent": seat.agent, "to": colleague.agent}
        self.call.say(EventType.TRANSFERRED, left, original_caller=self.call.caller.number, **said)
        seat.talk(at, left, left + seconds(5))
        answered = left + seconds(self.rng.uniform(2, 5))
        self.call.say(EventType.RINGING, left + seconds(1), agent=colleague.agent)
        self.call.say(EventType.ANSWERED, answered, agent=colleague.agent)
        return colleague, answered, answered + seconds(self.rng.uniform(40, 200))

    def _finish(
        self, seat: Seat, at: datetime, left: datetime, kind: str, slots: dict[str, str]
    ) -> None:
        written = left + seconds(self.rng.uniform(8, 55))
        seat.talk(at, left, written + seconds(1))
        if self.rng.random() >= NO_WRAP_UP:
            story = stories.compose(self.rng, kind, slots)
            self.call.wrap_up = WrapUpPlan(story, seat.duty.worker.username, written)
            self.call.is_danger = kind == Category.CRISIS and self.rng.random() < DANGER

    def _end(self, at: datetime, by: str) -> None:
        self.call.say(EventType.ENDED, at, by=by, cause="normal")
