"""The worker: processes that do the queued jobs, and the clock that enqueues periodic ones.

`run` is the parent, which keeps the processes running and ticks the schedule. `work` is one of
them: RQ forks a child for each job, so a job that crashes takes only itself along.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from importlib import import_module

import structlog
from redis import Redis
from rq import Queue, Worker
from rq.job import Job

from hotline import logs, queues, schedule, settings
from hotline.processes.family import Family
from hotline.processes.signals import Signals, Stopped
from hotline.processes.spawn import Process, spawn

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
FINISH_SECONDS = 60  # for the jobs at hand, when asked to stop


def run(processes: int | None = None) -> None:
    """Keep job processes running and periodic jobs coming, until asked to stop."""
    site = settings.current()
    logs.configure(site)
    _ = site.secrets, site.database, site.redis  # say what is missing here, once
    family = Family(lambda sentence: log.warning("worker_process", message=sentence))
    with Signals() as signals:
        with suppress(Stopped):
            for number in range(processes or site.job_workers):
                family.add(f"任务进程 {number + 1} ", _start)
            log.info("worker_started", processes=len(family.members), queues=queues.ALL)
            _attend(family)
        family.stop(FINISH_SECONDS, lambda: signals.hurry)
        log.info("worker_stopped")


def _attend(family: Family) -> None:
    while True:
        family.look_after()
        schedule.tick(schedule.PERIODIC, queues.connection())
        time.sleep(TICK_SECONDS)


def _start() -> Process:
    return spawn([sys.executable, "-P", "-m", "hotline.worker"])


class JobWorker(Worker):
    """An RQ worker whose log lines say which job they belong to."""

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Do the job. Runs in the child that RQ forks for it."""
        names = {"job_id": job.id, "job": job.func_name}
        began = time.monotonic()
        with structlog.contextvars.bound_contextvars(**names):
            done = super().perform_job(job, queue)
            seconds = round(time.monotonic() - began, 3)
            log.info("job_done" if done else "job_given_up", seconds=seconds)
        return done


def work(*, burst: bool = False) -> None:
    """Do jobs until asked to stop, or (``burst``) until there are none."""
    site = settings.current()
    logs.configure(site)
    connection = Redis.from_url(site.redis, socket_connect_timeout=5)
    named = [Queue(name, connection=connection) for name in queues.ALL]
    worker = JobWorker(named, connection=connection, worker_ttl=45, maintenance_interval=60)
    _learn()
    worker.log_job_description = False  # it shows arguments
    worker.work(burst=burst, logging_level="WARNING")  # we log the jobs ourselves


def _learn() -> None:
    """Import what jobs need, once: each runs in a fork, which would import it anew every time."""
    for entry in schedule.PERIODIC:
        import_module(entry.job.rpartition(".")[0])


if __name__ == "__main__":
    work()
