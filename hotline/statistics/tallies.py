"""Keeping the tallies: taking changes in, and proving them against the calls themselves.

Nobody reads a tally without its changes (the views ``…_now``), so when a change is taken in is
of no matter to a figure. Both deeds add differences to what is there, never a value: they may
run beside each other and beside any change of a call, and a kill leaves nothing half done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline import audit
from hotline.clock import month_bounds, today
from hotline.statistics.models import MEASURES
from hotline.statistics.rules import AGAIN_WITHIN, MOVING_DAYS

BATCH = 20_000
_KEYS = {"call_tally": "hour, queue, category", "agent_tally": "hour, agent_id"}
_NAMES = ", ".join(MEASURES)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)
_ADDED = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in MEASURES)
_SOME = " OR ".join(f"sum({name}) <> 0" for name in MEASURES)
# Several takers would wait for each other's rows, perhaps in a circle.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('statistics.tallies'))")


def _into(table: str, source: str) -> str:
    key = _KEYS[table]
    return (
        f"INSERT INTO {table} AS kept ({key}, {_NAMES})"  # noqa: S608 - names of ours only
        f" SELECT {key}, {_SUMS} FROM {source} GROUP BY {key} HAVING {_SOME}"
        f" ON CONFLICT ({key}) DO UPDATE SET {_ADDED}"
    )


_TAKE_IN = text(
    f"""
    WITH taken AS (
        DELETE FROM call_tally_change
        WHERE id IN (SELECT id FROM call_tally_change ORDER BY id LIMIT :most) RETURNING *
    ), of_calls AS ({_into("call_tally", "taken")}), of_agents AS ({_into("agent_tally", "taken")}),
    returns AS (
        DELETE FROM return_tally AS kept USING (
            SELECT DISTINCT (hour AT TIME ZONE 'Asia/Shanghai')::date AS day FROM taken
        ) AS changed
        WHERE kept.day BETWEEN changed.day - :reach AND changed.day + :reach
            AND kept.day < :moving
    )
    SELECT count(*) FROM taken
    """  # noqa: S608
)


def take_in(session: Session, most: int = BATCH) -> int:
    """Take the oldest changes into the tallies; how many. What is kept of who called again on
    days that have come to rest, and that these changes may touch, is let go."""
    session.execute(_ALONE)
    reach = {"reach": AGAIN_WITHIN.days, "moving": today() - timedelta(days=MOVING_DAYS)}
    return int(session.execute(_TAKE_IN, {"most": most, **reach}).scalar_one())


def waiting(session: Session) -> int:
    """Changes that no job has taken in yet."""
    return int(session.execute(text("SELECT count(*) FROM call_tally_change")).scalar_one())


@dataclass(frozen=True)
class Difference:
    """Where a tally is not what the calls say: ``off`` is right minus kept, by measure."""

    table: str
    hour: datetime
    place: str
    off: dict[str, int]


@dataclass(frozen=True)
class Compared:
    """A month held against its calls."""

    month: str
    calls: int
    differences: list[Difference]

    @property
    def is_equal(self) -> bool:
        """Did every sum agree?"""
        return not self.differences


def _off(table: str) -> str:
    key = _KEYS[table]
    measures = ", ".join(
        f"coalesce(r.{name}, 0) - coalesce(k.{name}, 0) AS {name}" for name in MEASURES
    )
    differs = " OR ".join(f"r.{name} IS DISTINCT FROM k.{name}" for name in MEASURES)
    return f"""
        SELECT {key}, {measures}
        FROM (SELECT {key}, {_SUMS} FROM fine GROUP BY {key}) AS r
        FULL JOIN (SELECT {key}, {_SUMS} FROM {table}_now
                   WHERE hour >= :start AND hour < :end GROUP BY {key} HAVING {_SOME}) AS k
        USING ({key}) WHERE {differs}
    """  # noqa: S608


# One statement, so both sides are seen at one moment, whatever else goes on.
_FINE = f"""
    WITH fine AS MATERIALIZED (
        SELECT hour, queue, agent_id, category, {_SUMS} FROM call_share
        WHERE started_at >= :start AND started_at < :end GROUP BY 1, 2, 3, 4
    ), off_calls AS MATERIALIZED ({_off("call_tally")}),
    off_agents AS MATERIALIZED ({_off("agent_tally")})
"""  # noqa: S608
_MENDING = (
    f", of_calls AS ({_into('call_tally', 'off_calls')})"
    f", of_agents AS ({_into('agent_tally', 'off_agents')})"
)
_FOUND = f"""
    SELECT 'call_tally' AS of_table, hour, concat_ws('/', queue, category) AS place, {_NAMES},
           0 AS counted FROM off_calls
    UNION ALL SELECT 'agent_tally', hour, agent_id::text, {_NAMES}, 0 FROM off_agents
    UNION ALL SELECT '', now(), '', {", ".join(["0"] * len(MEASURES))},
              coalesce(sum(calls), 0) FROM fine
"""  # noqa: S608
_LET_GO = text("DELETE FROM return_tally WHERE to_char(day, 'YYYY-MM') = :month")
_COMPARE, _REBUILD = text(_FINE + _FOUND), text(_FINE + _MENDING + _FOUND)


def compare(session: Session, month: str) -> Compared:
    """Hold a month's tallies against its calls; nothing is changed."""
    return _compared(session, month, repair=False)


def rebuild(session: Session, month: str) -> Compared:
    """The same, and what was wrong is put right. Repairs are audited. Who called again is counted
    anew when it is next asked for."""
    session.execute(_ALONE)
    session.execute(_LET_GO, {"month": month})
    found = _compared(session, month, repair=True)
    if not found.is_equal:
        detail = {"month": month, "rows": len(found.differences)}
        audit.record(session, audit.Action.FIGURES_REBUILT, f"figures:{month}", detail=detail)
    return found


def _compared(session: Session, month: str, *, repair: bool) -> Compared:
    start, end = month_bounds(month)
    rows = session.execute(_REBUILD if repair else _COMPARE, {"start": start, "end": end})
    found = list(rows.mappings())
    calls = next(int(row["counted"]) for row in found if not row["of_table"])
    return Compared(month, calls, [_difference(row) for row in found if row["of_table"]])


def _difference(row: RowMapping) -> Difference:
    off = {name: int(row[name]) for name in MEASURES if row[name]}
    return Difference(row["of_table"], row["hour"], row["place"], off)
