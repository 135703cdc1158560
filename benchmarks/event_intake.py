"""Events a second through the telephone door, beside bare inserts of the same rows.

    python -m benchmarks.event_intake [CALLS] [--batch 500]

Both sides use one connection, batches of the same size, a commit a batch, the same durable
embedded PostgreSQL and the same table with its indexes. "Bare" writes the finished event rows by
multi-row INSERT and does nothing else: no reading, folding, calls, legs, duties or answers.
Goal: the door keeps at least a quarter of it.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog

from benchmarks.servers import embedded, people

GOAL = 0.25


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=int, nargs="?", default=4000)
    parser.add_argument("--batch", type=int, default=500)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with embedded():
        people()
        events = made_up(given.calls)
        batches = [events[i : i + given.batch] for i in range(0, len(events), given.batch)]
        post = door()
        post(batches[0][:1])  # the first request builds what later ones reuse
        through_door = timed(post, batches, len(events))
        service = timed(through_service(), renamed(batches), len(events))
        bare = timed(bare_insert(), finished_rows(given.batch), len(events))
        report(len(events), through_door, service, bare)


def report(events: int, through_door: float, service: float, bare: float) -> None:
    """Events a second, and the ratios."""
    print(f"{events} events, one connection")
    print(f"  bare multi-row inserts  {bare:9,.0f} events/s")
    print(f"  the service             {service:9,.0f} events/s   {service / bare:.2f} of bare")
    share = through_door / bare
    print(f"  the HTTP door           {through_door:9,.0f} events/s   {share:.2f} of bare")
    print(f"  goal: the door at {GOAL} of bare or more")
    raise SystemExit(0 if share >= GOAL else 1)


def made_up(calls: int) -> list[dict[str, Any]]:
    """Events of so many calls in the order of a busy day: seven or eight each, interleaved."""
    began = datetime.now().astimezone() - timedelta(seconds=calls * 2 + 400)
    events = [
        event for n in range(calls) for event in one_call(n, began + timedelta(seconds=2 * n))
    ]
    return sorted(events, key=lambda event: event["at"])


def one_call(number: int, start: datetime) -> Iterator[dict[str, Any]]:
    """Seven calls in eight are answered, some are held."""
    agent = str(8000 + number % 40)
    steps: list[tuple[int, str, dict[str, str]]] = [
        (0, "started", {"caller": f"138{number:08}", "called": "12320", "direction": "inbound"}),
        (0, "ivr_entered", {}),
        (12, "ivr_left", {"next": "queue"}),
        (12, "queued", {"queue": "hotline"}),
        (20, "ringing", {"agent": f"PJSIP/{agent}-0000001a"}),
    ]
    if number % 8:
        steps += [(25, "answered", {"agent": agent})]
        steps += [(60, "held", {}), (75, "resumed", {})] if number % 3 == 0 else []
    steps.append((180, "ended", {"cause": "normal", "by": "caller"}))
    for place, (seconds, kind, more) in enumerate(steps):
        at = (start + timedelta(seconds=seconds)).isoformat()
        yield {"event_id": f"{number}-{place}", "call_uid": f"call-{number}", "type": kind,
               "at": at} | more  # fmt: skip


def renamed(batches: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The same day once more, as other calls."""
    return [
        [e | {"event_id": f"s{e['event_id']}", "call_uid": f"s{e['call_uid']}"} for e in batch]
        for batch in batches
    ]


def timed(act: Callable[[Any], object], batches: list[Any], events: int) -> float:
    """Events a second."""
    began = time.perf_counter()
    for batch in batches:
        act(batch)
    return events / (time.perf_counter() - began)


def door() -> Callable[[Any], object]:
    """Post through the whole application: token, JSON, answer."""
    import wsgi
    from hotline.agents.rules import Role, Scope
    from hotline.agents.tokens import create_token
    from hotline.app import create_app
    from hotline.db import transaction
    from hotline.settings import current
    from hotline.telephony.api import bp

    with transaction() as session:
        _, token = create_token(session, "bench", Role.INTEGRATION, [Scope.TELEPHONY])
    known = list(wsgi.BLUEPRINTS)
    client = create_app(current(), known if bp in known else [*known, bp]).test_client()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(batch: list[dict[str, Any]]) -> None:
        body = json.dumps(batch)
        answer = client.post("/api/v1/telephony/events", data=body, headers=headers)
        assert answer.status_code == 200, answer.text
        refused = (answer.json or {})["refused"]
        assert not refused, refused[0]

    return post


def through_service() -> Callable[[Any], object]:
    """The use case alone, a transaction a batch."""
    from hotline.db import transaction
    from hotline.telephony.service import take_events

    def take(batch: list[dict[str, Any]]) -> None:
        with transaction() as session:
            take_events(session, batch)

    return take


def finished_rows(size: int) -> list[list[dict[str, Any]]]:
    """The rows the door wrote, to be written once more under other ids."""
    from sqlalchemy import text

    from hotline import db

    columns = "call_uid, type, at, received_at, data::text AS data, private, digest"
    with db.engine().connect() as connection:
        rows = connection.execute(
            text(f"SELECT 'b' || event_id AS event_id, {columns} FROM call_event"
                 " WHERE call_uid LIKE 'call-%' ORDER BY id")
        ).mappings()  # fmt: skip
        found = [dict(row) for row in rows]
    return [found[i : i + size] for i in range(0, len(found), size)]


def bare_insert() -> Callable[[Any], object]:
    """One INSERT with many VALUES, by the driver itself."""
    from hotline import db

    names = ("event_id", "call_uid", "type", "at", "received_at", "data", "private", "digest")
    connection: Any = db.engine().raw_connection()
    with connection.cursor() as cursor:  # empty like the door's when it began, as indexed
        cursor.execute("CREATE TABLE bare_event (LIKE call_event INCLUDING ALL)")

    def insert(batch: list[dict[str, Any]]) -> None:
        values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(batch))
        flat = [row[name] for row in batch for name in names]
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO bare_event ({', '.join(names)}) VALUES {values}", flat)
        connection.commit()

    return insert


if __name__ == "__main__":
    main()
