"""A month's figures among many calls, beside the same figures by a full scan; and a rebuild.

    python -m benchmarks.month_figures [CALLS=5000000] [--months 36] [--rounds 7]

Fills an embedded PostgreSQL with so many calls over so many months, in the database itself, with
the indexes and triggers a site has. Then, in the same run and in turn:

- *live*: the month's headline and sums as the console reads them, one change waiting;
- *range*: the same by reading the month's calls through the index, which is what a query by hand
  would do;
- *scan*: the same by reading every call, as it would be without that index (goal: live at most a
  tenth of it; both are printed);
- *rebuild*: every month held against its calls, in calls a second, beside one bare grouped scan
  of all calls by hour and category.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from benchmarks.servers import embedded, people

GOAL = 0.1
INDEXES = ("started", "caller", "agent", "category", "disposition", "open", "abandoned", "grams")
# Days fuller than nights, seven in eight answered, one in twenty not sorted.
FILL = """
    INSERT INTO call (call_uid, call_no, direction, state, source, caller_hash, called, queue,
        agent, agent_id, started_at, queued_at, answered_at, ended_at, waiting_since,
        last_event_at, wait_seconds, talk_seconds, abandoned_in, category, category_set,
        disposition, wrapped_up_at, created_at, updated_at)
    SELECT 'm-' || n, 'm' || n, 'inbound', 'closed', 'import',
        substr(decode(md5((n * 7919 % 900000)::text), 'hex'), 1, 16), '12320', 'hotline',
        CASE WHEN is_answered THEN (8000 + n % 40)::text END,
        CASE WHEN is_answered THEN 1 + n % 40 END,
        start, start, CASE WHEN is_answered THEN start + wait * interval '1 second' END,
        start + (wait + talk) * interval '1 second', start,
        start + (wait + talk) * interval '1 second', wait,
        CASE WHEN is_answered THEN talk ELSE 0 END,
        CASE WHEN NOT is_answered THEN 'queue' END,
        CASE WHEN is_sorted THEN (ARRAY['consultation', 'booking', 'consultation', 'booking',
            'complaint', 'manual', 'self_service', 'crisis'])[1 + n % 8] END,
        CASE WHEN is_sorted THEN '2023' END, CASE WHEN is_sorted THEN 'answered' END,
        CASE WHEN is_sorted THEN start + (wait + talk + 20) * interval '1 second' END, start, start
    FROM (SELECT n, n % 8 <> 0 AS is_answered, n % 8 <> 0 AND n % 20 <> 7 AS is_sorted,
            3 + n * 13 % 40 AS wait, 40 + n * 31 % 400 AS talk,
            CAST(:begin AS timestamptz) + (n / :a_day) * interval '1 day'
            + interval '1 hour' * (CASE WHEN n % 10 = 0 THEN n / 10 % 24 ELSE 8 + n % 10 END)
            + interval '1 second' * (n * 17 % 3600) AS start
          FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n) AS made
"""
BY_HAND = """
    SELECT coalesce(category, '') AS category, count(*) AS calls, count(answered_at) AS answered,
        count(*) FILTER (WHERE answered_at IS NOT NULL OR self_served) AS served,
        count(*) FILTER (WHERE waiting_since IS NOT NULL) AS offered,
        count(*) FILTER (WHERE answered_at - waiting_since <= interval '15 seconds') AS in_time,
        count(*) FILTER (WHERE abandoned_in = 'queue') AS abandoned_queue,
        sum(talk_seconds) FILTER (WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL) AS talk,
        coalesce(extract(epoch FROM sum(answered_at - waiting_since)), 0)::float8 AS waited,
        count(*) FILTER (WHERE told_late) AS late
    FROM call WHERE direction = 'inbound' AND started_at >= :start AND started_at < :end GROUP BY 1
"""
BARE = """
    SELECT date_trunc('hour', started_at, 'UTC'), category, count(*), count(answered_at),
        sum(talk_seconds) FROM call GROUP BY 1, 2
"""


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=int, nargs="?", default=5_000_000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with embedded():
        people()
        months = fill(given.calls, given.months)
        share = month_beside_scans(months[-2], given.rounds)
        rebuilt(months, given.calls)
    raise SystemExit(0 if share <= GOAL else 1)


def fill(calls: int, months: int) -> list[str]:
    """Insert the calls, then make indexes and tallies; the months they are of."""
    from hotline.clock import month_bounds, month_of, now

    end = month_bounds(month_of(now()))[0]
    begin = end - timedelta(days=round(30.44 * months))
    a_day = -(-calls // (end - begin).days)
    began = time.perf_counter()
    with unbound() as raw:
        kept = [raw.execute("SELECT pg_get_indexdef(%s::regclass)", [f"ix_call_{n}"]).fetchone()[0]
                for n in INDEXES]  # fmt: skip
        raw.execute("DROP INDEX " + ", ".join(f"ix_call_{name}" for name in INDEXES))
        raw.execute("ALTER TABLE call DISABLE TRIGGER USER")
        for first in range(0, calls, 500_000):
            last = min(first + 500_000, calls) - 1
            values = {"first": first, "last": last, "begin": begin, "a_day": a_day}
            raw.execute(psycopg_style(FILL), values)
        for definition in kept:
            raw.execute(definition)
        raw.execute("ALTER TABLE call ENABLE TRIGGER USER")
        raw.execute("VACUUM ANALYZE call")
    print(f"{calls:,} calls over {months} months in {time.perf_counter() - began:.0f} s")
    found = [month_of(begin)]
    while month_bounds(found[-1])[1] < end:
        found.append(month_of(month_bounds(found[-1])[1]))
    first_build(found, calls)
    with unbound() as raw:
        raw.execute("VACUUM ANALYZE call_tally, agent_tally")
    return found


def unbound() -> Any:
    """The driver's own connection, committing as it goes and in no hurry."""
    import psycopg

    from hotline import settings

    connection = psycopg.connect(
        settings.current().database.replace("+psycopg", ""), autocommit=True
    )
    connection.execute("SET statement_timeout = 0")
    connection.execute("SET maintenance_work_mem = '512MB'")
    return connection


def psycopg_style(sql: str) -> str:
    """``:name`` as the driver writes it."""
    import re

    return re.sub(r"(?<![:\w]):(\w+)", r"%(\1)s", sql.replace("%", "%%"))


def first_build(months: list[str], calls: int) -> None:
    """Tallies where there are none: what a rebuild has most to do with."""
    seconds = rebuild_all(months, expect_equal=False)
    print(f"  building all tallies anew      {calls / seconds:12,.0f} calls/s   {seconds:.1f} s")


def rebuild_all(months: list[str], *, expect_equal: bool) -> float:
    """Seconds to rebuild these months, each in a transaction of its own."""
    from sqlalchemy import text

    from hotline.db import transaction
    from hotline.statistics import tallies

    began = time.perf_counter()
    for month in months:
        with transaction() as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            found = tallies.rebuild(session, month)
            assert found.is_equal is expect_equal or not found.calls, month
    return time.perf_counter() - began


def month_beside_scans(month: str, rounds: int) -> float:
    """Milliseconds of the month's figures three ways; live beside the full scan."""
    something_waits()
    scan = partial(by_hand, month, "enable_indexscan = off", "enable_bitmapscan = off")
    ways = [partial(live, month), partial(by_hand, month), scan]
    assert len({way() for way in ways}) == 1, [way() for way in ways]
    spent = [quartile(way, rounds) for way in ways]
    for name, one in zip(("live", "range of the index", "full scan"), spent, strict=True):
        print(f"  {month}: {name:20} {one:10.1f} ms   {spent[0] / one:7.4f}")
    print(f"live is {spent[0] / spent[2]:.4f} of the full scan (goal {GOAL} or less),"
          f" {spent[0] / spent[1]:.3f} of reading the month's calls")  # fmt: skip
    return spent[0] / spent[2]


def something_waits() -> None:
    """A change to be taken into the tallies, as there always is one."""
    from sqlalchemy import text

    from hotline.db import transaction

    with transaction() as session:
        session.execute(
            text("UPDATE call SET told_late = true WHERE id = (SELECT max(id) FROM call)")
        )


def live(month: str) -> tuple[int, ...]:
    """The figures as the console reads them: calls, answered, in time, seconds of talk, late."""
    from hotline.clock import month_bounds
    from hotline.db import transaction
    from hotline.statistics import headline, service

    with transaction() as session:
        counted = headline.counted(session, month)
        tally = service.tallies(session, "all", *month_bounds(month))[0]
    return (counted.calls, tally.answered, tally.in_time, tally.talk_seconds, tally.late)


def by_hand(month: str, *settings: str) -> tuple[int, ...]:
    """The same figures from the calls themselves, with these settings of the planner."""
    from sqlalchemy import text

    from hotline.clock import month_bounds
    from hotline.db import transaction

    span = dict(zip(("start", "end"), month_bounds(month), strict=True))
    with transaction() as session:
        for setting in ("statement_timeout = 0", *settings):
            session.execute(text(f"SET LOCAL {setting}"))
        rows = session.execute(text(BY_HAND), span).mappings().all()
    names = ("calls", "answered", "in_time", "talk", "late")
    return tuple(sum(int(row[name] or 0) for row in rows) for name in names)


def quartile(act: Callable[[], object], rounds: int) -> float:
    """Lower quartile of so many rounds, in milliseconds."""
    spans = []
    for _ in range(max(2, rounds)):
        began = time.perf_counter()
        act()
        spans.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(spans, n=4)[0]


def rebuilt(months: list[str], calls: int) -> None:
    """Calls a second of holding every month against its calls, beside one bare grouped scan."""
    with unbound() as raw:
        raw.execute("SET enable_indexscan = off")
        began = time.perf_counter()
        raw.execute(BARE).fetchall()
        bare = time.perf_counter() - began
    took = rebuild_all(months, expect_equal=True)
    print(f"  one bare grouped scan          {calls / bare:12,.0f} calls/s   {bare:.1f} s")
    print(f"  rebuild, all found equal       {calls / took:12,.0f} calls/s   {took:.1f} s"
          f"   {bare / took:.2f} of bare")  # fmt: skip


if __name__ == "__main__":
    main()
