"""The database: one engine a process, one transaction a door."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Connection, Engine, create_engine
from sqlmodel import Session

from hotline import settings

log = structlog.get_logger(__name__)

_engines: dict[int, Engine] = {}
_bound: list[Connection] = []


def engine() -> Engine:
    """This process's engine, made on first use: an engine never crosses a fork."""
    pid = os.getpid()
    found = _engines.get(pid)
    if found is None:
        for parent in set(_engines) - {pid}:
            _engines.pop(parent, None)
        # Two hundred first requests may come at once: one engine wins, or each would keep a
        # pool of its own (an engine that loses has opened nothing).
        found = _engines.setdefault(pid, _new_engine())
    return found


def _new_engine() -> Engine:
    site = settings.current()
    return create_engine(
        site.database,
        pool_size=site.database_pool,
        max_overflow=site.database_pool,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 5,
            "application_name": "hotline",
            "options": "-c timezone=UTC -c statement_timeout=60000 -c lock_timeout=10000",
        },
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end, or leaves nothing behind when an error passes.

    What ``after_commit`` asked for runs once the data is safe and the connection is back.
    """
    with _session() as session:
        with session.begin():
            yield session
        calls = session.info.pop("after_commit", [])
    for call in calls:
        _run(call)


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Do this after the commit, outside the transaction: ring a doorbell, enqueue a job.

    It must be something that may be lost: rows are the truth, and a sweep rings again.
    """
    session.info.setdefault("after_commit", []).append(call)


def bind(connection: Connection) -> Callable[[], None]:
    """Run every transaction inside this connection's own (tests); returns the undoing."""
    _bound.append(connection)
    return _bound.pop  # type: ignore[return-value]


def _session() -> Session:
    if _bound:
        return Session(_bound[-1], join_transaction_mode="create_savepoint", expire_on_commit=False)
    return Session(engine(), expire_on_commit=False)


def _run(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:  # a doorbell that fails must not undo what was answered
        log.exception("after_commit_failed")
