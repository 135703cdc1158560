"""Calls whose voice-line process died with them: finished from what is on record."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import now
from hotline.db import changed

# Longer than any question with its answer: a call of which no turn came meanwhile is no more.
SILENT = timedelta(minutes=5)
BATCH = 500
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


def finish_cut_off(session: Session, at: datetime | None = None) -> int:
    """Finish the records of calls that nobody is with any more; how many."""
    given = {"before": (at or now()) - SILENT, "most": BATCH}
    return changed(session, _CUT_OFF, given)
