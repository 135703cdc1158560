"""The queues of background work, by how soon it must be done, and the way to put work in.

A job is a plain function of ids: it reads the row and is safe to run twice. A job that is lost
(Redis gone, emptied, a worker killed) is enqueued again by its feature's sweep.
"""

from __future__ import annotations

from functools import cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from sqlmodel import Session

from hotline import settings
from hotline.db import after_commit

URGENT = "urgent"
DEFAULT = "default"
SLOW = "slow"
ALL = (URGENT, DEFAULT, SLOW)  # workers empty them in this order
TIMEOUT_SECONDS = {URGENT: 30, DEFAULT: 120, SLOW: 1800}
RESULT_SECONDS = 60
# Short: a failed job is a logged line; the row and its sweep decide what happens next.
FAILURE_SECONDS = 3600


def enqueue_after_commit(session: Session, queue: str, function: str, *ids: int | str) -> None:
    """Once the data is safe, enqueue ``function`` (dotted path); a failure is only logged."""
    if queue not in ALL:
        raise ValueError(queue)
    after_commit(session, lambda: enqueue(queue, function, *ids))


def enqueue(queue: str, function: str, *ids: int | str, job_id: str | None = None) -> Job:
    """Enqueue now. ``job_id`` (no colon in it) replaces an earlier job of that id."""
    return named(queue).enqueue_call(
        function,
        args=ids,
        timeout=TIMEOUT_SECONDS[queue],
        result_ttl=RESULT_SECONDS,
        failure_ttl=FAILURE_SECONDS,
        job_id=job_id,
    )


def named(queue: str) -> Queue:
    """One of the queues."""
    return Queue(queue, connection=connection())


def connection() -> Redis:
    """This process's Redis client for queues. A request must not wait long for a doorbell."""
    return _client(settings.current().redis)


@cache
def _client(url: str) -> Redis:
    # One more try, at once: redis-py's own patience (several seconds) would be the caller's.
    patience = Retry(NoBackoff(), 1)
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, retry=patience)
