"""Calls of the voice line that have not left it are found at once.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_voice_call_under_way", "voice_call", ["started_at"],
                    postgresql_where=sa.text("went = 'under_way'"))  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_voice_call_under_way", "voice_call")
