"""Names that were heard by the voice line wait for somebody to listen.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "name_check",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True),
        sa.Column("account_id", sa.BigInteger,
                  sa.ForeignKey("patient_account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("call_uid", sa.String(128), nullable=False),
        sa.Column("heard", sa.LargeBinary, nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("unclear_at", INSTANT),
        sa.Column("verdict", sa.String(32)),
        sa.Column("checked_by", sa.BigInteger, sa.ForeignKey("person.id")),
        sa.Column("checked_at", INSTANT),
    )  # fmt: skip
    op.create_index("uq_name_check_open", "name_check", ["account_id"], unique=True,
                    postgresql_where=sa.text("verdict IS NULL"))  # fmt: skip
    op.create_index("ix_name_check_account", "name_check", ["account_id"])
    op.create_index("ix_name_check_done", "name_check", ["checked_at"],
                    postgresql_where=sa.text("verdict IS NOT NULL"))  # fmt: skip


def downgrade() -> None:
    op.drop_table("name_check")
