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
from hotline.calls.rows import as_json, record_set
from hotline.calls.rules import Direction, EventType

FIELDS = (
    "caller", "called", "queue", "agent", "next", "from_agent", "to", "original_caller",
    "cause", "by",
)  # fmt: skip
PRIVATE = "call_event.private"
_KINDS = {kind.value: kind for kind in EventType}
_DIRECTIONS: dict[str | None, Direction] = {each.value: each for each in Direction}
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


_COLUMNS = {
    "event_id": "text",
    "call_uid": "text",
    "type": "text",
    "at": "timestamptz",
    "received_at": "timestamptz",
    "data": "jsonb",
    "private": "bytea",
    "digest": "bytea",
}
_NAMES = ", ".join(_COLUMNS)
_INSERT = text(
    f"INSERT INTO call_event ({_NAMES}) SELECT {_NAMES} FROM {record_set(_COLUMNS)}"  # noqa: S608
    " ON CONFLICT (event_id) DO NOTHING RETURNING event_id"
)


def insert_events(
    session: Session, new: Iterable[tuple[Heard, bytes]], received_at: datetime
) -> set[str]:
    """Add events, in order of their ids so that no two writers wait for each other.

    Gives the ids that went in: another process may have been faster with the rest.
    """
    ordered = sorted(new, key=lambda pair: pair[0].event_id)
    rows = [_row(heard, print_, received_at) for heard, print_ in ordered]
    return set(session.execute(_INSERT, {"rows": as_json(rows)}).scalars())


def _row(heard: Heard, print_: bytes, received_at: datetime) -> dict[str, Any]:
    event = heard.event
    open_part, private = _split(event)
    return {
        "event_id": event.event_id,
        "call_uid": heard.call_uid,
        "type": event.type.value,
        "at": event.at,
        "received_at": event.received_at or received_at,
        "data": open_part,
        "private": _sealed(private),
        "digest": print_,
    }


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
    rows = session.execute(_SELECT, {"uids": list(call_uids)}).all()
    for uid, event_id, kind, at, received_at, data, private in rows:
        said = opened(data, private)
        direction = _DIRECTIONS.get(said.pop("direction", None))
        event = CallEvent(event_id, _KINDS[kind], at, received_at, direction, **said)
        found[uid].append(event)
    return found
