"""A text message that nobody took may be let be by a person; what is no clinic is found by letters.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LETTERS = {"initials": 60, "pinyin": 400}
NAME = "ck_text_message_state"


def upgrade() -> None:
    _states("'due', 'sent', 'given_up', 'dismissed'")
    op.create_index(
        "ix_text_message_stuck", "text_message", ["next_attempt_at"],
        postgresql_where=sa.text("state = 'given_up'"),
    )  # fmt: skip
    op.create_index("ix_text_message_sent", "text_message", ["sent_at"])
    for name, longest in LETTERS.items():
        letters = sa.Column(name, sa.String(longest), nullable=False, server_default="")
        op.add_column("resource", letters)
    op.create_index(
        "ix_resource_item", "resource", ["department_id"],
        postgresql_where=sa.text("kind <> 'clinic'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_resource_item", "resource")
    for name in LETTERS:
        op.drop_column("resource", name)
    op.drop_index("ix_text_message_sent", "text_message")
    op.drop_index("ix_text_message_stuck", "text_message")
    op.execute("UPDATE text_message SET state = 'given_up' WHERE state = 'dismissed'")
    _states("'due', 'sent', 'given_up'")


def _states(allowed: str) -> None:
    op.drop_constraint(NAME, "text_message", type_="check")
    op.create_check_constraint(NAME, "text_message", f"state IN ({allowed})")
