"""Periodic jobs, declared as data, and the loop that enqueues those that are due.

Time is cut into slots. Whoever first claims a slot in Redis enqueues its job, so any number of
worker processes on any number of machines may run this loop. When Redis is gone nothing is
enqueued, and the loop goes on; when it was emptied a slot may be run twice, which jobs bear.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog
from redis import Redis, RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job

from hotline import queues
from hotline.clock import local, now

log = structlog.get_logger(__name__)

SILENT_SECONDS = 180  # a started job not heard of for so long died with its worker


@dataclass(frozen=True)
class Periodic:
    """``job`` (dotted path of a function without arguments) every so many seconds, or once a
    day from a Shanghai time on. A daily job missed while nothing ran is made up for."""

    name: str
    job: str
    every_seconds: int = 0
    daily_at: time | None = None
    queue: str = queues.SLOW

    def slot(self, instant: datetime) -> str | None:
        """The name of the slot that is due at ``instant``; None when none is yet."""
        if self.daily_at is None:
            return str(int(instant.timestamp()) // self.every_seconds)
        here = local(instant)
        return here.date().isoformat() if here.time() >= self.daily_at else None


# Features add theirs here, by path.
PERIODIC: tuple[Periodic, ...] = (
    Periodic("calls-stale", "hotline.calls.jobs.sweep_stale", 60, queue=queues.DEFAULT),
    Periodic("booking-holds", "hotline.booking.jobs.expire_holds", 30, queue=queues.DEFAULT),
    Periodic("booking-texts", "hotline.booking.jobs.send_due_texts", 10, queue=queues.DEFAULT),
    Periodic("booking-past", "hotline.booking.jobs.close_past", daily_at=time(2, 10)),
    Periodic("booking-names", "hotline.booking.jobs.index_names", 60),
    Periodic("booking-schedules", "hotline.booking.schedules_jobs.fill", daily_at=time(1, 30)),
    Periodic("statistics", "hotline.statistics.jobs.take_in", 60),
    Periodic("statistics-returns", "hotline.statistics.jobs.keep_returns", 1800),
    Periodic("deadlines", "workorders.deadlines.jobs.warn_and_escalate", 60, queue=queues.DEFAULT),
    Periodic("workorders-pull", "workorders.exchange.jobs.pull_all", 30, queue=queues.DEFAULT),
    Periodic("workorders-sweep", "workorders.exchange.jobs.sweep", 20, queue=queues.DEFAULT),
    Periodic("workorders-reconcile", "workorders.exchange.reconciling_jobs.nightly", 1800),
    Periodic("workorders-exports", "workorders.pages.export_kept.sweep", 600),
    Periodic("attachments", "workorders.attaching_jobs.sweep", daily_at=time(4, 20)),
    Periodic("recordings", "ivr.recording.sweep", daily_at=time(4, 10)),
    Periodic("tidy", "hotline.tidy.forget_answers", daily_at=time(3, 40)),
)


def tick(entries: Iterable[Periodic], redis: Redis, instant: datetime | None = None) -> list[str]:
    """Enqueue what is due and not claimed; the names enqueued. Redis being away is no error."""
    enqueued = []
    try:
        for entry in entries:
            slot = entry.slot(instant or now())
            if slot and _claim(redis, entry, slot) and not _is_under_way(redis, entry):
                queues.enqueue(entry.queue, entry.job, job_id=_job_id(entry))
                enqueued.append(entry.name)
    except RedisError as error:
        log.warning("schedule_waits_for_redis", error=type(error).__name__)
    return enqueued


def _claim(redis: Redis, entry: Periodic, slot: str) -> bool:
    keep = timedelta(days=2) if entry.daily_at else timedelta(seconds=entry.every_seconds * 2)
    return bool(redis.set(f"hotline:schedule:{entry.name}:{slot}", "1", nx=True, ex=keep))


def _is_under_way(redis: Redis, entry: Periodic) -> bool:
    """Whether the last one still waits or runs: a slow job must not pile up."""
    try:
        job = Job.fetch(_job_id(entry), connection=redis)
    except NoSuchJobError:
        return False
    status = job.get_status()
    if status == "started":
        heard = job.last_heartbeat
        return heard is not None and now() - heard < timedelta(seconds=SILENT_SECONDS)
    return status == "queued"


def _job_id(entry: Periodic) -> str:
    return f"periodic-{entry.name}"
