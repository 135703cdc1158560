"""Figures of a day and of the moment, each rate with numerator and denominator.

Rule ``calls-1``: *offered* are inbound calls for which a person was owed (queued, rung or
answered); the 15-second rate is answered within 15 s of that moment over offered less short
abandons [GB/T 33358-2016 wants 15 s and 95 %]; a transferred call is one call; a wrap-up counts
into the handling time when it ended within half an hour, else it was filled in later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline.calls.rules import Direction
from hotline.clock import day_bounds, now, today

RULE = "calls-1"
PROMISED_SECONDS = 15


@dataclass(frozen=True)
class Rate:
    """A share that can say what it is made of; None when there is nothing to divide by."""

    numerator: float
    denominator: int

    @property
    def value(self) -> float | None:
        """The quotient."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class DayMetrics:
    """Inbound calls that began in [start, end). Seconds in the averages."""

    total: int
    offered: int
    answered: int
    abandoned_ivr: int
    abandoned_queue: int
    abandoned_ringing: int
    short_abandons: int
    self_served: int
    transfers: int
    unsettled: int
    connected: Rate
    answered_in_time: Rate
    speed_of_answer: Rate
    handling_time: Rate
    rule: str = RULE


_METRICS = text(
    """
    SELECT count(*) AS total,
        count(*) FILTER (WHERE waiting_since IS NOT NULL) AS offered,
        count(answered_at) AS answered,
        count(*) FILTER (WHERE abandoned_in = 'ivr') AS abandoned_ivr,
        count(*) FILTER (WHERE abandoned_in = 'queue') AS abandoned_queue,
        count(*) FILTER (WHERE abandoned_in = 'ringing') AS abandoned_ringing,
        count(*) FILTER (WHERE short_abandon) AS short_abandons,
        count(*) FILTER (WHERE short_abandon AND waiting_since IS NOT NULL) AS short_offered,
        count(*) FILTER (WHERE self_served) AS self_served,
        coalesce(sum(transfers), 0)::bigint AS transfers,
        count(*) FILTER (WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL
                         AND disposition IS NULL) AS unsettled,
        count(*) FILTER (WHERE answered_at - waiting_since <= make_interval(secs => :promised))
            AS in_time,
        coalesce(extract(epoch FROM sum(answered_at - waiting_since)), 0)::float8 AS waited,
        count(*) FILTER (WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL) AS handled,
        coalesce(sum(talk_seconds + hold_seconds) FILTER (
            WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL), 0)::float8 AS spoken,
        coalesce(extract(epoch FROM sum(wrapped_up_at - ended_at) FILTER (
            WHERE wrapped_up_at BETWEEN ended_at AND ended_at + interval '30 minutes')), 0)::float8
            AS wrapped
    FROM call WHERE direction = :inbound AND started_at >= :start AND started_at < :end
    """
)


def metrics(session: Session, start: datetime, end: datetime) -> DayMetrics:
    """Figures of inbound calls that began in [start, end)."""
    given = {"start": start, "end": end, "inbound": Direction.INBOUND.value}
    row: dict[str, Any] = dict(
        session.execute(_METRICS, given | {"promised": PROMISED_SECONDS}).one()._mapping
    )
    counted = row["offered"] - row.pop("short_offered")
    in_time, waited, handled = row.pop("in_time"), row.pop("waited"), row.pop("handled")
    return DayMetrics(
        connected=Rate(row["answered"], counted),
        answered_in_time=Rate(in_time, counted),
        speed_of_answer=Rate(waited, row["answered"]),
        handling_time=Rate(row.pop("spoken") + row.pop("wrapped"), handled),
        **row,
    )


def day_metrics(session: Session, day: date | None = None) -> DayMetrics:
    """Figures of a Shanghai day, today unless said otherwise."""
    return metrics(session, *day_bounds(day or today()))


@dataclass(frozen=True)
class Board:
    """What hangs on the wall."""

    in_ivr: int
    queued: int
    ringing: int
    talking: int
    wrap_up: int
    longest_wait_seconds: int
    agents: dict[str, int]
    callbacks: int
    alerts: int
    today: DayMetrics


_NOW = text(
    """
    SELECT count(*) FILTER (WHERE state IN ('in_ivr', 'arriving')) AS in_ivr,
        count(*) FILTER (WHERE state = 'queued') AS queued,
        count(*) FILTER (WHERE state = 'ringing') AS ringing,
        count(*) FILTER (WHERE state IN ('talking', 'held', 'transferring')) AS talking,
        count(*) FILTER (WHERE state = 'wrap_up') AS wrap_up,
        min(coalesce(waiting_since, started_at)) FILTER (WHERE state IN ('queued', 'ringing'))
            AS waiting_since,
        (SELECT count(*) FROM callback WHERE state IN ('open', 'claimed')) AS callbacks,
        (SELECT count(*) FROM danger_alert WHERE acknowledged_at IS NULL AND level = 'high')
            AS alerts
    FROM call WHERE state <> 'closed'
    """
)
_AGENTS = text(
    "SELECT presence, count(*) FROM person WHERE is_active"
    " AND role IN ('agent', 'counsellor', 'supervisor') GROUP BY presence"
)


def board(session: Session, at: datetime | None = None) -> Board:
    """Numbers for the live board: the moment, and today so far."""
    row: dict[str, Any] = dict(session.execute(_NOW).one()._mapping)
    since = row.pop("waiting_since")
    waited = max(0, int(((at or now()) - since).total_seconds())) if since else 0
    agents = {str(presence): int(count) for presence, count in session.execute(_AGENTS)}
    return Board(longest_wait_seconds=waited, agents=agents, today=day_metrics(session), **row)
