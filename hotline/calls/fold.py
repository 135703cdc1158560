"""A call's facts as a fold over its events: any order, any repetition, any delay. Pure.

How doubtful times are settled:

- one event id counts once; of several receipts the first is meant;
- a time more than five minutes ahead of its receipt is not believed: the receipt stands in
  for it and the call is marked ``skewed``. A time long before its receipt is a delay, and kept;
- a call of which something was told a day after it happened is marked ``told_late``;
- events go by time, then by their place in a call's life, then by id;
- ``started`` is the start (else the first event), the last ``ended`` the end; everything else
  is moved inside these two, so no span is ever negative and ``ended`` wins whenever it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hotline.calls.facts import CallEvent, CallFacts
from hotline.calls.rules import RANK, EventType, is_told_late, runs_ahead
from hotline.calls.walk import Walk


def fold(events: Iterable[CallEvent], short_abandon_seconds: int = 5) -> CallFacts:
    """The facts of one call. Raises ValueError when there is no event."""
    known = _distinct(events)
    if not known:
        raise ValueError("a call without events")
    times = [(_believed(event), event) for event in known]
    start, end = _bounds(times)
    walk = Walk(CallFacts(started_at=start, last_event_at=max(at for at, _ in times)), start)
    walk.facts.skewed = any(runs_ahead(event.at, event.received_at) for event in known)
    walk.facts.told_late = any(is_told_late(event.at, event.received_at) for event in known)
    for at, event in sorted(((_inside(at, start, end), e) for at, e in times), key=_order):
        walk.take(at, event)
    return walk.finish(end, short_abandon_seconds)


def _distinct(events: Iterable[CallEvent]) -> list[CallEvent]:
    first: dict[str, CallEvent] = {}
    for event in events:
        kept = first.get(event.event_id)
        if kept is None or _receipt(event) < _receipt(kept):
            first[event.event_id] = event
    return list(first.values())


def _receipt(event: CallEvent) -> datetime:
    return event.received_at or event.at


def _believed(event: CallEvent) -> datetime:
    if event.received_at is not None and runs_ahead(event.at, event.received_at):
        return event.received_at
    return event.at


def _bounds(times: list[tuple[datetime, CallEvent]]) -> tuple[datetime, datetime | None]:
    starts = [at for at, event in times if event.type is EventType.STARTED]
    ends = [at for at, event in times if event.type is EventType.ENDED]
    start = min(starts or [at for at, _ in times])
    return start, max(*ends, start) if ends else None


def _inside(at: datetime, start: datetime, end: datetime | None) -> datetime:
    at = max(at, start)
    return min(at, end) if end else at


def _order(timed: tuple[datetime, CallEvent]) -> tuple[datetime, int, datetime, str]:
    # An early ``ended`` of several (a leg's hang-up) must not come before what it ends,
    # and the sender's own times still order what was moved to one moment.
    at, event = timed
    return at, RANK[event.type], event.at, event.event_id
