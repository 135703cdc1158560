"""Doorbells: a job for a platform waits in the queue once, however many deeds ring for it.

Ringing may fail or be lost: rows are the truth, and the sweep rings again.
"""

from __future__ import annotations

from contextlib import suppress

from redis import RedisError
from sqlmodel import Session

from hotline import queues
from hotline.db import after_commit

SEND = "workorders.exchange.jobs.send"
PULL = "workorders.exchange.jobs.pull"
APPLY = "workorders.exchange.jobs.apply"
FORGOTTEN_SECONDS = 30  # a job that was lost keeps others from ringing no longer than this


def ring_after_commit(session: Session, job: str, platform: str) -> None:
    """Ring once the data is safe."""
    after_commit(session, lambda: ring(job, platform))


def ring(job: str, platform: str) -> None:
    """Enqueue the job unless it waits already. Raises RedisError."""
    if queues.connection().set(_key(job, platform), "1", nx=True, ex=FORGOTTEN_SECONDS):
        queues.enqueue(queues.DEFAULT, job, platform)


def heard(job: str, platform: str) -> None:
    """The job begins: what is written from now on rings anew."""
    with suppress(RedisError):
        queues.connection().delete(_key(job, platform))


def _key(job: str, platform: str) -> str:
    return f"hotline:bell:{job}:{platform}"
