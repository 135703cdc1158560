"""Going along a call's ordered events, giving each span to the stage the call was in. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hotline.calls.facts import CallEvent, CallFacts, Leg
from hotline.calls.rules import TOGETHER, WAITING, AbandonedIn, Direction, EventType, State

# What a PBX may say when the voice line itself finished the caller's business.
SERVED = frozenset({"done", "completed", "booked", "served", "end"})


class Walk:
    """One walk; ``take`` each event in order, then ``finish``."""

    def __init__(self, facts: CallFacts, start: datetime) -> None:
        self.facts = facts
        self.at = start
        self.spans = {state: timedelta() for state in State}
        self.ivr_left_at: datetime | None = None

    def take(self, at: datetime, event: CallEvent) -> None:
        """Time passes until ``at``; then what the event says happens."""
        self._pass(at)
        _TAKE[event.type](self, at, event)

    def _pass(self, at: datetime) -> None:
        span = at - self.at
        self.spans[self.facts.state] += span
        for leg in self.facts.legs:
            if leg.is_open and self.facts.state is State.TALKING:
                leg._talk += span
            elif leg.is_open and self.facts.state is State.HELD:
                leg._hold += span
        self.at = at

    def started(self, _at: datetime, event: CallEvent) -> None:
        """Who calls whom: what is known already is not overwritten by a later telling."""
        facts = self.facts
        facts.direction = event.direction or facts.direction
        facts.caller = facts.caller or event.caller
        facts.called = facts.called or event.called

    def ivr_entered(self, _at: datetime, _event: CallEvent) -> None:
        """The voice line takes a call that is nowhere yet."""
        if self.facts.state is State.ARRIVING:
            self.facts.state = State.IN_IVR

    def ivr_left(self, at: datetime, event: CallEvent) -> None:
        """Out of the voice line, served there or going on."""
        self.facts.self_served |= (event.next or "").lower() in SERVED
        self.ivr_left_at = self.ivr_left_at or at
        if self.facts.state is State.IN_IVR:
            self.facts.state = State.ARRIVING

    def queued(self, at: datetime, event: CallEvent) -> None:
        """Waiting, the first time or again: whoever spoke is gone."""
        self.facts.queue = event.queue or self.facts.queue
        self.facts.queued_at = self.facts.queued_at or at
        self._close_legs(at, self._on_the_line())
        self.facts.state = State.QUEUED
        if not self.facts.answered_at:
            self.facts.agent = None

    def ringing(self, at: datetime, event: CallEvent) -> None:
        """At an agent's telephone; a caller who talks keeps talking meanwhile."""
        facts = self.facts
        facts.ringing_at = facts.ringing_at or at
        self._leg(event.agent).ringing_at = at
        if facts.state not in TOGETHER:
            facts.state, facts.agent = State.RINGING, event.agent or facts.agent

    def answered(self, at: datetime, event: CallEvent) -> None:
        """An agent speaks; whoever else it rang at is out of it."""
        leg = self._leg(event.agent)
        leg.answered_at = leg.answered_at or at
        self._close_legs(at, [rung for rung in self.facts.legs if rung.answered_at is None])
        self.facts.answered_at = self.facts.answered_at or at
        self.facts.agent = event.agent or self.facts.agent
        self.facts.queue = event.queue or self.facts.queue
        if self.facts.state is not State.HELD:
            self.facts.state = State.TALKING

    def held(self, _at: datetime, _event: CallEvent) -> None:
        """Only who talks can be put on hold."""
        if self.facts.state is State.TALKING:
            self.facts.state = State.HELD
            self.facts.holds += 1

    def resumed(self, _at: datetime, _event: CallEvent) -> None:
        """Only who is on hold is taken back."""
        if self.facts.state is State.HELD:
            self.facts.state = State.TALKING

    def consulted(self, _at: datetime, _event: CallEvent) -> None:
        """The agent asked a colleague; the caller notices nothing."""
        self.facts.consultations += 1

    def transferred(self, at: datetime, event: CallEvent) -> None:
        """One agent lets go: the call stays with who is on the line, or is between two."""
        facts = self.facts
        facts.transfers += 1
        facts.caller = facts.caller or event.original_caller
        if facts.state not in TOGETHER:
            return
        self._close_legs(at, self._leaving(event.from_agent))
        staying = self._on_the_line()
        facts.state = State.TALKING if staying else State.TRANSFERRING
        if staying:
            facts.agent = staying[-1].agent

    def ended(self, _at: datetime, event: CallEvent) -> None:
        """Why and by whom; the end itself is walked by ``finish``."""
        self.facts.end_cause = event.cause or self.facts.end_cause
        self.facts.ended_by = event.by or self.facts.ended_by

    def _leg(self, agent: str | None) -> Leg:
        """The agent's latest part that is not over, or a new one."""
        for leg in reversed(self.facts.legs):
            if leg.left_at is None and (agent is None or leg.agent in (agent, None)):
                leg.agent = leg.agent or agent
                return leg
        self.facts.legs.append(Leg(agent))
        return self.facts.legs[-1]

    def _on_the_line(self) -> list[Leg]:
        return [leg for leg in self.facts.legs if leg.is_open]

    def _leaving(self, agent: str | None) -> list[Leg]:
        """Who a transfer releases: the one it names, else the one who spoke first."""
        staying = self._on_the_line()
        return [leg for leg in staying if leg.agent == agent] or staying[:1]

    def _close_legs(self, at: datetime, legs: list[Leg]) -> None:
        for leg in legs:
            leg.left_at = at

    def finish(self, end: datetime | None, short_abandon_seconds: int) -> CallFacts:
        """The facts, measured up to ``end``; None while the call goes on."""
        if end:
            self._pass(end)
        facts = self.facts
        self._measure(end)
        if end:
            self._close(end, timedelta(seconds=short_abandon_seconds))
        for leg in facts.legs:
            leg.talk_seconds, leg.hold_seconds = _whole(leg._talk), _whole(leg._hold)
        return facts

    def _measure(self, end: datetime | None) -> None:
        facts, spans = self.facts, self.spans
        facts.ivr_seconds = _whole(spans[State.IN_IVR])
        facts.ring_seconds = _whole(spans[State.RINGING])
        facts.talk_seconds = _whole(spans[State.TALKING])
        facts.hold_seconds = _whole(spans[State.HELD])
        facts.waiting_since = self._waiting_since()
        if facts.waiting_since and (until := facts.answered_at or end):
            facts.wait_seconds = max(0, _whole(until - facts.waiting_since))

    def _waiting_since(self) -> datetime | None:
        """From when a person was owed: the queue, else the ring, else the way out of the IVR."""
        facts = self.facts
        fallback = self.ivr_left_at or facts.started_at if facts.answered_at else None
        return facts.queued_at or facts.ringing_at or fallback

    def _close(self, end: datetime, short: timedelta) -> None:
        facts = self.facts
        facts.abandoned_in = self._abandoned_in()
        waited = end - (facts.waiting_since or facts.started_at)
        facts.short_abandon = facts.abandoned_in is not None and waited <= short
        facts.state, facts.ended_at = State.CLOSED, end
        for leg in facts.legs:
            leg.left_at = leg.left_at or end

    def _abandoned_in(self) -> AbandonedIn | None:
        facts = self.facts
        if facts.answered_at or facts.direction is not Direction.INBOUND:
            return None
        if facts.state in WAITING:
            return AbandonedIn.QUEUE if facts.state is State.QUEUED else AbandonedIn.RINGING
        hung_up_himself = facts.ended_by in (None, "caller")
        return AbandonedIn.IVR if hung_up_himself and not facts.self_served else None


def _whole(span: timedelta) -> int:
    return int(span.total_seconds())


_TAKE: dict[EventType, Callable[[Walk, datetime, CallEvent], None]] = {
    kind: getattr(Walk, kind.value) for kind in EventType
}
