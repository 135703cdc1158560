"""Queues, the schedule and the worker: nothing is lost that a sweep could not bring back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time
from importlib import import_module
from pathlib import Path

import psutil
import pytest
from redis import Redis
from rq import Worker
from rq.job import Job
from sqlmodel import Session

from hotline import db, queues, schedule, settings
from hotline.schedule import PERIODIC, Periodic
from tests.house.machine import wait_for

EVERY = Periodic("probe", "tests.house.jobs.touch", every_seconds=60, queue=queues.DEFAULT)
DAILY = Periodic("night", "tests.house.jobs.touch", daily_at=time(2, 30))
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def test_a_job_is_enqueued_only_after_the_commit(committed: str, redis: Redis) -> None:
    with db.transaction() as session:
        queues.enqueue_after_commit(session, queues.URGENT, "tests.house.jobs.touch", 7)
        assert queues.named(queues.URGENT).count == 0
    assert [job.args for job in queues.named(queues.URGENT).jobs] == [(7,)]


def test_nothing_is_enqueued_when_the_transaction_fails(committed: str, redis: Redis) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction() as session:  # noqa: PT012
        queues.enqueue_after_commit(session, queues.URGENT, "tests.house.jobs.touch", 7)
        raise ZeroDivisionError
    assert queues.named(queues.URGENT).count == 0


def test_a_queue_out_of_reach_does_not_undo_the_answer(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_REDIS_URL", "unix:///nowhere.sock")
    settings.current.cache_clear()
    with db.transaction() as session:
        queues.enqueue_after_commit(session, queues.URGENT, "tests.house.jobs.touch", 7)
    monkeypatch.undo()
    settings.current.cache_clear()


def test_an_unknown_queue_is_a_mistake(session: Session) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        queues.enqueue_after_commit(session, "nowhere", "tests.house.jobs.touch")


def test_a_slot_is_claimed_once_whoever_ticks(redis: Redis) -> None:
    ticks = [schedule.tick([EVERY], redis, NOON) for _ in range(3)]
    assert ticks == [["probe"], [], []]


def test_a_slow_job_does_not_pile_up(redis: Redis) -> None:
    schedule.tick([EVERY], redis, NOON)
    assert schedule.tick([EVERY], redis, NOON.replace(minute=1)) == []
    assert queues.named(queues.DEFAULT).count == 1


def test_a_job_whose_worker_died_is_enqueued_again(redis: Redis) -> None:
    schedule.tick([EVERY], redis, NOON)
    job = queues.named(queues.DEFAULT).jobs[0]
    redis.hset(job.key, mapping={"status": "started", "last_heartbeat": "2026-01-01T00:00:00Z"})
    assert schedule.tick([EVERY], redis, NOON.replace(minute=1)) == ["probe"]


def test_a_day_has_one_slot_from_its_hour_on() -> None:
    assert DAILY.slot(datetime(2026, 11, 20, 18, 29, tzinfo=UTC)) is None  # 02:29 in Shanghai
    assert DAILY.slot(datetime(2026, 11, 20, 18, 30, tzinfo=UTC)) == "2026-11-21"
    assert DAILY.slot(NOON) == "2026-11-21"


def test_the_schedule_goes_on_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_REDIS_URL", "unix:///nowhere.sock")
    settings.current.cache_clear()
    assert schedule.tick([EVERY], queues.connection(), NOON) == []
    monkeypatch.undo()
    settings.current.cache_clear()


def test_periodic_jobs_exist_and_their_names_are_their_own() -> None:
    names = [entry.name for entry in PERIODIC]
    assert len(set(names)) == len(names)
    for entry in PERIODIC:
        module, _, function = entry.job.rpartition(".")
        assert callable(getattr(import_module(module), function)), entry.job
        assert entry.queue in queues.ALL
        assert bool(entry.every_seconds) != bool(entry.daily_at), entry.name


@pytest.fixture
def worker(committed: str, redis: Redis, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`hotline worker` with one job process."""
    log = (tmp_path / "worker.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "hotline.cli", "worker", "--processes", "1"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    yield process
    process.terminate()
    process.wait(20)
    log.close()


def test_a_worker_does_jobs_and_is_replaced_when_killed(
    worker: subprocess.Popen[bytes], redis: Redis, tmp_path: Path
) -> None:
    _leaves_a_mark(tmp_path / "one")
    for child in psutil.Process(worker.pid).children():
        child.kill()
    # A job handed to a dying worker is lost, which is what the sweeps are for: wait for the next.
    wait_for(lambda: "已重新启动" in (tmp_path / "worker.log").read_text())
    _leaves_a_mark(tmp_path / "two")


def test_a_worker_survives_an_emptied_redis(
    worker: subprocess.Popen[bytes], redis: Redis, tmp_path: Path
) -> None:
    _leaves_a_mark(tmp_path / "one")
    redis.flushdb()
    _leaves_a_mark(tmp_path / "two")


def test_a_worker_finishes_its_job_when_asked_to_stop(
    worker: subprocess.Popen[bytes], redis: Redis, tmp_path: Path
) -> None:
    begun, done = tmp_path / "begun", tmp_path / "done"
    queues.enqueue(queues.DEFAULT, "tests.house.jobs.slowly", str(begun), str(done))
    wait_for(begun.exists)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert done.exists()


def _leaves_a_mark(path: Path) -> None:
    queues.enqueue(queues.DEFAULT, "tests.house.jobs.touch", str(path))
    wait_for(path.exists)


def test_a_job_that_fails_is_kept_briefly_and_says_so_in_the_log(
    committed: str, redis: Redis
) -> None:
    job = queues.enqueue(queues.DEFAULT, "tests.house.jobs.fail", "13800001111")
    done = subprocess.run(
        [sys.executable, "-c", "from hotline.worker import work; work(burst=True)"],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "HOTLINE_LOG_LEVEL": "INFO",
        },
        check=True,
        capture_output=True,
        text=True,
    )
    assert '"job": "tests.house.jobs.fail"' in done.stdout
    assert job.id in done.stdout
    assert "13800001111" not in done.stdout + done.stderr
    assert Job.fetch(job.id, connection=redis).get_status() == "failed"
    assert redis.ttl(Job.fetch(job.id, connection=redis).key) <= queues.FAILURE_SECONDS
    assert Worker.count(connection=redis) == 0
