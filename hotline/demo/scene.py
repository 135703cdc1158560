"""What happens next on each line, one look at a time. Pure: time, sight and chance come in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.calls.rules import Direction, EventType, State
from hotline.demo.guest import Deed, Guest, Seen
from hotline.demo.live_desk import Answerer, LiveDesk
from hotline.demo.plan import HOTLINE, seconds

RINGS_FOR = 20
GONE_IN_IVR = 0.02
HELD_TOO_LONG = 240


@dataclass
class Scene:
    """One look at every line."""

    at: datetime
    desk: LiveDesk
    rng: random.Random

    def step(self, guest: Guest, seen: Seen | None) -> Deed:
        """What this guest does now; a deed without events when there is nothing to do."""
        deed = Deed(guest)
        if seen is None:
            # Known, yet not there: the demonstration was removed meanwhile.
            return deed.change(is_over=True) if guest.is_known else self._arrive(deed)
        deed.change(is_known=True)
        handler = _HANDLERS.get(seen.state)
        return handler(self, deed, seen) if handler else deed.change(is_over=True)

    def _arrive(self, deed: Deed) -> Deed:
        guest = deed.guest
        starts = min((turn.at for turn in guest.turns), default=self.at) - seconds(4)
        starts = min(starts, self.at)
        deed.say(
            EventType.STARTED,
            starts,
            direction=Direction.INBOUND,
            caller=guest.caller.number,
            called=HOTLINE,
        )
        if not guest.turns:
            return self._queue(deed)
        return self._in_voice_line(deed.say(EventType.IVR_ENTERED, starts), None)

    def _in_voice_line(self, deed: Deed, _seen: Seen | None) -> Deed:
        if deed.guest.turns and deed.guest.turns[0].at <= self.at and self._gives_up():
            return self._hang_up(deed)
        while deed.guest.turns and deed.guest.turns[0].at <= self.at:
            deed.tell_turn()
        if deed.guest.turns or self.at < deed.guest.due:
            return deed
        return self._queue(deed.say(EventType.IVR_LEFT, self.at, next="queue"))

    def _gives_up(self) -> bool:
        return self.rng.random() < GONE_IN_IVR

    def _queue(self, deed: Deed) -> Deed:
        queue = "crisis" if deed.guest.kind == "crisis" else "hotline"
        deed.say(EventType.QUEUED, self.at, queue=queue)
        return deed.change(due=self.at + seconds(self.rng.uniform(1, 4)), with_agent=None)

    def _arriving(self, deed: Deed, _seen: Seen) -> Deed:
        return self._queue(deed)

    def _queued(self, deed: Deed, _seen: Seen) -> Deed:
        kind = deed.guest.kind
        if human := self.desk.take_human(self.at, kind):
            return self._ring(deed, human)
        if self.at >= deed.guest.patient_until:
            return self._hang_up(deed)
        colleague = self.desk.take_made_up(self.rng, kind) if self.at >= deed.guest.due else None
        return self._ring(deed, colleague) if colleague else deed

    def _ring(self, deed: Deed, answerer: Answerer) -> Deed:
        deed.say(EventType.RINGING, self.at, agent=answerer.ref)
        rings = RINGS_FOR if answerer.is_human else self.rng.uniform(2, 6)
        return deed.change(due=self.at + seconds(rings), with_agent=None)

    def _ringing(self, deed: Deed, seen: Seen) -> Deed:
        if self.at < deed.guest.due:
            return deed
        if not self.desk.is_human(seen.agent_id) and seen.agent_id:
            return self._answer(deed, seen.agent_id)
        self.desk.let_ring(seen.agent_id or 0, self.at)
        colleague = self.desk.take_made_up(self.rng, deed.guest.kind)
        return self._ring(deed, colleague) if colleague else self._queue(deed)

    def _answer(self, deed: Deed, person_id: int) -> Deed:
        deed.say(EventType.ANSWERED, self.at, agent=self.desk.everyone[person_id].ref)
        talks = min(max(self.rng.lognormvariate(0, 0.5) * 100, 25), 300)
        return deed.change(due=self.at + seconds(talks), with_agent=person_id)

    def _talking(self, deed: Deed, seen: Seen) -> Deed:
        if deed.guest.with_agent != (seen.agent_id or 0):  # somebody answered since we looked
            talks = seconds(self.rng.uniform(90, 240))
            return deed.change(due=self.at + talks, with_agent=seen.agent_id or 0)
        return self._hang_up(deed) if self.at >= deed.guest.due else deed

    def _held(self, deed: Deed, _seen: Seen) -> Deed:
        is_too_long = self.at >= deed.guest.due + timedelta(seconds=HELD_TOO_LONG)
        return self._hang_up(deed) if is_too_long else deed

    def _passed_on(self, deed: Deed, seen: Seen) -> Deed:
        colleague = self.desk.by_ref(seen.passed_to)
        colleague = colleague or self.desk.take_made_up(self.rng, deed.guest.kind)
        return self._ring(deed, colleague) if colleague else self._queue(deed)

    def _wrap_up(self, deed: Deed, seen: Seen) -> Deed:
        if self.desk.is_human(seen.agent_id):
            return deed.change(is_over=True)
        if deed.guest.with_agent is not None:  # the first look after the end
            writes = seconds(self.rng.uniform(6, 25))
            return deed.change(due=self.at + writes, with_agent=None)
        if self.at >= deed.guest.due:
            deed.wraps_up = True
            deed.change(is_over=True)
        return deed

    def _hang_up(self, deed: Deed) -> Deed:
        return deed.say(EventType.ENDED, self.at, by="caller", cause="normal")


_HANDLERS = {
    State.ARRIVING: Scene._arriving,
    State.IN_IVR: Scene._in_voice_line,
    State.QUEUED: Scene._queued,
    State.RINGING: Scene._ringing,
    State.TALKING: Scene._talking,
    State.HELD: Scene._held,
    State.TRANSFERRING: Scene._passed_on,
    State.WRAP_UP: Scene._wrap_up,
}
