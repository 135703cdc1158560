"""Calls whose voice-line process died with them: finished from what is on record."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline.calls import self_served
from hotline.calls.facts import CallEvent, Heard
from hotline.calls.intake import record_events
from hotline.calls.rules import EventType
from hotline.calls.voice_rules import Achieved, Left
from hotline.clock import now
from hotline.db import changed

# Longer than any question with its answer: a call of which no turn came meanwhile is no more.
SILENT = timedelta(minutes=5)
BATCH = 500
LOOK_BACK = timedelta(days=2)
_CUT_OFF = text(
    """
    WITH gone AS (
        SELECT v.call_uid, v.started_at, t.*,
               EXISTS (SELECT FROM booking b WHERE b.call_uid = v.call_uid
                       AND b.booking_no IS NOT NULL) AS has_booked
        FROM voice_call v LEFT JOIN LATERAL (
            SELECT count(*) AS turns, count(*) FILTER (WHERE missed) AS missed,
                   max(at) AS last_at, (array_agg(expects ORDER BY position DESC))[1] AS last_step,
                   max(model) AS model, coalesce(bool_or(slow), false) AS slow,
                   max(greatest(ended_ms, ready_ms, replied_ms, began_ms)) AS until_ms
            FROM call_turn WHERE call_uid = v.call_uid
        ) t ON true
        WHERE v.went = 'under_way' AND v.started_at <= :before
          AND (t.last_at IS NULL OR t.last_at <= :before)
        ORDER BY v.call_uid LIMIT :most
    )
    UPDATE voice_call v SET went = 'cut_off', turns = gone.turns, missed = gone.missed,
        last_step = gone.last_step, model = gone.model, slow = gone.slow,
        seconds = coalesce(gone.until_ms / 1000, 0),
        achieved = CASE WHEN gone.has_booked THEN 'booked' ELSE 'nothing' END
    FROM gone WHERE v.call_uid = gone.call_uid AND v.went = 'under_way'
    """
)


# Nobody spoke with them, and nobody else will sort them: a stale call is closed by then.
_BOOKED = text(
    """
    SELECT v.call_uid, v.started_at + v.seconds * interval '1 second' AS until
    FROM voice_call v JOIN call c ON c.call_uid = v.call_uid
    WHERE v.went = 'cut_off' AND v.achieved = 'booked' AND v.started_at > :since
      AND c.state = 'closed' AND c.answered_at IS NULL AND c.disposition IS NULL
    ORDER BY v.call_uid LIMIT :most
    """
)


def sort_booked(session: Session, at: datetime | None = None) -> int:
    """Calls that were cut off when their booking was made count as what they got, as those do
    that came to their end; how many."""
    moment = at or now()
    given = {"since": moment - LOOK_BACK, "most": BATCH}
    booked = session.execute(_BOOKED, given).all()
    for uid, until in booked:
        left = CallEvent(f"swept-{uid}-served", EventType.IVR_LEFT, until, next="booked")
        record_events(session, [Heard(uid, left)], received_at=moment)
        self_served.settle(session, uid, Achieved.BOOKED, Left.CUT_OFF)
    return len(booked)


def finish_cut_off(session: Session, at: datetime | None = None) -> int:
    """Finish the records of calls that nobody is with any more; how many."""
    given = {"before": (at or now()) - SILENT, "most": BATCH}
    return changed(session, _CUT_OFF, given)
