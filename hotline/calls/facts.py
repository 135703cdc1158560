"""What a PBX said of a call and what is known of it. Plain data, pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hotline.calls.rules import AbandonedIn, Direction, EventType, State
from hotline.clock import month_of


@dataclass(frozen=True)
class CallEvent:
    """One thing a PBX said. ``from_agent`` and ``to`` are the two ends of a transfer."""

    event_id: str
    type: EventType
    at: datetime
    received_at: datetime | None = None
    direction: Direction | None = None
    caller: str | None = None
    called: str | None = None
    queue: str | None = None
    agent: str | None = None
    next: str | None = None
    from_agent: str | None = None
    to: str | None = None
    original_caller: str | None = None
    cause: str | None = None
    by: str | None = None


@dataclass(frozen=True)
class Heard:
    """One event and the call it belongs to."""

    call_uid: str
    event: CallEvent

    @property
    def event_id(self) -> str:
        """The id by which a repetition is recognised."""
        return self.event.event_id


@dataclass
class Leg:
    """One agent's part in a call."""

    agent: str | None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    left_at: datetime | None = None
    talk_seconds: int = 0
    hold_seconds: int = 0
    _talk: timedelta = field(default_factory=timedelta, repr=False, compare=False)
    _hold: timedelta = field(default_factory=timedelta, repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Is this agent on the line?"""
        return self.answered_at is not None and self.left_at is None


@dataclass
class CallFacts:
    """What is known of a call. Seconds are whole and never negative."""

    started_at: datetime
    last_event_at: datetime
    state: State = State.ARRIVING
    direction: Direction = Direction.INBOUND
    caller: str | None = None
    called: str | None = None
    queue: str | None = None
    agent: str | None = None
    queued_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    waiting_since: datetime | None = None
    ivr_seconds: int = 0
    wait_seconds: int = 0
    ring_seconds: int = 0
    talk_seconds: int = 0
    hold_seconds: int = 0
    holds: int = 0
    transfers: int = 0
    consultations: int = 0
    self_served: bool = False
    abandoned_in: AbandonedIn | None = None
    short_abandon: bool = False
    end_cause: str | None = None
    ended_by: str | None = None
    skewed: bool = False
    told_late: bool = False
    legs: list[Leg] = field(default_factory=list)

    @property
    def month(self) -> str:
        """The Shanghai month of the start: the one a call belongs to."""
        return month_of(self.started_at)
