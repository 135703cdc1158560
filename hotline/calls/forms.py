"""What comes in and goes out at the doors of calls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from hotline.calls.rules import AbandonedIn, Direction, Disposition, State


def _code_of(value: object) -> object:
    """A disposition may be given by its label, as people and files write it."""
    return next((code for code in Disposition if value == code.label), value)


class CallPath(BaseModel):
    """Which call."""

    call_uid: str = Field(max_length=128)


class CallsQuery(BaseModel):
    """What a list is narrowed by; times are half-open."""

    from_: AwareDatetime | None = Field(default=None, alias="from")
    to: AwareDatetime | None = None
    state: State | None = None
    category: str | None = Field(default=None, max_length=32)
    agent: str | None = Field(default=None, max_length=64, description="user name or extension")
    caller: str | None = Field(default=None, max_length=32, description="a whole number")
    q: str | None = Field(default=None, max_length=100, description="words")
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=200)


class WrapUpIn(BaseModel):
    """How a call is sorted and settled."""

    category: str = Field(max_length=32)
    disposition: Annotated[Disposition, BeforeValidator(_code_of)]
    subcategory: str | None = Field(default=None, max_length=40)
    summary: str | None = Field(default=None, max_length=4000)
    result: str | None = Field(default=None, max_length=4000)
    follow_up: str | None = Field(default=None, max_length=500)
    caller_name: str | None = Field(default=None, max_length=60)
    confidential: bool = False


class CallOut(BaseModel):
    """A call as its reader may see it: the number masked, a confidential call's words hidden."""

    call_uid: str
    call_no: str
    direction: Direction
    state: State
    caller: str
    caller_name: str | None
    called: str | None
    queue: str | None
    agent: str | None
    agent_id: int | None
    started_at: datetime
    queued_at: datetime | None
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    ivr_seconds: int
    wait_seconds: int
    ring_seconds: int
    talk_seconds: int
    hold_seconds: int
    holds: int
    transfers: int
    consultations: int
    self_served: bool
    abandoned_in: AbandonedIn | None
    short_abandon: bool
    skewed: bool
    stale: bool
    category: str | None
    subcategory: str | None
    category_set: str | None
    disposition: Disposition | None
    summary: str | None
    result: str | None
    follow_up: str | None
    confidential: bool
    wrapped_up_at: datetime | None


class EventOut(BaseModel):
    """One event as it came; numbers are masked."""

    event_id: str
    type: str
    at: datetime
    received_at: datetime
    data: dict[str, Any]


class LegOut(BaseModel):
    """One agent's part."""

    agent: str | None
    agent_id: int | None
    ringing_at: datetime | None
    answered_at: datetime | None
    left_at: datetime | None
    talk_seconds: int
    hold_seconds: int


class TurnOut(BaseModel):
    """One turn of the voice line."""

    at: datetime
    expects: str | None
    prompt: str | None
    heard: str | None
    outcome: str | None
    slots: dict[str, Any]
    confidence: float | None = Field(default=None, description="0 to 1")
    missed: bool = False
    interrupted: bool = False
    latency_ms: int | None = Field(default=None, description="from the answer to our next word")


class CallDetailOut(CallOut):
    """A call with what happened in it."""

    events: list[EventOut]
    legs: list[LegOut]
    turns: list[TurnOut]


class CallsOut(BaseModel):
    """One page."""

    items: list[CallOut]
    next_cursor: str | None
    total: int | None = Field(description="counted up to 10,000, on the first page only")
    total_is_capped: bool
