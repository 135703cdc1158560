"""Asterisk's own id of a call that the voice line records.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_alias",
        sa.Column("alias", sa.String(128), primary_key=True),
        sa.Column(
            "call_uid",
            sa.String(128),
            sa.ForeignKey("call.call_uid", ondelete="CASCADE"),
            nullable=False,
        ),
    )
    op.create_index("ix_call_alias_call", "call_alias", ["call_uid"])


def downgrade() -> None:
    op.drop_table("call_alias")
