"""Many callers for few slots, beside a bare counter; slot search beside a bare query.

    python -m benchmarks.booking [--callers 200] [--seconds 6] [--slots 50] [--days 14]

Rush: each caller holds a unit, then confirms, cancels, lets go, or lets the hold run out, over and
over, in as many processes as there are cores. "Bare" is a loop of
``UPDATE … SET free = free - 1 WHERE free > 0 RETURNING`` and its opposite by the driver alone, with
the same callers, slots, processes and commits. A deed is one committed transaction on either
side. Meanwhile one process after another is killed. Goal: at least a third, nothing oversold,
nothing lost.

Search: 118 hospitals with 60 departments each, two weeks; one department as the API answers it,
beside the same rows by the driver. Goal: within three times.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from benchmarks.servers import embedded

RUSH_GOAL, SEARCH_GOAL = 1 / 3, 3.0
UNITS = 40
HOSPITALS, DEPARTMENTS = 118, 60


def main() -> None:
    """Measure and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--slots", type=int, default=50)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--caller", nargs=2, metavar=("WHICH", "SEED"))
    given = parser.parse_args()
    if given.caller:
        be_callers(given.caller[0], int(given.caller[1]), given.callers, given.seconds)
        return
    with embedded():
        make_city(given.days)
        is_fast = rush(given.callers, given.seconds, given.slots)
        analyse()  # as autovacuum does within a minute
        is_near = search(given.days)
    raise SystemExit(0 if is_fast and is_near else 1)


CITY = """
INSERT INTO hospital (city, name, initials) SELECT '南京', '第' || n || '医院', 'yy'
FROM generate_series(1, {hospitals}) n;
INSERT INTO department (hospital_id, name, initials) SELECT h.id, '科室' || n, 'ks'
FROM hospital h, generate_series(1, {departments}) n WHERE h.initials = 'yy';
INSERT INTO resource (kind, clinic_kind, department_id) SELECT 'clinic', kind, d.id
FROM department d, unnest(ARRAY['general', 'expert']) kind;
INSERT INTO slot (resource_id, hospital_id, department_id, clinic_kind, day, half_day, capacity)
SELECT r.id, d.hospital_id, d.id, r.clinic_kind, (now() AT TIME ZONE 'Asia/Shanghai')::date + n,
       half, {units}
FROM resource r JOIN department d ON d.id = r.department_id, generate_series(1, {days}) n,
     unnest(ARRAY['morning', 'afternoon']) half;
CREATE TABLE bare (id bigint PRIMARY KEY, free int NOT NULL CHECK (free >= 0))
WITH (fillfactor = 80);
INSERT INTO bare SELECT id, {units} FROM slot;
"""


def make_city(days: int) -> None:
    """A city's slots for two weeks."""
    from hotline import db

    filled = CITY.format(hospitals=HOSPITALS, departments=DEPARTMENTS, days=days, units=UNITS)
    with db.engine().begin() as connection:
        for statement in filled.strip().split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    analyse()


def analyse() -> None:
    """Let the planner know what is there."""
    from hotline import db

    with db.engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def rush(callers: int, seconds: float, slots: int) -> bool:
    """Both sides in turns, twice, and the better of each; then what the pool counted."""
    os.environ["BENCH_SLOTS"] = json.dumps(wanted_slots(slots))
    pairs = [(run("bare", callers, seconds), run("pool", callers, seconds)) for _ in range(2)]
    bare, pool = max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    killed = run("pool", callers, seconds, kill=True)
    print(f"{callers} callers, {slots} slots of {UNITS}, {processes()} processes")
    print(f"  bare UPDATE … RETURNING  {bare:8,.0f} transactions/s")
    print(f"  holds, confirms, …       {pool:8,.0f} transactions/s   {pool / bare:.2f} of bare")
    print(f"  with processes killed    {killed:8,.0f} transactions/s (of those that were left)")
    print(f"  goal: {RUSH_GOAL:.2f} of bare or more")
    return counted() and pool / bare >= RUSH_GOAL


def processes() -> int:
    """One process of callers a core: neither side is held back by one interpreter."""
    return min(4, os.cpu_count() or 1)


def wanted_slots(count: int) -> list[int]:
    """Slots that can be booked now, of departments of their own."""
    from hotline import db

    with db.engine().connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT min(id) FROM slot WHERE clinic_kind = 'general' AND half_day = 'morning'"
            " AND day = (now() AT TIME ZONE 'Asia/Shanghai')::date + 3"
            f" GROUP BY department_id ORDER BY 1 LIMIT {count}"
        )
        return [row[0] for row in found]


def run(which: str, callers: int, seconds: float, *, kill: bool = False) -> float:
    """Transactions a second of all processes together."""
    count = processes()
    each = callers // count
    started = [start(which, seed, each, seconds) for seed in range(count)]
    if kill:
        time.sleep(seconds / 2 + 1)
        started[0].send_signal(signal.SIGKILL)
    done = 0.0
    for process in started:
        said, _ = process.communicate()
        done += float(said or 0)
    return done


def start(which: str, seed: int, callers: int, seconds: float) -> subprocess.Popen[str]:
    """A process of callers."""
    fresh = str(seed + int(time.time() * 10) % 1_000_000 * 10)
    arguments = ["--caller", which, fresh, "--callers", str(callers), "--seconds", str(seconds)]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.booking", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def be_callers(which: str, seed: int, callers: int, seconds: float) -> None:
    """So many callers on as many connections as a process keeps; says deeds a second."""
    slots = json.loads(os.environ["BENCH_SLOTS"])
    act = (Bare if which == "bare" else Pool)(slots)
    act.once(random.Random(seed), seed * callers)  # connections, statements, imports
    begin = time.perf_counter() + 0.5
    counts = [0] * callers

    def call(number: int) -> None:
        dice = random.Random(seed * callers + number)
        time.sleep(max(0.0, begin - time.perf_counter()))
        while time.perf_counter() < begin + seconds:
            counts[number] += act.once(dice, seed * callers + number)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(counts) / (time.perf_counter() - begin))


CONNECTIONS = 8


class Bare:
    """The counter alone: take a unit, give it back sometimes, as the pool's callers do."""

    def __init__(self, slots: list[int]) -> None:
        import psycopg

        from hotline import settings

        url = settings.current().database.replace("postgresql+psycopg://", "postgresql://", 1)
        self.slots = slots
        self.free = [psycopg.connect(url) for _ in range(CONNECTIONS)]
        self.turn = threading.Semaphore(CONNECTIONS)

    def once(self, dice: random.Random, _: int) -> int:
        """Two transactions: a unit is taken, a unit is given back."""
        slot = dice.choice(self.slots)
        with self.turn:
            connection = self.free.pop()
            try:
                taken = self._run(
                    connection,
                    "UPDATE bare SET free = free - 1 WHERE id = %s AND free > 0 RETURNING free",
                    slot,
                )
                if taken:
                    self._run(connection, "UPDATE bare SET free = free + 1 WHERE id = %s"
                              " RETURNING free", slot)  # fmt: skip
            finally:
                self.free.append(connection)
        return 2 if taken else 1

    def _run(self, connection: Any, statement: str, slot: int) -> bool:
        found = connection.execute(statement, (slot,)).fetchone() is not None
        connection.commit()
        return found


class Pool:
    """The use cases: a caller returns to the line with the same identity."""

    def __init__(self, slots: list[int]) -> None:
        from hotline.booking.finding import Booker

        self.slots, self.by = slots, Booker("bench", sees_all=True)
        self.turn = threading.Semaphore(CONNECTIONS)

    def once(self, dice: random.Random, caller: int) -> int:
        """Hold, then confirm and cancel, confirm, let go, or let run out."""
        from hotline.errors import Refused

        try:
            return 1 + self._go_on(dice, self._hold(dice, caller))
        except Refused as refusal:
            if refusal.code not in {"slot_taken", "duplicate_booking"}:
                raise
            return 1

    def _hold(self, dice: random.Random, caller: int) -> str:
        from hotline.booking import service
        from hotline.db import transaction

        with self.turn, transaction() as session:
            held = service.hold(session, dice.choice(self.slots), self._who(caller), "agent",
                                self.by)  # fmt: skip
        return held.hold_id

    def _go_on(self, dice: random.Random, hold_id: str) -> int:
        from hotline.booking import changing, service
        from hotline.db import transaction

        fate = dice.random()
        if fate < 0.02:
            return self._run_out(hold_id)
        if fate < 0.5:
            with self.turn, transaction() as session:
                service.release(session, hold_id, self.by)
            return 1
        with self.turn, transaction() as session:
            number = service.confirm(session, hold_id, self.by).booking_no
        if fate < 0.55:
            return 1
        with self.turn, transaction() as session:
            changing.cancel(session, number or "", "有事", self.by)
        return 2

    def _run_out(self, hold_id: str) -> int:
        """Five minutes are long for a benchmark: this one's are over."""
        from sqlalchemy import text

        from hotline.db import transaction

        with self.turn, transaction() as session:
            session.execute(
                text("UPDATE booking SET expires_at = created_at WHERE hold_id = :id"),
                {"id": hold_id},
            )
        return 1

    def _who(self, caller: int) -> Any:
        from hotline.booking.id_numbers import check_digit
        from hotline.booking.patients import Applicant

        number = caller % 999_999
        day = datetime(1940, 1, 1).astimezone() + timedelta(days=number % 25_000)
        first = f"320102{day:%Y%m%d}{number // 25_000:03}"
        return Applicant("王小明", first + check_digit(first), f"138{number:08}")


COUNTED = """
SELECT count(*) FILTER (WHERE n > capacity), count(*) FILTER (WHERE n <> taken), sum(n) FROM (
    SELECT s.capacity, s.taken, count(b.id) AS n FROM slot s LEFT JOIN booking b
    ON b.slot_id = s.id AND b.state IN ('offered', 'held', 'confirmed', 'attended', 'no_show')
    GROUP BY s.id) each
"""


def counted() -> bool:
    """Whether every slot counts what is booked of it, and no more than it has."""
    from hotline import db

    with db.engine().connect() as connection:
        oversold, lost, units = connection.exec_driver_sql(COUNTED).one()
    print(f"  oversold {oversold}, miscounted {lost}, units in use {units}")
    return bool(oversold == 0 and lost == 0)


BY_DRIVER = """
SELECT s.*, h.name, d.name, o.name, o.title FROM slot s
JOIN resource r ON r.id = s.resource_id JOIN hospital h ON h.id = s.hospital_id
JOIN department d ON d.id = s.department_id LEFT JOIN doctor o ON o.id = r.doctor_id
WHERE s.hospital_id = %s AND s.department_id = %s AND s.day BETWEEN %s AND %s
ORDER BY s.day, s.id
"""


def search(days: int) -> bool:
    """One department's two weeks, as the API's items and as bare rows."""
    from hotline import db
    from hotline.clock import today

    span = today() + timedelta(days=1), today() + timedelta(days=days)
    with db.engine().connect() as connection:
        places = connection.exec_driver_sql(
            "SELECT hospital_id, id FROM department ORDER BY random() LIMIT 300"
        ).all()
        total = connection.exec_driver_sql("SELECT count(*) FROM slot").scalar()
    mine, plain = (median(partial(way, span), places) for way in (as_api, as_rows))
    print(f"search, {total:,} slots, one department and {days} days, median of {len(places)}")
    print(f"  bare query {plain * 1000:6.2f} ms")
    print(f"  ours       {mine * 1000:6.2f} ms   {mine / plain:.2f} times")
    print(f"  goal: within {SEARCH_GOAL:.0f} times")
    return mine / plain <= SEARCH_GOAL


def as_api(span: tuple[date, date], hospital: int, department: int) -> int:
    """How many items the API answers for a department."""
    from hotline.booking.queries import Wanted, search
    from hotline.booking.showing import slot_out
    from hotline.clock import now
    from hotline.db import transaction

    with transaction() as session:
        wanted = Wanted(*span, hospital, (department,))
        return len([slot_out(each) for each in search(session, wanted, now()).rows])


def as_rows(span: tuple[date, date], hospital: int, department: int) -> int:
    """How many rows the driver finds for it."""
    from hotline import db

    with db.engine().begin() as connection:
        return len(connection.exec_driver_sql(BY_DRIVER, (hospital, department, *span)).all())


def median(act: Callable[[int, int], int], places: Any) -> float:
    """Seconds of the middle one; both find the same number of rows."""
    times = []
    for hospital, department in places:
        began = time.perf_counter()
        assert act(hospital, department) > 0
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main()
