"""The revisions: one line of them, and the database they make is the one the tables describe."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlmodel import Session, SQLModel

from hotline import db, migrate
from migrations.draft import drafted, import_all_tables


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
    import_all_tables()
    assert _differences(session.connection()) == []


def test_what_lacks_in_the_database_is_drafted(session: Session) -> None:
    assert drafted(session.connection()).count("pass") == 2
    session.connection().execute(text("ALTER TABLE call DROP COLUMN caller"))
    code = drafted(session.connection())
    assert "op.add_column('call', sa.Column('caller', sa.LargeBinary" in code
    assert "op.drop_column('call', 'caller')" in code
    assert "hotline" not in code


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return [_named(difference) for difference in compare_metadata(context, SQLModel.metadata)]


def _named(difference: Any) -> str:
    kind, thing = (difference[0], difference[-1]) if isinstance(difference, tuple) else ("", 0)
    return f"{kind} {getattr(thing, 'name', difference)}"
