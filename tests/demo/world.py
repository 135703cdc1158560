"""A city small enough for tests, and a telephone exchange in memory that a clock of ours drives."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hotline.agents.rules import Role
from hotline.calls.facts import CallEvent
from hotline.calls.fold import fold
from hotline.calls.rules import EventType, state_with_wrap_up
from hotline.demo.guest import Deed, Seen
from hotline.demo.live_desk import Answerer
from hotline.demo.load import Order
from hotline.demo.stage import Stage

SMALL = Order(days=4, per_day=60)
TEN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday, ten in Shanghai
HUMAN = 1


class Exchange:
    """What the database would be: calls folded from events, people who are ready or not."""

    def __init__(self, seed: str = "test", made_up: int = 4) -> None:
        self.stage = Stage(random.Random(seed))
        self.at = TEN
        self.events: dict[str, list[CallEvent]] = {}
        self.deeds: list[Deed] = []
        self.people = {
            key: Answerer(key, str(7000 + key), Role.AGENT, is_human=False, ready_since=TEN)
            for key in range(10, 10 + made_up)
        }

    def sit_down(self, role: Role = Role.AGENT) -> None:
        """A person at a screen says 就绪."""
        self.people[HUMAN] = Answerer(HUMAN, "8001", role, is_human=True, ready_since=self.at)

    def human_says(self, uid: str, kind: EventType) -> None:
        """The person at the screen does something about a call."""
        event_id = f"desk-{len(self.events[uid])}"
        self.events[uid].append(CallEvent(event_id, kind, self.at, agent="8001"))

    def look(self) -> list[Deed]:
        """One second goes by."""
        self.at += timedelta(seconds=1)
        deeds = self.stage.step(self.at, self._people(), self.seen())
        for deed in deeds:
            self.events.setdefault(deed.guest.uid, []).extend(deed.events)
        self.stage.keep(deeds)
        self.deeds += deeds
        return deeds

    def run(self, seconds: int) -> None:
        """Time goes by."""
        for _ in range(seconds):
            self.look()

    def seen(self) -> dict[str, Seen]:
        """How every call stands."""
        return {uid: self._seen(events) for uid, events in self.events.items() if events}

    def ringing_at_human(self) -> list[str]:
        """Calls that ring at the person at the screen."""
        return [
            uid
            for uid, seen in self.seen().items()
            if seen.agent_id == HUMAN and seen.state.value == "ringing"
        ]

    def _seen(self, events: list[CallEvent]) -> Seen:
        facts = fold(events)
        ids = {person.ref: person.id for person in self.people.values()}
        state = state_with_wrap_up(facts.state, facts.answered_at is not None, wrapped_up=False)
        return Seen(state, ids.get(facts.agent or ""))

    def _people(self) -> list[Answerer]:
        busy = {
            seen.agent_id
            for seen in self.seen().values()
            if seen.state.value in ("ringing", "talking", "held")
        }
        return [replace(person, is_engaged=person.id in busy) for person in self.people.values()]
