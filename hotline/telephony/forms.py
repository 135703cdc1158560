"""What comes in and goes out at the telephony door, as OpenAPI describes it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, RootModel, WithJsonSchema

from hotline.calls.rules import EventType

MOST_EVENTS = 500

_TEXT = {"type": "string", "maxLength": 64}
_ID = {"type": "string", "minLength": 1, "maxLength": 128}
EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["event_id", "call_uid", "type", "at"],
    "properties": {
        "event_id": _ID,
        "call_uid": _ID,
        "type": {"type": "string", "enum": [kind.value for kind in EventType]},
        "at": {"type": "string", "format": "date-time"},
        "caller": _TEXT,
        "called": _TEXT,
        "direction": {"type": "string", "enum": ["inbound", "outbound", "internal"]},
        "next": _TEXT,
        "queue": _TEXT,
        "agent": _TEXT | {"description": "extension, channel or user name"},
        "from": _TEXT,
        "to": _TEXT,
        "original_caller": _TEXT,
        "cause": _TEXT,
        "by": _TEXT,
    },
}
_BATCH: dict[str, Any] = {
    "oneOf": [EVENT_SCHEMA, {"type": "array", "items": EVENT_SCHEMA, "maxItems": MOST_EVENTS}]
}


class EventsIn(RootModel[Annotated[Any, WithJsonSchema(_BATCH)]]):
    """One event or a list. Not validated as a whole: one bad event must not refuse the rest."""


class RefusedEvent(BaseModel):
    """An event that was not taken, and why. Sending it again unchanged is of no use."""

    index: int = Field(description="position in the list that was sent, from 0")
    event_id: str | None
    code: str
    message: str


class DuplicateEvent(BaseModel):
    """An event that was there already: nothing to do."""

    event_id: str
    code: str = "duplicate"
    message: str = "该事件此前已收到。"


class EventsOut(BaseModel):
    """What became of each event."""

    accepted: list[str]
    duplicate: list[DuplicateEvent]
    refused: list[RefusedEvent]
