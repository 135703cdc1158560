"""The month's tables out of a million bookings, beside a bare grouped scan.

    python -m benchmarks.booking_month [--bookings 1000000] [--runs 7]

A million bookings are confirmed in one month, as many again in the months around it. "Bare" is one
``GROUP BY hospital_id, channel`` over the month's range of the index, by the driver alone; ours
are both tables with the names, as the bulletin takes them (the totals to date are timed
apart: they count the months since the start value too). The middle of several runs each, taken in
turns. Goal: within one and a half times.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.servers import embedded

GOAL = 1.5
MONTH = "2026-11"
START, END = "2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z"
FILL = """
INSERT INTO hospital (city, name, initials) SELECT '南京', '第' || n || '医院', 'yy'
FROM generate_series(1, 118) n;
INSERT INTO department (hospital_id, name, initials) SELECT id, '内科', 'nk' FROM hospital;
INSERT INTO resource (kind, clinic_kind, department_id) SELECT 'clinic', 'general', id
FROM department;
INSERT INTO slot (resource_id, hospital_id, department_id, clinic_kind, day, half_day, capacity)
SELECT r.id, d.hospital_id, d.id, 'general', date '2026-11-10', 'morning', 9999
FROM resource r JOIN department d ON d.id = r.department_id;
INSERT INTO patient (document, id_number, id_hash, created_at) VALUES ('id_card', 'x', 'x', now());
INSERT INTO patient_account (patient_id, name, mobile) SELECT id, 'x', 'x'
FROM patient;
WITH places AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM slot),
     ways AS (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM booking_channel)
INSERT INTO booking (hold_id, booking_no, state, slot_id, hospital_id, department_id, day,
                     patient_id, account_id, channel, kind, owner, created_at, confirmed_at)
SELECT 'h' || n, 'b' || n, 'cancelled', s.id, s.hospital_id, s.department_id, s.day, p.id, a.id,
       c.code, 'segment', 'bench', at, at
FROM (SELECT n, timestamptz '2026-10-16T16:00:00Z' + n * interval '60 days' / {rows} AS at,
             mod(n::bigint * 7919, 118) AS place, mod(n * 31, 13) AS way
      FROM generate_series(1, {rows}) n) given
JOIN places s ON s.place = given.place JOIN ways c ON c.place = given.way, patient p,
     patient_account a ORDER BY n;
"""
BARE = (
    "SELECT hospital_id, channel, count(*) FROM booking"
    " WHERE confirmed_at >= %s AND confirmed_at < %s GROUP BY hospital_id, channel"
)


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    with embedded():
        fill(given.bookings * 2)
        bare, ours, to_date = measure(given.runs)
    ratio = ours / bare
    print(f"bare grouped scan  {bare * 1000:8.1f} ms")
    print(f"the month's tables {ours * 1000:8.1f} ms   {ratio:.2f} times bare (goal {GOAL})")
    print(f"totals to date     {to_date * 1000:8.1f} ms   (this month's and the one before's)")
    raise SystemExit(0 if ratio <= GOAL else 1)


def fill(rows: int) -> None:
    """Bookings over sixty days, half of them in the month."""
    from hotline import db

    with db.engine().begin() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        for statement in FILL.format(rows=rows).strip().split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM ANALYZE booking")


def measure(runs: int) -> tuple[float, float, float]:
    """The middle seconds of (bare, the tables, the totals to date), taken in turns."""
    took: list[list[float]] = [[], [], []]
    for _ in range(runs + 1):  # the first warms up
        for place, act in enumerate((bare, tables, to_date)):
            took[place].append(_timed(act))
    a, b, c = (statistics.median(each[1:]) for each in took)
    return a, b, c


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def bare() -> None:
    """One statement by the driver."""
    from hotline import db

    connection = db.engine().raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(BARE, (START, END))
        assert len(cursor.fetchall()) > 118, "the month is not empty"
    finally:
        connection.close()


def tables() -> None:
    """Both tables."""
    from hotline.booking import month
    from hotline.db import transaction

    with transaction() as session:
        hospitals, _ = month.tables(session, MONTH)
    assert hospitals.totals.total == sum(row.total for row in hospitals.rows)


def to_date() -> None:
    """The two totals."""
    from hotline.booking import month
    from hotline.booking.month import Start
    from hotline.db import transaction

    with transaction() as session:
        for name in (MONTH, "2026-10"):
            month.total_to_date(session, name, Start())


if __name__ == "__main__":
    main()
