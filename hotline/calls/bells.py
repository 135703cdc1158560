"""After a batch: tell the pages what to look at again, and let presence follow the calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline import live
from hotline.agents.rules import Presence
from hotline.calls.folded import Folded
from hotline.calls.rules import TOGETHER, Source, State

# What happened longer ago than this rings nobody's bell and moves nobody's presence.
FRESH = timedelta(minutes=10)


def after_intake(session: Session, calls: Iterable[Folded], at: datetime) -> None:
    """Ring for what has just happened; imports and late events are quiet."""
    fresh = [call for call in calls if _is_fresh(call, at)]
    if not fresh:
        return
    follow_presence(session, fresh, at)
    changed = [call for call in fresh if _has_moved(call)]
    for call in changed:
        _tell_agents(session, call)
    if changed:
        tell_lists(session)


def _is_fresh(call: Folded, at: datetime) -> bool:
    quiet = call.source in (Source.IMPORT, Source.DEMO)
    return not quiet and at - call.facts.last_event_at <= FRESH


def _has_moved(call: Folded) -> bool:
    """Another state, or another telephone rings."""
    before = call.before
    return before is None or (before.state, before.agent_id) != (call.state, call.agent_id)


def _tell_agents(session: Session, call: Folded) -> None:
    message = {"call_uid": call.call_uid, "call_no": call.call_no, "state": call.state.value}
    event = "ring" if call.state is State.RINGING else "call"
    if call.agent_id:
        live.publish(session, f"agent:{call.agent_id}", event, message)
    left = call.before.agent_id if call.before else None
    if left and left != call.agent_id:
        live.publish(session, f"agent:{left}", "call", message)


def tell_lists(session: Session) -> None:
    """Lists of calls and the floor look again; whose call it was is not their business."""
    live.publish(session, "calls", "calls", {})
    live.publish(session, "board", "board", {})


# One statement for all: forty agents must not cost a hundred round trips. A person sits in
# one call at a time; of several in one batch the latest speaks.
_FOLLOW = text(
    """
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[])) AS w (id, presence)
    ), before AS (
        SELECT p.id, p.presence AS was, w.presence, greatest(:at, p.presence_since) AS moment
        FROM person p JOIN wanted w USING (id)
        WHERE p.presence <> w.presence AND (w.presence = 'talking' OR p.presence = 'talking')
        -- late news of an earlier call must not take anybody out of the present one
        AND (w.presence = 'talking' OR NOT EXISTS (
            SELECT FROM call c WHERE c.agent_id = p.id AND c.state IN ('talking', 'held')))
        ORDER BY p.id FOR UPDATE OF p
    ), closed AS (
        UPDATE presence_change c SET until_at = b.moment FROM before b
        WHERE c.person_id = b.id AND c.until_at IS NULL RETURNING c.person_id
    ), moved AS (
        UPDATE person p SET presence = b.presence, presence_since = b.moment FROM before b
        WHERE p.id = b.id RETURNING p.id
    )
    SELECT id, presence, moment, (SELECT count(*) FROM closed), (SELECT count(*) FROM moved)
    FROM before
    """
)
_OPEN = text(
    """
    INSERT INTO presence_change (person_id, presence, from_at)
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]),
                         CAST(:moments AS timestamptz[]))
    """
)


def follow_presence(session: Session, calls: Iterable[Folded], at: datetime) -> None:
    """Who speaks is 通话; who has just spoken is 话后."""
    in_order = sorted(calls, key=lambda call: call.facts.last_event_at)
    wanted = dict(each for call in in_order for each in _presences(call))
    if not wanted:
        return
    given = {"ids": list(wanted), "states": [p.value for p in wanted.values()], "at": at}
    moved = session.execute(_FOLLOW, given).all()
    if moved:
        ids, states, moments, _, _ = zip(*moved, strict=True)
        session.execute(_OPEN, {"ids": list(ids), "states": list(states), "moments": list(moments)})
        for agent_id, state in zip(ids, states, strict=True):
            live.publish(session, f"agent:{agent_id}", "presence", {"presence": state})


def _presences(call: Folded) -> Iterable[tuple[int, Presence]]:
    for leg, agent_id in zip(call.facts.legs, call.leg_agent_ids, strict=True):
        if agent_id and leg.answered_at:
            talking = leg.is_open and call.facts.state in TOGETHER
            yield agent_id, Presence.TALKING if talking else Presence.WRAP_UP
