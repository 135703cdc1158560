"""Ending what has run out, without being asked. Nothing depends on it but tidiness."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking import pool

_DUE = text(
    """
    SELECT DISTINCT slot_id FROM booking
    WHERE state IN ('held', 'offered') AND expires_at <= :at ORDER BY slot_id LIMIT :most
    """
)
_CLOSE_WAITING = text(
    """
    UPDATE booking b SET state = 'expired', settled_at = :at FROM slot s
    WHERE s.id = b.slot_id AND b.state = 'waiting' AND s.day <= :today
    """
)
BATCH = 200


def due_slots(session: Session, at: datetime) -> list[int]:
    """Slots where a hold or an offer has run out, some at a time."""
    return list(session.execute(_DUE, {"at": at, "most": BATCH}).scalars())


def expire(session: Session, slot_id: int, at: datetime) -> int:
    """End them in one slot; how many units came free."""
    return pool.clear(session, {slot_id}, at)


def close_waiting(session: Session, at: datetime, today: object) -> None:
    """Whoever still waits on the day itself waits in vain."""
    session.execute(_CLOSE_WAITING, {"at": at, "today": today})
