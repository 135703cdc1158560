"""Events as rows: numbers encrypted, repetitions recognised, many at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline import security
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.rules import Direction, EventType

FIELDS = (
    "caller", "called", "queue", "agent", "next", "from_agent", "to", "original_caller",
    "cause", "by",
)  # fmt: skip
PRIVATE = "call_event.private"
# The outside party's numbers, and anything else that could be a number a person answers.
_ALWAYS_PRIVATE = {"caller", "original_caller"}
_LIKE_A_NUMBER = re.compile(r"\d(?:[ -]?\d){6}")


def digest(heard: Heard) -> bytes:
    """A keyed hash of what was said: receipt time and order of fields do not count."""
    event = heard.event
    said = [heard.call_uid, event.type.value, event.at.timestamp(), event.direction]
    said += [getattr(event, name) for name in FIELDS]
    return security.lookup_hash("event", json.dumps(said, ensure_ascii=False))


def known_digests(session: Session, event_ids: Sequence[str]) -> dict[str, bytes]:
    """The digests of those of these events that are stored."""
    rows = session.execute(
        text("SELECT event_id, digest FROM call_event WHERE event_id = ANY(:ids)"),
        {"ids": list(event_ids)},
    )
    return {event_id: bytes(value) for event_id, value in rows}


_INSERT = text(
    """
    INSERT INTO call_event (event_id, call_uid, type, at, received_at, data, private, digest)
    SELECT e, c, t, a, r, d::jsonb, p, g FROM unnest(
        CAST(:event_id AS text[]), CAST(:call_uid AS text[]), CAST(:type AS text[]),
        CAST(:at AS timestamptz[]), CAST(:received_at AS timestamptz[]),
        CAST(:data AS text[]), CAST(:private AS bytea[]), CAST(:digest AS bytea[])
    ) AS given (e, c, t, a, r, d, p, g)
    ON CONFLICT (event_id) DO NOTHING RETURNING event_id
    """
)


def insert_events(
    session: Session, new: Iterable[tuple[Heard, bytes]], received_at: datetime
) -> set[str]:
    """Add events, in order of their ids so that no two writers wait for each other.

    Gives the ids that went in: another process may have been faster with the rest.
    """
    rows = sorted(new, key=lambda pair: pair[0].event_id)
    split = [_split(heard.event) for heard, _ in rows]
    given = {
        "event_id": [heard.event_id for heard, _ in rows],
        "call_uid": [heard.call_uid for heard, _ in rows],
        "type": [heard.event.type.value for heard, _ in rows],
        "at": [heard.event.at for heard, _ in rows],
        "received_at": [heard.event.received_at or received_at for heard, _ in rows],
        "data": [json.dumps(open_part, ensure_ascii=False) for open_part, _ in split],
        "private": [_sealed(private) for _, private in split],
        "digest": [print_ for _, print_ in rows],
    }
    return {event_id for (event_id,) in session.execute(_INSERT, given)}


def _split(event: CallEvent) -> tuple[dict[str, str], dict[str, str]]:
    """What may stand in plain JSON, and what is personal."""
    said = {name: value for name in FIELDS if (value := getattr(event, name)) is not None}
    if event.direction:
        said["direction"] = event.direction.value
    private = {name: value for name, value in said.items() if _is_private(name, value, event)}
    return {name: value for name, value in said.items() if name not in private}, private


def _is_private(name: str, value: str, event: CallEvent) -> bool:
    if name == "called":  # our own number, unless an agent dialled out by another route
        return event.direction is Direction.INTERNAL and looks_like_a_number(value)
    return name in _ALWAYS_PRIVATE or looks_like_a_number(value)


def looks_like_a_number(value: str) -> bool:
    """Could this text hold a telephone number?"""
    return _LIKE_A_NUMBER.search(value) is not None


def _sealed(private: dict[str, str]) -> bytes | None:
    if not private:
        return None
    return security.encrypt(PRIVATE, json.dumps(private, ensure_ascii=False))


def opened(data: dict[str, Any], private: bytes | None) -> dict[str, Any]:
    """All that an event said, its numbers too."""
    if private is None:
        return data
    kept: dict[str, Any] = json.loads(security.decrypt(PRIVATE, bytes(private)))
    return data | kept


_SELECT = text(
    """
    SELECT call_uid, event_id, type, at, received_at, data, private
    FROM call_event WHERE call_uid = ANY(:uids)
    """
)


def events_of(session: Session, call_uids: Sequence[str]) -> dict[str, list[CallEvent]]:
    """Every stored event of these calls."""
    found: dict[str, list[CallEvent]] = {uid: [] for uid in call_uids}
    for uid, event_id, kind, at, received_at, data, private in session.execute(
        _SELECT, {"uids": list(call_uids)}
    ):
        said = opened(data, private)
        direction = Direction.known(said.pop("direction", None))
        event = CallEvent(event_id, EventType(kind), at, received_at, direction, **said)
        found[uid].append(event)
    return found
