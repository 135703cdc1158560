"""Servers and workers that go away: the database is started again, a worker is killed."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis
from sqlalchemy.exc import SQLAlchemyError

from hotline import db, migrate, queues
from hotline.embedded import postgres
from hotline.embedded.servers import Servers
from tests.house.machine import wait_for
from tests.workorders.exchange import world
from workorders.exchange import bells
from workorders.exchange.rules import OutgoingState
from workorders.standin import platform as far
from workorders.standin.faults import Fault
from workorders.standin.running import StandIn


@pytest.fixture
def own_server(tmp_path: Path, database: str, redis: Redis) -> Iterator[Servers]:
    """A PostgreSQL of this test's own; the settings point to it."""
    from tests.conftest import _use

    servers = Servers(tmp_path / f"own-{secrets.token_hex(3)}", durable=True)
    servers.claim()
    servers.start_database()
    _use(servers.publish()["database_url"])
    with db.engine().connect() as connection:
        migrate.upgrade(connection)
    yield servers
    db.engine().dispose()
    _use(database)
    servers.stop()


def test_the_database_is_started_again_in_the_middle(own_server: Servers) -> None:
    with StandIn() as standin:
        world.connect(standin)
        numbers = [standin.place(standin.city)["no"] for _ in range(5)]
        world.sweep_at_once()
        for number in numbers:
            world.deed(number, "accept")
            world.deed(number)
        standin.place(standin.city)
        standin.city.faults.set(Fault.SLOW, seconds=0.3)  # so that it falls into an attempt
        failures, over = [], threading.Event()
        working = threading.Thread(target=_work_until, args=(over, failures))
        working.start()
        time.sleep(0.5)
        _restart(own_server)  # here: a server ends with the thread that started it
        over.set()
        working.join()
        standin.city.faults.clear()
        for _ in range(10):
            world.time_passes()
            world.sweep_at_once()
        assert failures, "it was not felt"
        assert world.differences(standin.city) == []
        assert len(world.outgoing()) == 10


def _work_until(over: threading.Event, failures: list[Exception]) -> None:
    while not over.is_set():
        try:
            world.sweep_at_once()
        except SQLAlchemyError as error:
            failures.append(error)
            over.wait(0.05)


def _restart(servers: Servers) -> None:
    postgres.stop(servers.running.pop("postgres"), hurry=True)
    servers.start_database()


def test_a_worker_killed_while_it_tells(
    standin: StandIn, city: far.Platform, redis: Redis, tmp_path: Path
) -> None:
    no = str(standin.place(city)["no"])
    world.connect(standin, settings={"read_seconds": 30, "whole_seconds": 30})
    world.sweep_at_once()
    world.deed(no, "accept")
    redis.flushdb()
    city.faults.set(Fault.SLOW, times=1, seconds=4)
    bells.ring(bells.SEND, "city")
    worker = subprocess.Popen(
        [sys.executable, "-c", "from hotline.worker import work; work(burst=True)"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: world.outgoing(no)[0].attempts == 1, 60)
    for child in psutil.Process(worker.pid).children(recursive=True):
        child.kill()  # the job itself, which has a group of its own
    worker.kill()
    worker.wait(20)
    assert world.outgoing(no)[0].state is OutgoingState.DUE
    wait_for(lambda: bool(city.events(no)), 20)  # what was on the way arrived
    assert queues.named(queues.DEFAULT).count == 0, "the job is lost"
    world.sweep_at_once()
    assert world.outgoing(no)[0].attempts == 1, "its lease is not over"
    world.until_quiet()
    assert world.outgoing(no)[0].attempts == 2
    assert world.differences(city) == []
