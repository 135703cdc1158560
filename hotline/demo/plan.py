"""What is told of one call: its events, what the voice line heard, what the agent wrote. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hotline.agents.rules import Presence
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.rules import Direction, EventType
from hotline.calls.voice_rules import Detail, Whole
from hotline.demo.callers import Caller
from hotline.demo.stories import Story

HOTLINE = "12320"


@dataclass(frozen=True)
class TurnPlan:
    """One turn of the voice line."""

    at: datetime
    expects: str
    prompt: str
    heard: str
    outcome: str
    slots: dict[str, str]
    detail: Detail = field(default_factory=Detail)


@dataclass(frozen=True)
class WrapUpPlan:
    """What was written, by whom and when; ``by`` is None where the voice line did it alone."""

    story: Story
    by: str | None
    at: datetime


@dataclass
class CallPlan:
    """One call as it will be written."""

    uid: str
    caller: Caller
    starts: datetime
    direction: Direction = Direction.INBOUND
    events: list[CallEvent] = field(default_factory=list)
    turns: list[TurnPlan] = field(default_factory=list)
    voice: Whole | None = None
    wrap_up: WrapUpPlan | None = None
    is_danger: bool = False

    def say(self, kind: EventType, at: datetime, **given: Any) -> None:
        """Add an event."""
        event_id = f"{self.uid}-{len(self.events) + 1}"
        self.events.append(CallEvent(event_id, kind, at, at, **given))

    def start(self) -> None:
        """The first event: who called whom."""
        called = HOTLINE if self.direction is Direction.INBOUND else None
        self.say(
            EventType.STARTED,
            self.starts,
            direction=self.direction,
            caller=self.caller.number,
            called=called,
        )

    @property
    def has_end(self) -> bool:
        """Did the PBX say that it ended?"""
        return self.events[-1].type is EventType.ENDED

    @property
    def last_at(self) -> datetime:
        """When the last thing happened, wrap-up included."""
        told = self.events[-1].at
        return max(told, self.wrap_up.at) if self.wrap_up else told

    @property
    def heard(self) -> list[Heard]:
        """The events as the intake takes them."""
        return [Heard(self.uid, event) for event in self.events]


@dataclass(frozen=True)
class Stretch:
    """One stretch of one person's presence."""

    username: str
    presence: Presence
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class DayPlan:
    """A day of the demonstration city, calls in order of their start."""

    calls: list[CallPlan]
    presence: list[Stretch]


def seconds(count: float) -> timedelta:
    """A whole number of seconds: what a PBX tells."""
    return timedelta(seconds=round(count))
