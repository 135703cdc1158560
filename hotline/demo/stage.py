"""The live demonstration from one second to the next: who is on the line, who comes. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hotline.agents.rules import Role
from hotline.demo import stories, voice_line
from hotline.demo.callers import REGULARS, Caller, caller, pick_caller
from hotline.demo.day import PREFIX
from hotline.demo.guest import Deed, Guest, Seen
from hotline.demo.live_desk import Answerer, LiveDesk
from hotline.demo.plan import TurnPlan, seconds
from hotline.demo.scene import Scene
from hotline.demo.volume import gap_seconds

MOST_GUESTS = 25
VOICE_LINE_SHARE = 0.6
KNOWN_TO_HOTLINE = 0.6  # of the callers a person at the screen gets: there is a history to see


@dataclass
class Stage:
    """Everyone on the line, kept between looks; what must survive a restart is in the database."""

    rng: random.Random
    rate: float = 1.0
    guests: dict[str, Guest] = field(default_factory=dict)
    desk: LiveDesk = field(default_factory=LiveDesk)
    next_at: datetime | None = None
    count: int = 0

    def step(
        self, at: datetime, people: Iterable[Answerer], seen: Mapping[str, Seen]
    ) -> list[Deed]:
        """What happens now. Nothing is remembered until ``keep`` says it was written."""
        self.desk.look(people)
        scene = Scene(at, self.desk, self.rng)
        deeds = [scene.step(guest, seen.get(guest.uid)) for guest in self.guests.values()]
        waiting = sum(1 for each in seen.values() if each.state.value in ("queued", "arriving"))
        newcomers = self._for_people(at, waiting) + self._by_the_hour(at)
        return deeds + [scene.step(guest, None) for guest in newcomers]

    def keep(self, deeds: Iterable[Deed]) -> None:
        """The deeds are written: go on from there."""
        for deed in deeds:
            self.guests[deed.guest.uid] = deed.guest
            if deed.guest.is_over:
                del self.guests[deed.guest.uid]

    def _for_people(self, at: datetime, waiting: int) -> list[Guest]:
        """Whoever sits ready at a screen and has no caller on the way is sent one."""
        return [self._sent_to(person, at) for person in self.desk.humans(at)[waiting:]]

    def _by_the_hour(self, at: datetime) -> list[Guest]:
        if self.next_at is None:
            self.next_at = at
        if at < self.next_at or not self.desk.everyone:
            return []
        self.next_at = max(self.next_at, at - timedelta(seconds=5)) + timedelta(
            seconds=gap_seconds(at, self.rng, self.rate)
        )
        return [self._anybody(at)] if len(self.guests) < MOST_GUESTS else []

    def _anybody(self, at: datetime) -> Guest:
        slots, kind = stories.words(self.rng), stories.pick_kind(self.rng)
        has_turns = self.rng.random() < VOICE_LINE_SHARE
        turns = voice_line.turns(self.rng, at, slots) if has_turns else []
        due = turns[-1].at + seconds(2) if turns else at
        return self._guest(at, pick_caller(self.rng), kind, slots, turns, due)

    def _sent_to(self, person: Answerer, at: datetime) -> Guest:
        """A caller who was in the voice line until this moment, so that chips show at once."""
        slots = stories.words(self.rng)
        is_counsellor = person.role is Role.COUNSELLOR
        kind = "mental_health" if is_counsellor else self.rng.choice(("book", "care_guidance"))
        turns = voice_line.turns(self.rng, at, slots) if kind == "book" else []
        early = (turns[-1].at - at) if turns else timedelta()
        earlier = [replace(turn, at=turn.at - early - seconds(2)) for turn in turns]
        is_known = self.rng.random() < KNOWN_TO_HOTLINE
        who = caller(self.rng.randrange(REGULARS)) if is_known else pick_caller(self.rng)
        return self._guest(at, who, kind, slots, earlier, at)

    def _guest(
        self,
        at: datetime,
        who: Caller,
        kind: str,
        slots: dict[str, str],
        turns: list[TurnPlan],
        due: datetime,
    ) -> Guest:
        self.count += 1
        return Guest(
            uid=f"{PREFIX}live-{at:%Y%m%d%H%M%S}-{self.count}",
            caller=who,
            kind=kind,
            slots=slots,
            due=due,
            patient_until=due + seconds(40 + self.rng.expovariate(1 / 90)),
            turns=tuple(turns),
        )
