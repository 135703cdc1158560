"""Sums over any hours, by whatever they are asked; always as of this moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import month_bounds, month_of, now
from hotline.statistics.models import MEASURES
from hotline.statistics.rules import Metric, Tally, occupancy

_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)
_LOCAL = "(hour AT TIME ZONE 'Asia/Shanghai')"
_BY = {
    "all": "0",
    "hour": f"extract(hour FROM {_LOCAL})::int",
    "day": f"{_LOCAL}::date",
    "month": f"to_char({_LOCAL}, 'YYYY-MM')",
    "day_hour": "hour",
    "category": "category",
    "queue": "queue",
    "month_category": f"to_char({_LOCAL}, 'YYYY-MM') || '/' || category",
}
_OF_CALLS = {
    name: text(
        f"SELECT {key} AS key, {_SUMS} FROM call_tally_now"  # noqa: S608 - names of ours only
        " WHERE hour >= :start AND hour < :end"
        " AND (CAST(:queue AS text) IS NULL OR queue = :queue)"
        " GROUP BY 1 HAVING sum(calls) <> 0 ORDER BY 1"
    )
    for name, key in _BY.items()
}
_OF_AGENTS = {
    name: text(
        f"SELECT {key} AS key, {_SUMS}"  # noqa: S608
        " FROM agent_tally_now LEFT JOIN person ON person.id = agent_id"
        " WHERE hour >= :start AND hour < :end AND agent_id <> 0"
        " AND (CAST(:agent AS bigint) IS NULL OR agent_id = :agent)"
        " AND (CAST(:team AS bigint) IS NULL OR team_id = :team)"
        " GROUP BY 1 HAVING sum(calls) <> 0 ORDER BY 1"
    )
    for name, key in {"agent": "agent_id", "team": "coalesce(team_id, 0)",
                      **{by: _BY[by] for by in ("all", "hour", "day", "month")}}.items()
}  # fmt: skip


def tallies(
    session: Session, by: str, start: datetime, end: datetime, queue: str | None = None
) -> dict[Any, Tally]:
    """Calls that began in [start, end), by ``all`` (key 0), ``hour`` of the day, ``day``,
    ``month``, ``day_hour`` (the instant), ``category`` ('' for none), ``queue`` or
    ``month_category`` (2026-11/booking).

    Both bounds are full hours.
    """
    return _read(session, _OF_CALLS[by], start=start, end=end, queue=queue)


def agent_tallies(
    session: Session,
    by: str,
    start: datetime,
    end: datetime,
    *,
    agent: int | None = None,
    team: int | None = None,
) -> dict[Any, Tally]:
    """Calls by who had them last: by ``agent`` (id), ``team`` (id, 0 for none), ``all``,
    ``hour``, ``day`` or ``month``; of everybody, of one agent or of those in a team now."""
    return _read(session, _OF_AGENTS[by], start=start, end=end, agent=agent, team=team)


def _read(session: Session, query: Any, **given: Any) -> dict[Any, Tally]:
    rows = session.execute(query, given).mappings()
    return {row["key"]: Tally(*(row[name] for name in MEASURES)) for row in rows}


# A stretch is looked for from a week before on: nobody talks or is ready for longer.
_PRESENCE = text(
    """
    SELECT c.person_id AS id, c.presence,
        sum(extract(epoch FROM least(coalesce(c.until_at, :now), :end, :now)
                               - greatest(c.from_at, :start)))::float8 AS seconds
    FROM person p JOIN presence_change c ON c.person_id = p.id
        AND c.from_at >= CAST(:start AS timestamptz) - interval '7 days' AND c.from_at < :end
    WHERE c.presence IN ('talking', 'wrap_up', 'ready')
        AND coalesce(c.until_at, :now) > :start AND c.from_at < :now
        AND (CAST(:agent AS bigint) IS NULL OR p.id = :agent)
        AND (CAST(:team AS bigint) IS NULL OR p.team_id = :team)
    GROUP BY 1, 2
    """
)


def occupancies(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    agent: int | None = None,
    team: int | None = None,
) -> dict[int, Metric]:
    """How busy each person was who was signed in, by id."""
    given = {"start": start, "end": end, "now": now(), "agent": agent, "team": team}
    spent: dict[int, dict[str, float]] = {}
    for key, presence, seconds in session.execute(_PRESENCE, given):
        spent.setdefault(key, {})[presence] = seconds
    return {
        key: occupancy(one.get("talking", 0) + one.get("wrap_up", 0), one.get("ready", 0))
        for key, one in spent.items()
    }


_FIRST = text("SELECT min(started_at) FROM call")


def months(session: Session) -> list[str]:
    """Every month from that of the first call to the present one, the oldest first."""
    first: datetime | None = session.execute(_FIRST).scalar()
    month, last = month_of(first or now()), month_of(now())
    found = [month]
    while month < last:
        month = month_of(month_bounds(month)[1])
        found.append(month)
    return found


_BOOKINGS = text(
    """
    SELECT to_char(confirmed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*) FROM booking
    WHERE confirmed_at >= :start AND confirmed_at < :end GROUP BY 1 ORDER BY 1
    """
)


def bookings_by_month(session: Session, start: datetime, end: datetime) -> dict[str, int]:
    """Bookings confirmed in [start, end), whatever became of them; months without any are left
    out."""
    rows = session.execute(_BOOKINGS, {"start": start, "end": end})
    return {row[0]: row[1] for row in rows}
