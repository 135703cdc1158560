"""Calls of a made-up day in few words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from hotline.calls.facts import CallEvent, Heard
from hotline.calls.intake import record_events
from hotline.calls.models import Call
from hotline.calls.rules import EventType
from hotline.classification.vocabulary import set_version
from hotline.clock import month_of


def told(
    session: Session,
    uid: str,
    start: datetime,
    *,
    category: str | None = None,
    answered: bool = True,
    agent: str = "8001",
    caller: str | None = None,
    wait: float = 5,
    talk: float = 60,
    hours_late: float = 0,
) -> None:
    """One inbound call: queued after 10 s, answered after ``wait`` s more or given up then."""
    steps: list[tuple[EventType, float, dict[str, Any]]] = [
        (EventType.STARTED, 0, {"caller": caller, "called": "12320"}),
        (EventType.QUEUED, 10, {"queue": "hotline"}),
    ]
    if answered:
        steps.append((EventType.ANSWERED, 10 + wait, {"agent": agent}))
    end = 10 + wait + (talk if answered else 0)
    steps.append((EventType.ENDED, end, {"by": "caller"}))
    heard = [
        Heard(uid, CallEvent(f"{uid}-{kind}", kind, start + timedelta(seconds=after), **more))
        for kind, after, more in steps
    ]
    received = start + timedelta(seconds=end, hours=hours_late)
    record_events(session, heard, received_at=received)
    if category:
        sort_call(session, uid, category, start + timedelta(seconds=end + 20))


def sort_call(session: Session, uid: str, category: str, at: datetime) -> None:
    """Put a call under a category, as a wrap-up or an import does."""
    values = {
        "category": category,
        "category_set": set_version(month_of(at)),
        "disposition": "non_business" if category == "non_business" else "answered",
        "wrapped_up_at": at,
        "state": "closed",
    }
    session.execute(update(Call).where(col(Call.call_uid) == uid).values(values))
