"""Bring the database to the newest revision, without an alembic.ini."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import migrations

LOCK = 12320_001  # of the advisory lock that lets one process migrate at a time


def head() -> str:
    """The newest revision there is. Raises when there is not exactly one."""
    revision = ScriptDirectory.from_config(config()).get_current_head()
    if revision is None:
        raise RuntimeError("no migration")
    return revision


def current(connection: Connection) -> str | None:
    """The database's revision, None when nothing has been done to it yet."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Apply what is missing, each revision in a transaction of its own; the revisions applied.

    Processes that start together wait for each other here. ``connection`` is left committed.
    """
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SET lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    connection.commit()
    try:
        missing = _missing(connection)
        for revision, title in missing:
            say(f"{revision} {title}")
            command.upgrade(config(connection), revision)
            connection.commit()
        return [revision for revision, _ in missing]
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def _missing(connection: Connection) -> list[tuple[str, str]]:
    scripts = ScriptDirectory.from_config(config())
    done = current(connection)
    connection.rollback()
    missing = list(scripts.iterate_revisions("head", done or "base"))
    return [(script.revision, script.doc) for script in reversed(missing)]


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; nothing of it stands in a file."""
    made = Config()
    # not migrations.__file__: nothing needs importing to read a directory
    made.set_main_option("script_location", str(Path(migrations.__path__[0])))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
