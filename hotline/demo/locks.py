"""Who may write demonstration data now: one loader or remover, one trickle, in one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from hotline import db


class Lock(IntEnum):
    """Keys of PostgreSQL's advisory locks."""

    DATA = 12320_101  # loading and removing; each step of the trickle shares it
    TRICKLE = 12320_102


@contextmanager
def held(lock: Lock, *, wait: bool = True) -> Iterator[Connection | None]:
    """Hold a lock on a connection of its own; None when another process has it."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0; SET statement_timeout = 0"))
        call = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        got = connection.execute(text(f"SELECT {call}(:key)"), {"key": int(lock)}).scalar()
        try:
            yield None if got is False else connection
        finally:
            with suppress(SQLAlchemyError):  # with a lost connection the lock is gone already
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": int(lock)})
            connection.invalidate()  # it has settings of its own: not for the pool


def share(session: Session, lock: Lock) -> None:
    """Until this transaction ends, keep out who wants the lock for themselves."""
    session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": int(lock)})
