"""By what orders are looked for among a hundred thousand: who filed them, foreign numbers, unit,
flags.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_NAMED = {
    "ix_work_order_filed": "filed_by",
    "ix_work_order_remote_no": "remote_no",
    "ix_work_order_old_no": "old_no",
    "ix_work_order_unit_id": "unit_id",
}


def upgrade() -> None:
    for name, column in _NAMED.items():
        op.create_index(name, "work_order", [column], postgresql_where=f"{column} IS NOT NULL")
    op.create_index("ix_work_order_flags", "work_order", ["flags"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_work_order_flags", "work_order")
    for name in _NAMED:
        op.drop_index(name, "work_order")
