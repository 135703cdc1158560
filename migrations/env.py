"""What Alembic runs: the revisions, on the connection `hotline.migrate` hands over.

``python -m migrations.draft`` compares the tables with a database and drafts a revision.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], transaction_per_migration=True
)
with context.begin_transaction():
    context.run_migrations()
