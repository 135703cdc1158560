"""``python -m migrations.draft``: what a revision would have to do for the tables there are.

On an embedded database of its own, brought to the newest revision, which goes when it is done.
Prints Alembic's code, to be cut down to what one means. Views, triggers and data it does not see.
"""

import importlib
import pkgutil
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

import hotline
import ivr
import workorders
from hotline import migrate
from hotline.embedded.servers import Servers

PACKAGES = (hotline, ivr, workorders)
TABLES_ELSEWHERE = {"hotline.audit", "hotline.api", "hotline.console.saved"}


def import_all_tables() -> None:
    """Every module of tables: those called models, and a few others."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith("models") or found.name in TABLES_ELSEWHERE:
                importlib.import_module(found.name)


def main() -> None:
    """Draft it."""
    with tempfile.TemporaryDirectory() as scratch:
        servers = Servers(Path(scratch), durable=False)
        try:
            servers.claim()
            servers.start_database()
            address = make_url(servers.publish()["database_url"])
            engine = create_engine(address.set(drivername="postgresql+psycopg"))
            with engine.connect() as connection:
                migrate.upgrade(connection)
                print(drafted(connection))  # noqa: T201
            engine.dispose()
        finally:
            servers.stop()


def drafted(connection: Connection) -> str:
    """The code of ``upgrade`` and ``downgrade``; both say ``pass`` where nothing is missing."""
    import_all_tables()
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    script = produce_migrations(context, SQLModel.metadata)
    return "\n".join(
        f"def {name}() -> None:\n"
        f"    {render_python_code(deeds, render_item=_render, migration_context=context)}\n"
        for name, deeds in (("upgrade", script.upgrade_ops), ("downgrade", script.downgrade_ops))
        if deeds is not None
    )


def _render(kind: str, item: Any, _: Any) -> str | bool:
    """Write the columns' own types as what they store: revisions import nothing of ours."""
    if kind == "type" and type(item).__module__.startswith(tuple(p.__name__ for p in PACKAGES)):
        return f"sa.{item.impl!r}"
    return False


if __name__ == "__main__":
    main()
