"""One process at a time does one thing with one platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hotline import db

_TAKE = text("SELECT pg_try_advisory_lock(12345, hashtext(:what))")
_LEAVE = text("SELECT pg_advisory_unlock(12345, hashtext(:what))")


@contextmanager
def only_one(what: str, platform: str) -> Iterator[bool]:
    """Whether nobody else is at it. No transaction is open meanwhile, and who is killed lets go
    with the connection: correctness hangs on the leases of rows, this keeps the peace."""
    key = {"what": f"{what} {platform}"}
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.execute(_TAKE, key).scalar())
        try:
            yield mine
        finally:
            if mine:
                with suppress(SQLAlchemyError):  # a lost connection has let go already
                    connection.execute(_LEAVE, key)
