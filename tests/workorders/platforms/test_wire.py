"""Events leave as the contract says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from workorders.platforms.wire import Attachment, EventType, OutgoingEvent
from workorders.rules import Satisfaction

EVENT_ID = UUID("7b1f8a52-0d0c-4c8e-9c3e-6c1f6b0f9a01")
AT = datetime(2026, 11, 21, 1, 30, 0, 123456, tzinfo=UTC)


def test_an_event_has_every_field_of_the_contract() -> None:
    event = OutgoingEvent(
        event_id=EVENT_ID,
        type=EventType.CALLBACK,
        at=AT,
        operator="张三",
        content="已回访",
        solved=True,
        satisfaction=Satisfaction.SATISFIED,
        attachments=(Attachment(name="a", sha256="", url="u"),),
    )
    assert json.loads(event.body()) == {
        "event_id": str(EVENT_ID),
        "type": "callback",
        "at": "2026-11-21T09:30:00+08:00",
        "operator": "张三",
        "unit": "",
        "content": "已回访",
        "until": None,
        "solved": True,
        "satisfaction": "满意",
        "attachments": [{"name": "a", "sha256": "", "url": "u"}],
    }


def test_types_are_the_contracts() -> None:
    wanted = "accept|return|extend|assign|progress|reply|callback|rework_done"
    assert "|".join(EventType) == wanted


def test_a_time_without_an_offset_does_not_leave() -> None:
    with pytest.raises(ValidationError):
        OutgoingEvent(
            event_id=EVENT_ID,
            type=EventType.ACCEPT,
            at=AT.replace(tzinfo=None),
            operator="张三",
        )
