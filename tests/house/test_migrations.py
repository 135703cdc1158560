"""The revisions: one line of them, and the database they make is the one the tables describe."""

import importlib
import pkgutil
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlmodel import Session, SQLModel

import hotline
import ivr
import workorders
from hotline import db, migrate

TABLES_ELSEWHERE = {"hotline.audit", "hotline.api", "hotline.console.saved"}


def test_there_is_one_head(session: Session) -> None:
    assert migrate.current(session.connection()) == migrate.head()


def test_upgrading_again_does_nothing(committed: str) -> None:
    with db.engine().connect() as connection:
        assert migrate.upgrade(connection) == []


def test_the_service_role_is_no_superuser(session: Session) -> None:
    found = session.connection().execute(
        text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    )
    assert found.scalar() is False


def test_trigrams_know_chinese(session: Session) -> None:
    found = session.connection().execute(text("SELECT cardinality(show_trgm('鼓楼'))")).scalar()
    assert found > 0


def test_tables_and_revisions_agree(session: Session) -> None:
    _import_all_tables()
    assert _differences(session.connection()) == []


def _import_all_tables() -> None:
    for package in (hotline, ivr, workorders):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith("models") or found.name in TABLES_ELSEWHERE:
                importlib.import_module(found.name)


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return [_named(difference) for difference in compare_metadata(context, SQLModel.metadata)]


def _named(difference: Any) -> str:
    kind, thing = (difference[0], difference[-1]) if isinstance(difference, tuple) else ("", 0)
    return f"{kind} {getattr(thing, 'name', difference)}"
