"""Callers who call again: first-call resolution and repeated calls, kept by day.

A day's figures look a week back and a week ahead, from call to call, which no sum per hour can.
They are counted once a day has come to rest, and again while it has not; a change of an older call
takes the days away that it may touch, and a day that is not kept is counted when it is asked for.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import day_bounds, local, now
from hotline.statistics.rules import AGAIN_WITHIN, MOVING_DAYS, Measured, Metric

KEPT_DAYS = 400
# A result that is changed within a month changes no other sum: those days are counted daily.
SETTLED_DAYS = 31
_COUNTS = "ripe, solved, known, again"
# The index over caller and time is asked for each call: a day is 33,000 calls of a million a month.
_COUNT = """
    SELECT day, count(*) FILTER (WHERE is_ripe) AS ripe,
        count(*) FILTER (WHERE is_ripe AND is_solved) AS solved, count(*) AS known,
        count(*) FILTER (WHERE called_before) AS again
    FROM (
        SELECT (c.started_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
            coalesce(ripe.is_so, false) AS is_ripe,
            CASE WHEN ripe.is_so AND c.disposition NOT IN ('to_unit', 'call_back', 'work_order')
                THEN NOT EXISTS (SELECT FROM call n WHERE n.caller_hash = c.caller_hash
                    AND n.direction = 'inbound' AND n.started_at >= c.started_at
                    AND n.started_at <= c.started_at + CAST(:within AS interval)
                    AND (n.started_at, n.id) > (c.started_at, c.id)) END AS is_solved,
            EXISTS (SELECT FROM call b WHERE b.caller_hash = c.caller_hash
                AND b.direction = 'inbound' AND b.started_at <= c.started_at
                AND b.started_at >= c.started_at - CAST(:within AS interval)
                AND (b.started_at, b.id) < (c.started_at, c.id)) AS called_before
        FROM call c CROSS JOIN LATERAL (SELECT c.answered_at IS NOT NULL
            AND c.disposition IS NOT NULL AND c.category <> 'non_business'
            AND c.started_at < :ripe_before AS is_so) AS ripe
        WHERE c.direction = 'inbound' AND c.caller_hash IS NOT NULL
            AND c.started_at >= :start AND c.started_at < :end
    ) AS each GROUP BY day
"""
_LIVE = text(_COUNT)
_KEEP = text(
    f"INSERT INTO return_tally (day, {_COUNTS}, counted_at)"  # noqa: S608 - names of ours only
    f" SELECT CAST(:day AS date), coalesce(sum(ripe), 0), coalesce(sum(solved), 0),"
    f" coalesce(sum(known), 0), coalesce(sum(again), 0), :now FROM ({_COUNT}) AS counted"
    " ON CONFLICT (day) DO UPDATE SET ripe = excluded.ripe, solved = excluded.solved,"
    " known = excluded.known, again = excluded.again, counted_at = excluded.counted_at"
)
_KEPT = text(
    f"SELECT day, {_COUNTS} FROM return_tally"  # noqa: S608
    " WHERE day >= :first AND day <= :last ORDER BY day"
)
_LACKING = text(
    """
    SELECT a::date FROM generate_series(greatest(CAST(:first AS date),
            (SELECT (min(started_at) AT TIME ZONE 'Asia/Shanghai')::date FROM call)),
        CAST(:last AS date), interval '1 day') AS a
    WHERE NOT EXISTS (SELECT FROM return_tally k WHERE k.day = a::date
        AND (k.day < :settled OR k.counted_at > :fresh))
    ORDER BY 1 DESC
    """
)


def returning(session: Session, start: datetime, end: datetime) -> list[Metric]:
    """First-call resolution, and callers who called again, over whole Shanghai days.

    Kept days are read; the moving ones are as old as their last count (half an hour at most).
    """
    first, last = local(start).date(), local(end - timedelta(microseconds=1)).date()
    rows = [dict(row) for row in
            session.execute(_KEPT, {"first": first, "last": last}).mappings()]  # fmt: skip
    days = {row["day"] for row in rows}
    for begin, until in _gaps(first, min(last, local(now()).date()), days):
        rows += _counted(session, begin, until)
    sums = {name: sum(row[name] for row in rows) for name in _COUNTS.split(", ")}
    return [
        Metric(Measured.FIRST_CALL, sums["solved"], sums["ripe"]),
        Metric(Measured.AGAIN, sums["again"], sums["known"]),
    ]


def _gaps(first: date, last: date, kept: set[date]) -> list[tuple[date, date]]:
    """The stretches of days from first to last that are not kept."""
    found: list[tuple[date, date]] = []
    day = first
    while day <= last:
        if day not in kept:
            begin = found.pop()[0] if found and found[-1][1] == day - timedelta(days=1) else day
            found.append((begin, day))
        day += timedelta(days=1)
    return found


def _counted(session: Session, first: date, last: date) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(_LIVE, _given(first, last)).mappings()]


def _given(first: date, last: date) -> dict[str, Any]:
    return {
        "start": day_bounds(first)[0], "end": day_bounds(last)[1], "within": AGAIN_WITHIN,
        "ripe_before": now() - AGAIN_WITHIN,
    }  # fmt: skip


def keep(session: Session, day: date) -> None:
    """Count one day anew."""
    session.execute(_KEEP, {**_given(day, day), "day": day, "now": now()})


def to_keep(session: Session) -> list[date]:
    """The days that still move; those not kept of the last year, or not since yesterday of the
    last month. The newest first."""
    here = local(now()).date()
    moving = [here - timedelta(days=back) for back in range(MOVING_DAYS + 1)]
    given = {
        "first": here - timedelta(days=KEPT_DAYS), "last": moving[-1] - timedelta(days=1),
        "settled": here - timedelta(days=SETTLED_DAYS), "fresh": now() - timedelta(days=1),
    }  # fmt: skip
    return [*moving, *session.execute(_LACKING, given).scalars()]
