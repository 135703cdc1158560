"""Periodic work on bookings, and sending text messages. Each job is safe to run twice."""

from __future__ import annotations

from hotline.booking import attendance, gateway, people, sending, spelling, sweep
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


def close_past() -> None:
    """End the waiting lists of days that have come, and settle visits nobody reported where the
    hospital's rules say how."""
    at = now()
    with transaction() as session:
        sweep.close_waiting(session, at, local(at).date())
    with transaction() as session:
        unreported = attendance.unreported(session, local(at).date())
    for booking_no in unreported:
        with transaction() as session:
            attendance.settle_unreported(session, booking_no, at)


def send_due_texts() -> None:
    """Empty the outbox; a failed try is noted and comes again."""
    with transaction() as session:
        messages = sending.due(session, now())
    for message_id in messages:
        sending.send(message_id, gateway.chosen())


def index_names() -> None:
    """Hashes and letters for patients and places that were added without, some at a time."""
    for write in (people.write, spelling.write):
        written = 1
        while written:
            with transaction() as session:
                written = write(session)
