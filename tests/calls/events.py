"""Events in few words: at(seconds) from nine o'clock, and a whole call as a list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hotline.calls.facts import CallEvent
from hotline.calls.rules import EventType

NINE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So many seconds after nine in Shanghai."""
    return NINE + timedelta(seconds=seconds)


def event(kind: str, seconds: float, **given: object) -> CallEvent:
    """An event received when it happened, named after its kind and second."""
    fields = {"event_id": f"{kind}-{seconds:g}", "received_at": at(seconds)} | given
    return CallEvent(type=EventType(kind), at=at(seconds), **fields)


def answered_call() -> list[CallEvent]:
    """IVR 10 s, queue 5 s, ring 5 s, talk 60 s with a hold of 20 s, end at 80 s."""
    return [
        event("started", 0, caller="+8613800001111", called="12320"),
        event("ivr_entered", 0),
        event("ivr_left", 10, next="queue"),
        event("queued", 10, queue="hotline"),
        event("ringing", 15, agent="8001"),
        event("answered", 20, agent="8001"),
        event("held", 40),
        event("resumed", 60),
        event("ended", 80, cause="normal", by="caller"),
    ]
