"""The exchange of work orders, measured.

    python -m benchmarks.workorders_exchange [--orders 10000] [--backlog 5000] [--per-second 50]

1. Orders a second: pulled over HTTP from the stand-in (a process of its own), stored and applied,
   one transaction an order; beside bare inserts of the very rows that made, in the same batches
   (a transaction a page into the inbox, a transaction an order behind it), same server, one
   connection. Goal: a fifth. Memory is looked at after each tenth.
2. A backlog after a day's outage: events that could not be sent, while the platform was asked as
   the schedule asks it; then the platform is back, and the busiest second of what it heard is
   counted. Goal: never more than the pace, everything told once.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import psutil
import structlog
from sqlalchemy import text

from benchmarks.servers import embedded, people

GOAL = 0.2
TABLES = {
    "work_order_incoming": "page",
    "work_order": "order",
    "work_order_step": "order",
    "work_order_clock": "order",
    "work_order_flag": "order",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--backlog", type=int, default=5_000)
    parser.add_argument("--per-second", type=float, default=50.0)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with embedded():
        people()
        far = Far()
        try:
            far.place(given.orders)
            share = intake(given.orders, far)
            is_calm = drain(min(given.backlog, given.orders), given.per_second, far)
        finally:
            far.stop()
    raise SystemExit(0 if share >= GOAL and is_calm else 1)


class Far:
    """The stand-in in a process of its own, so that its work is not ours."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.workorders_exchange_far"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._line().strip()

    def place(self, orders: int) -> None:
        """Invent so many orders."""
        self.ask(f"place {orders}")

    def ask(self, words: str) -> str:
        """One of its commands; its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self._line().strip()

    def stop(self) -> None:
        """No more."""
        self.process.communicate(timeout=30)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


def intake(orders: int, far: Far) -> float:
    """Pull and apply; the share of bare inserts."""
    from workorders.exchange import rounds

    connect(far)
    row = rounds.platform("city")
    assert row is not None
    memory, done, looked = [], 0, 0
    began = time.perf_counter()
    pulling = applying = 0.0
    while done < orders:
        started = time.perf_counter()
        pulled = rounds.ask(row)
        pulling += time.perf_counter() - started
        started = time.perf_counter()
        applied = rounds.take_in("city") or 0
        applying += time.perf_counter() - started
        assert pulled is not None
        assert pulled.items or applied, "nothing more comes"
        done += applied
        if done * 10 // orders > looked:
            looked = done * 10 // orders
            memory.append(psutil.Process().memory_info().rss / 2**20)
    through = time.perf_counter() - began
    bare, rows = bare_inserts()
    share = bare / through
    print(f"{orders} orders, one connection, {rows} rows")
    print(f"  bare inserts of the same rows  {orders / bare:8,.0f} orders/s")
    print(
        f"  pulled and applied             {orders / through:8,.0f} orders/s  {share:.2f} of bare"
    )
    print(f"    of which asking and storing  {pulling:8.1f} s, applying {applying:.1f} s")
    print("  memory along the way, MiB      " + " ".join(f"{each:.0f}" for each in memory))
    print(f"  goal: {GOAL} of bare or more")
    return share


def connect(far: Far) -> None:
    """The platform's row."""
    from hotline.db import transaction
    from workorders.exchange import sites
    from workorders.exchange.adapters import Way
    from workorders.standin.running import CITY

    given = sites.Given(Way.REST, url=far.url, app_id=CITY.app_id, secret=CITY.secret)
    with transaction() as session:
        sites.set_platform(session, "city", given)


def bare_inserts() -> tuple[float, int]:
    """Seconds for inserting the same rows into the same tables, emptied; how many rows."""
    from hotline import db

    with db.engine().connect() as connection:
        kept = {table: rows_of(connection, table) for table in TABLES}
        connection.execute(text("TRUNCATE work_order_incoming, work_order CASCADE"))
        connection.commit()
        inbox, orders = kept.pop("work_order_incoming"), kept.pop("work_order")
        behind: dict[Any, list[tuple[str, dict[str, Any]]]] = {}
        for table, rows in kept.items():
            for row in rows:
                behind.setdefault(row["order_id"], []).append((table, row))
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        began = time.perf_counter()
        for start in range(0, len(inbox), 200):
            for row in inbox[start : start + 200]:
                insert(cursor, "work_order_incoming", {**row, "order_id": None, "state": "due"})
            driver.commit()
        for row in orders:
            insert(cursor, "work_order", row)
            for table, each in behind.get(row["id"], []):
                insert(cursor, table, each)
            driver.commit()
        took = time.perf_counter() - began
        return took, len(inbox) + len(orders) + sum(map(len, behind.values()))


def rows_of(connection: Any, table: str) -> list[dict[str, Any]]:
    """Every row, ready to be inserted again."""
    found = connection.execute(text(f"SELECT * FROM {table} ORDER BY id")).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


_STATEMENTS: dict[str, str] = {}


def insert(cursor: Any, table: str, row: dict[str, Any]) -> None:
    """One prepared INSERT."""
    if table not in _STATEMENTS:
        names = ", ".join(row)
        values = ", ".join(f"%({name})s" for name in row)
        _STATEMENTS[table] = f"INSERT INTO {table} ({names}) VALUES ({values})"
    cursor.execute(_STATEMENTS[table], row, prepare=True)


def drain(backlog: int, per_second: float, far: Far) -> bool:
    """An outage with deeds, a day of trying, and the way back; whether it was calm."""
    from hotline.db import transaction
    from workorders.exchange import rounds
    from workorders.exchange.sites import Given, set_platform

    with transaction() as session:
        session.execute(text("TRUNCATE work_order_incoming, work_order CASCADE"))
        session.execute(text("UPDATE work_order_platform_health SET cursor = NULL"))
        set_platform(session, "city", Given(settings={"send_per_second": per_second}))
    row = rounds.platform("city")
    assert row is not None
    while ((pulled := rounds.ask(row)) and pulled.items) or rounds.with_mail():
        rounds.take_in("city")
    accept_all(backlog)
    far.ask("down")
    tries = outage(row)
    far.ask("up")
    memory, began = [], time.perf_counter()
    while rounds.has_to_tell("city") or _resting():
        rounds.tell(row)
        _skip_pauses()
        memory.append(psutil.Process().memory_info().rss / 2**20)
    took = time.perf_counter() - began
    told = json.loads(far.ask("heard"))
    busiest = max(Counter(int(each) for each in told["at"]).values())
    print(f"{backlog} events after a day's outage, pace {per_second:.0f}/s")
    print(f"  requests of a day's trying     {tries:8,}")
    print(f"  told in                        {took:8.0f} s, {backlog / took:.0f} events/s")
    print(f"  busiest second at the platform {busiest:8,} requests")
    print(f"  events it knows, doubled       {told['events']:8,} {told['doubled']}")
    print("  memory, MiB                    " + " ".join(f"{each:.0f}" for each in memory[:20]))
    return told["events"] == backlog and not told["doubled"] and busiest <= per_second * 1.2 + 2


def accept_all(backlog: int) -> None:
    """Somebody signs for every order."""
    from hotline.db import transaction
    from workorders import moving, service
    from workorders.actors import SYSTEM

    with transaction() as session:
        numbers = session.execute(text("SELECT order_no FROM work_order ORDER BY id")).scalars()
        chosen = list(numbers)[:backlog]
    for number in chosen:
        with transaction() as session:
            service.accept(session, moving.locked(session, number), SYSTEM)


def outage(row: Any) -> int:
    """A day in which nothing is taken: the clock is pushed from pause to pause. Requests made."""
    from hotline.clock import now
    from hotline.db import transaction
    from workorders.exchange import rounds

    passed, tries = timedelta(0), 0
    while passed < timedelta(days=1):
        tries += rounds.tell(row) or 0
        with transaction() as session:
            until = session.execute(
                text("SELECT open_until FROM work_order_platform_health")
            ).scalar()
            passed += max(timedelta(seconds=1), (until - now()) if until else timedelta(seconds=20))
            session.execute(text("UPDATE work_order_platform_health SET open_until = now()"))
    return tries


def _resting() -> bool:
    from hotline.db import transaction

    with transaction() as session:
        query = "SELECT count(*) FROM work_order_outgoing WHERE state = 'due'"
        return bool(session.execute(text(query)).scalar())


def _skip_pauses() -> None:
    """Pauses of single events are not what is measured."""
    from hotline.db import transaction

    with transaction() as session:
        session.execute(text("UPDATE work_order_platform_health SET open_until = NULL"))
        session.execute(text("UPDATE work_order_outgoing SET next_attempt_at = now()"
                             " WHERE state = 'due' AND next_attempt_at > now()"))  # fmt: skip


if __name__ == "__main__":
    main()
