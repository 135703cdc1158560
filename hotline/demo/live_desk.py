"""Who could answer at this moment: people at the screen first, made-up colleagues else. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hotline.agents.rules import Role

# A newcomer who has just said 就绪 is given a moment to look up.
SETTLES = timedelta(seconds=3)
MISSED_FOR = timedelta(seconds=30)
MOST_DOUBLED = 5


@dataclass(frozen=True)
class Answerer:
    """Someone who may answer. ``ref`` is what a PBX would say: extension or user name."""

    id: int
    ref: str
    role: Role
    is_human: bool
    ready_since: datetime | None = None
    is_engaged: bool = False

    def is_free(self) -> bool:
        """Ready, and no telephone of theirs rings."""
        return self.ready_since is not None and not self.is_engaged


@dataclass
class LiveDesk:
    """Everyone who answers, and who has just let a call ring: they are left alone a while."""

    everyone: dict[int, Answerer] = field(default_factory=dict)
    missed: dict[int, datetime] = field(default_factory=dict)
    times_missed: dict[int, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    def look(self, people: Iterable[Answerer]) -> None:
        """See anew who is there."""
        self.everyone = {person.id: person for person in people}
        self.taken = set()
        for person in self.everyone.values():
            if person.ready_since is None:  # talking, or away: they are at their screen
                self.times_missed.pop(person.id, None)

    def is_human(self, person_id: int | None) -> bool:
        """Does somebody sit at that screen? Strangers to the city do, or their PBX knows."""
        person = self.everyone.get(person_id or 0)
        return person is None or person.is_human

    def humans(self, at: datetime) -> list[Answerer]:
        """People at the screen who wait for a call, longest first."""
        waiting = [
            person
            for person in self._free()
            if person.is_human
            and person.ready_since is not None
            and at - person.ready_since >= SETTLES
            and self.missed.get(person.id, at) <= at
        ]
        return sorted(waiting, key=lambda person: person.ready_since or at)

    def take_human(self, at: datetime, kind: str) -> Answerer | None:
        """A person at the screen; counsellors for what is theirs, if there is a choice."""
        wanted = wanted_role(kind)
        waiting = sorted(self.humans(at), key=lambda person: person.role is not wanted)
        return self._take(waiting)

    def take_made_up(self, rng: random.Random, kind: str) -> Answerer | None:
        """A made-up colleague."""
        free = [person for person in self._free() if not person.is_human]
        rng.shuffle(free)
        wanted = wanted_role(kind)
        return self._take(sorted(free, key=lambda person: person.role is not wanted))

    def by_ref(self, ref: str | None) -> Answerer | None:
        """Whoever has this extension or user name."""
        return next((person for person in self.everyone.values() if person.ref == ref), None)

    def let_ring(self, person_id: int, at: datetime) -> None:
        """This person did not answer: left alone for longer each time."""
        times = self.times_missed.get(person_id, 0)
        self.missed[person_id] = at + MISSED_FOR * 2 ** min(times, MOST_DOUBLED)
        self.times_missed[person_id] = times + 1

    def _free(self) -> list[Answerer]:
        return [p for p in self.everyone.values() if p.is_free() and p.id not in self.taken]

    def _take(self, people: list[Answerer]) -> Answerer | None:
        if people:
            self.taken.add(people[0].id)
        return people[0] if people else None


def wanted_role(kind: str) -> Role:
    """Who should answer a call of this kind."""
    return Role.COUNSELLOR if kind in ("crisis", "mental_health") else Role.AGENT
