"""What comes in and goes out at the machine doors of work orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from workorders.exchange.rules import IncomingState, OutgoingState, Via
from workorders.platforms.wire import EventType
from workorders.rules import Kind, Origin, Satisfaction, State, Step, Urgency


class OrderPath(BaseModel):
    """Which order."""

    order_no: str = Field(max_length=20, description="our number, as WO20261121-000001")


class PlatformPath(BaseModel):
    """Which platform."""

    platform: str = Field(max_length=20)


class OrdersQuery(BaseModel):
    """What the list is narrowed by."""

    platform: str | None = Field(default=None, max_length=20, description="city, province, self")
    state: State | None = None
    remote_no: str | None = Field(default=None, max_length=64)
    updated_since: AwareDatetime | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200)


class OrderOut(BaseModel):
    """An order as its reader may see it: numbers masked, a confidential order's words hidden."""

    order_no: str
    remote_no: str | None
    platform: str
    state: State
    state_label: str
    remote_status: str | None
    remote_version: int | None
    round: int
    kind: Kind
    category_code: str | None
    urgency: Urgency
    confidential: bool
    reply_wanted: bool
    flags: list[str]
    title: str
    place: str
    target: str
    caller_name: str
    caller_phone: str
    received_at: datetime
    dispatched_at: datetime | None
    remote_due_at: datetime | None
    replied_at: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    updated_at: datetime
    satisfaction: Satisfaction | None
    master_no: str | None = None


class OrdersOut(BaseModel):
    """A page, the earliest change first; ``next_cursor`` is null on the last page."""

    items: list[OrderOut]
    next_cursor: str | None


class StepOut(BaseModel):
    """A line of the timeline."""

    at: datetime
    step: Step
    before: State | None
    after: State
    origin: Origin
    by: str
    content: str
    detail: dict[str, Any]


class AttemptOut(BaseModel):
    """One request to the platform."""

    at: datetime
    attempt: int
    outcome: str
    status: int | None
    milliseconds: int
    error: str | None


class EventOut(BaseModel):
    """Something the platform was to hear, with every attempt to tell it."""

    event_id: str
    type: EventType
    state: OutgoingState
    created_at: datetime
    settled_at: datetime | None
    last_error: str | None
    attempts: list[AttemptOut]


class ArrivalOut(BaseModel):
    """Something that came from the platform about this order. ``times``: how often the same."""

    received_at: datetime
    via: Via
    version: int | None
    state: IncomingState
    reason: str | None
    times: int


class ExchangeOut(BaseModel):
    """Both directions, oldest first."""

    sent: list[EventOut]
    received: list[ArrivalOut]


class OrderDetailOut(OrderOut):
    """One order, whole."""

    content: str
    reply: str
    public_reply: str
    timeline: list[StepOut]
    exchange: ExchangeOut


class TakenOut(BaseModel):
    """The contract's answer to what was pushed: ``code`` 0 is success."""

    code: int = Field(examples=[0])
    message: str = ""
    data: None = None
    request_id: str = ""
