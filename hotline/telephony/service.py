"""Taking a batch of events as a PBX sent it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from hotline import settings
from hotline.calls import aliases
from hotline.calls.facts import Heard
from hotline.calls.intake import Intake, record_events
from hotline.clock import now
from hotline.errors import Refused
from hotline.telephony.forms import MOST_EVENTS
from hotline.telephony.reading import Site, read_event

CONFLICT = ("event_conflict", "同一个 event_id 此前收到过不同的内容，以先收到的为准。")


def take_events(session: Session, raw: object) -> dict[str, Any]:
    """Store what can be stored; the answer says what became of each event.

    Raises Refused 413 for more than 500 events.
    """
    batch = raw if isinstance(raw, list) else [raw]
    if len(batch) > MOST_EVENTS:
        raise Refused("too_many_events", f"每次最多 {MOST_EVENTS} 个事件，请分批发送。", 413)
    heard, refused = _read(batch)
    result = record_events(session, aliases.joined(session, [one for _, one in heard]))
    return _answer(heard, result, refused)


def _read(batch: list[Any]) -> tuple[list[tuple[int, Heard]], list[dict[str, Any]]]:
    site = Site(now(), settings.current().area_code)
    heard, refused = [], []
    for index, raw in enumerate(batch):
        try:
            heard.append((index, read_event(raw, site)))
        except Refused as refusal:
            refused.append(_refusal(index, _id_of(raw), refusal.code, refusal.message))
    return heard, refused


def _answer(
    heard: list[tuple[int, Heard]], result: Intake, refused: list[dict[str, Any]]
) -> dict[str, Any]:
    conflicting = list(result.conflicting)
    for index, one in reversed(heard):  # of two in one batch the later one is the conflict
        if one.event_id in conflicting:
            conflicting.remove(one.event_id)
            refused.append(_refusal(index, one.event_id, *CONFLICT))
    duplicates = [
        {"event_id": event_id, "code": "duplicate", "message": "该事件此前已收到。"}
        for event_id in result.duplicate
    ]
    refused.sort(key=lambda refusal: refusal["index"])
    return {"accepted": result.accepted, "duplicate": duplicates, "refused": refused}


def _refusal(index: int, event_id: str | None, code: str, message: str) -> dict[str, Any]:
    return {"index": index, "event_id": event_id, "code": code, "message": message}


def _id_of(raw: object) -> str | None:
    event_id = raw.get("event_id") if isinstance(raw, dict) else None
    if not isinstance(event_id, str):
        return None
    return event_id[:128].encode(errors="replace").decode()
