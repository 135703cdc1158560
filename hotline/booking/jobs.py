"""Periodic work on bookings, and sending text messages. Each job is safe to run twice."""

from __future__ import annotations

from hotline.booking import sweep
from hotline.clock import local, now
from hotline.db import transaction


def expire_holds() -> None:
    """End what has run out, a slot a transaction: nobody waits long behind it."""
    while True:
        with transaction() as session:
            slots = sweep.due_slots(session, now())
        for slot_id in slots:
            with transaction() as session:
                sweep.expire(session, slot_id, now())
        if len(slots) < sweep.BATCH:
            return


def close_waiting() -> None:
    """End the waiting lists of days that have come."""
    with transaction() as session:
        sweep.close_waiting(session, now(), local(now()).date())
