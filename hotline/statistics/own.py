"""What one agent has done: the legs they spoke, the calls they had last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from hotline.statistics import service
from hotline.statistics.rules import Metric, Tally, occupancy

_LEGS = text(
    """
    SELECT count(answered_at) AS answered, count(*) FILTER (WHERE answered_at IS NULL
        AND left_at IS NOT NULL AND ringing_at IS NOT NULL) AS missed,
        coalesce(sum(talk_seconds), 0)::bigint AS talk,
        coalesce(sum(hold_seconds), 0)::bigint AS hold
    FROM call_leg WHERE agent_id = :agent
        AND coalesce(ringing_at, answered_at) >= :start AND coalesce(ringing_at, answered_at) < :end
    """
)
_CATEGORIES = text(
    """
    SELECT coalesce(category, ''), count(*) FROM call
    WHERE agent_id = :agent AND started_at >= :start AND started_at < :end
        AND direction = 'inbound' AND answered_at IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC
    """
)


@dataclass(frozen=True)
class Own:
    """``answered`` and ``missed`` are rings, so a call taken over from a colleague is in them;
    ``tally`` has each call with who had it last; ``categories`` by code, '' for none."""

    answered: int
    missed: int
    talk_seconds: int
    hold_seconds: int
    tally: Tally
    by_day: dict[object, Tally]
    by_hour: dict[object, Tally]
    categories: dict[str, int]
    busy: Metric


def of(session: Session, agent: int, start: datetime, end: datetime) -> Own:
    """One agent's figures over [start, end), full hours."""
    given = {"agent": agent, "start": start, "end": end}
    legs = session.execute(_LEGS, given).one()
    by_day = service.agent_tallies(session, "day", start, end, agent=agent)
    busy = service.occupancies(session, start, end, agent=agent)
    return Own(
        legs.answered,
        legs.missed,
        legs.talk,
        legs.hold,
        service.agent_tallies(session, "all", start, end, agent=agent).get(0, Tally()),
        by_day,
        service.agent_tallies(session, "hour", start, end, agent=agent),
        {row[0]: row[1] for row in session.execute(_CATEGORIES, given)},
        busy.get(agent, occupancy(0, 0)),
    )
