"""What Alembic runs: the revisions, on the connection `hotline.migrate` hands over.

``python -m migrations.draft`` compares the tables with a database and drafts a revision.
"""

from typing import Any

from alembic import context
from sqlmodel import SQLModel


def render_item(kind: str, item: Any, _: Any) -> str | bool:
    """Write the columns' own types as what they store: revisions import nothing of ours."""
    if kind == "type" and type(item).__module__.startswith(("hotline", "ivr", "workorders")):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transaction_per_migration=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
