"""Calls whose end was never heard of are closed, and corrected when it is heard after all."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline import settings
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence
from hotline.calls import bells, call_store, intake
from hotline.calls.rules import LIVE
from hotline.clock import now

BATCH = 500

# Silent since the last thing we received, not since the last thing that happened: an event
# may be told late, and a call about which we have just learnt something is not dead.
_SILENT = text(
    """
    SELECT call_uid FROM call WHERE state = ANY(:live) AND updated_at <= :before
    ORDER BY call_uid LIMIT :most FOR UPDATE SKIP LOCKED
    """
)
_CLOSE = text("UPDATE call SET stale_closed_at = :now WHERE call_uid = ANY(:uids)")
# An agent who went home leaves a wrap-up; the call is on the list of those without disposition.
_LEAVE_WRAP_UP = text(
    "UPDATE call SET state = 'closed', updated_at = :now"
    " WHERE state = 'wrap_up' AND ended_at <= :before"
)


def sweep_stale(session: Session, at: datetime | None = None) -> int:
    """Close calls silent for ``stale_call_minutes``; how many."""
    moment = at or now()
    before = moment - timedelta(minutes=settings.current().stale_call_minutes)
    given = {"live": [state.value for state in LIVE], "before": before, "most": BATCH}
    uids = list(session.execute(_SILENT, given).scalars())
    if uids:
        session.execute(_CLOSE, {"uids": uids, "now": moment})
        known = call_store.lock(session, uids)
        bells.after_intake(session, intake.refold(session, known, moment), moment)
    session.execute(_LEAVE_WRAP_UP, {"before": before, "now": moment})
    return len(uids)


# Two minutes: events of one call may come in several batches.
STRANDED_AFTER = timedelta(minutes=2)
_STRANDED = text(
    """
    SELECT p.id FROM person p
    WHERE p.presence = 'talking' AND p.presence_since <= :before AND NOT EXISTS (
        SELECT FROM call c
        WHERE c.agent_id = p.id AND c.state IN ('talking', 'held', 'transferring'))
    ORDER BY p.id
    """
)


def free_stranded(session: Session, at: datetime | None = None) -> int:
    """People shown as talking though no call has them go to wrap-up, from where they choose."""
    before = (at or now()) - STRANDED_AFTER
    stranded = list(session.execute(_STRANDED, {"before": before}).scalars())
    for person_id in stranded:
        set_presence(session, person_id, Presence.WRAP_UP)
    return len(stranded)
