"""A text message is worded when it is sent.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("text_message", "mobile", nullable=True)
    op.alter_column("text_message", "body", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM text_message WHERE body IS NULL")
    op.alter_column("text_message", "mobile", nullable=False)
    op.alter_column("text_message", "body", nullable=False)
