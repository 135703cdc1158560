"""One live caller of the demonstration: what comes next, seen what the database says. Pure.

The database is the truth: a person at the desk may have answered, held, passed on or ended
the call since the last look.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hotline.calls.facts import CallEvent, Heard
from hotline.calls.rules import EventType, State
from hotline.demo.callers import Caller
from hotline.demo.plan import TurnPlan


@dataclass(frozen=True)
class Guest:
    """A caller on the line. ``due`` is when the next thing happens of itself."""

    uid: str
    caller: Caller
    kind: str
    slots: dict[str, str]
    due: datetime
    patient_until: datetime
    turns: tuple[TurnPlan, ...] = ()
    turns_told: int = 0
    told: int = 0
    with_agent: int | None = None
    is_known: bool = False
    is_over: bool = False

    def event(self, kind: EventType, at: datetime, **given: Any) -> CallEvent:
        """The next event of this call. Told twice (a commit nobody heard of), it counts once."""
        return CallEvent(f"{self.uid}-{self.told + 1}", kind, at, **given)


@dataclass(frozen=True)
class Seen:
    """What the database says of a call."""

    state: State
    agent_id: int | None = None
    passed_to: str | None = None


@dataclass
class Deed:
    """What happens to one guest in one step; ``guest`` is how they are afterwards."""

    guest: Guest
    events: list[CallEvent] = field(default_factory=list)
    turns: list[tuple[int, TurnPlan]] = field(default_factory=list)
    wraps_up: bool = False

    def say(self, kind: EventType, at: datetime, **given: Any) -> Deed:
        """Add an event."""
        self.events.append(self.guest.event(kind, at, **given))
        return self.change(told=self.guest.told + 1)

    def tell_turn(self) -> Deed:
        """Let the voice line write down its next turn."""
        self.turns.append((self.guest.turns_told + 1, self.guest.turns[0]))
        return self.change(turns=self.guest.turns[1:], turns_told=self.guest.turns_told + 1)

    def change(self, **values: Any) -> Deed:
        """The guest is otherwise from now on."""
        self.guest = replace(self.guest, **values)
        return self

    @property
    def heard(self) -> list[Heard]:
        """The events as the intake takes them."""
        return [Heard(self.guest.uid, event) for event in self.events]
