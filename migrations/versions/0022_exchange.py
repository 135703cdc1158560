"""What came is tried again with pauses, pulling has pauses of its own, cursors may be long.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Counters and instants of the exchange."""
    op.add_column(
        "work_order_incoming",
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column(
        "work_order_incoming",
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
    )
    for table, column in (
        ("work_order_incoming", "attempts"),
        ("work_order_incoming", "next_attempt_at"),
    ):
        op.alter_column(table, column, server_default=None)
    op.add_column(
        "work_order_platform_health",
        sa.Column("pull_failures", sa.Integer(), nullable=False, server_default="0"),
    )
    op.alter_column("work_order_platform_health", "pull_failures", server_default=None)
    op.add_column("work_order_platform_health", sa.Column("pull_after", sa.DateTime(timezone=True)))
    op.alter_column("work_order_platform_health", "cursor", type_=sa.String(length=1000))


def downgrade() -> None:
    """As before."""
    op.alter_column("work_order_platform_health", "cursor", type_=sa.String(length=200))
    op.drop_column("work_order_platform_health", "pull_after")
    op.drop_column("work_order_platform_health", "pull_failures")
    op.drop_column("work_order_incoming", "next_attempt_at")
    op.drop_column("work_order_incoming", "attempts")
