"""The database: one engine a process, one transaction a door."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import structlog
from psycopg import Error
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import dict_row
from sqlalchemy import Connection, Dialect, Engine, Executable, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlmodel import Session

from hotline import settings

log = structlog.get_logger(__name__)

IDLE_SECONDS = 3.0  # a connection that lay longer is asked whether it lives before it is used
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


class _Connection(psycopg.Connection[Any]):
    """A connection that keeps its plans when a transaction is undone.

    psycopg forgets every prepared statement with each ROLLBACK, because tables made in the
    transaction may be gone; ours makes none. With each refusal everything would be planned anew.
    """

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            answer = self.pgconn.exec_(b"ROLLBACK")
            if answer.status != ExecStatus.COMMAND_OK:
                raise psycopg.OperationalError("the transaction could not be undone")


def _connect(
    _: Dialect, __: ConnectionPoolEntry, arguments: list[Any], named: dict[str, Any]
) -> DBAPIConnection:
    return cast(DBAPIConnection, _Connection.connect(*arguments, **named))


def _new_engine() -> Engine:
    site = settings.current()
    made = create_engine(
        site.database,
        pool_size=site.database_pool,
        max_overflow=site.database_pool,
        pool_timeout=10,
        pool_recycle=1800,
        hide_parameters=True,  # an error's text ends up in logs, and they hold what people said
        connect_args={
            "connect_timeout": 5,
            "application_name": "hotline",
            "options": "-c timezone=UTC -c statement_timeout=60000 -c lock_timeout=10000",
        },
    )
    event.listen(made, "do_connect", _connect)
    event.listen(made, "checkin", _lay_down)
    event.listen(made, "checkout", _require_alive)
    return made


def _lay_down(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["lies_since"] = time.monotonic()


def _require_alive(
    connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection
) -> None:
    """A server that went has said so: there is something to read. Who lay long is asked as well;
    asked each time, as the engine's own ping does, it would cost a fifth of a short deed."""
    if "lies_since" not in entry.info:
        return  # just opened
    lay_long = time.monotonic() - entry.info["lies_since"] > IDLE_SECONDS
    if _has_been_told(connection) or (lay_long and not _answers(connection)):
        raise InvalidatePoolError  # its neighbours are no better: all are opened anew


def _has_been_told(connection: Any) -> bool:
    door = select.poll()
    door.register(connection.fileno(), select.POLLIN)
    return bool(door.poll(0))


def _answers(connection: Any) -> bool:
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Error:
        return False
    return True


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end, or leaves nothing behind when an error passes.

    What ``after_commit`` asked for runs once the data is safe and the connection is back.
    """
    with _session() as session:
        with session.begin():
            yield session
        calls = session.info.pop("after_commit", [])
        session.info.clear()
    for call in calls:
        _run(call)


@contextmanager
def still() -> Iterator[Session]:
    """A transaction whose statements all see one moment, that of the first (REPEATABLE READ).

    What is added up from several statements adds up, whoever writes meanwhile. A lock that must
    come before that moment is taken with LOCK TABLE, which sees nothing.
    """
    with transaction() as session:
        if not _bound:  # a test's connection has begun already
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Do this after the commit, outside the transaction: ring a doorbell, enqueue a job.

    It must be something that may be lost: rows are the truth, and a sweep rings again.
    """
    session.info.setdefault("after_commit", []).append(call)


def first(session: Session, statement: str, given: dict[str, Any]) -> dict[str, Any] | None:
    """The first row of a statement, in the session's transaction but by the driver alone.

    For deeds of which there are thousands at midnight: what the engine adds to a statement costs
    more than the statement. Parameters are written ``%(name)s``; what is wrong is psycopg's error.
    """
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor(row_factory=dict_row) as cursor:
        found: dict[str, Any] | None = cursor.execute(statement, given).fetchone()
    return found


def changed(session: Session, statement: Executable, given: dict[str, Any]) -> int:
    """Run a statement that writes; how many rows it wrote."""
    return session.connection().execute(statement, given).rowcount


def bind(connection: Connection) -> Callable[[], object]:
    """Run every transaction inside this connection's own (tests); returns the undoing."""
    _bound.append(connection)
    return _bound.pop


def _session() -> Session:
    if _bound:
        return Session(_bound[-1], join_transaction_mode="create_savepoint", expire_on_commit=False)
    return Session(engine(), expire_on_commit=False)


def _run(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:  # a doorbell that fails must not undo what was answered
        log.exception("after_commit_failed")
