"""How each turn of the voice line went, what a supervisor heard in it, and how its calls ended.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FLAGS = ("missed", "interrupted", "corrected", "slow")
TIMES = ("began_ms", "asked_ms", "spoke_ms", "ended_ms", "ready_ms", "replied_ms")
INDEXES = {
    "ix_call_turn_at": (["at"], None),
    "ix_call_turn_to_check": (["id"], "doubt IS NOT NULL AND verdict IS NULL"),
    "ix_call_turn_checked": (["checked_at"], "verdict IS NOT NULL"),
}


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _columns() -> list[sa.Column]:
    return [
        sa.Column("alternatives", sa.LargeBinary),
        sa.Column("confidence", sa.Float),
        *(_flag(name) for name in FLAGS),
        sa.Column("model", sa.String(80)),
        *(sa.Column(name, sa.Integer) for name in TIMES),
        sa.Column("doubt", sa.String(32)),
        sa.Column("verdict", sa.String(32)),
        sa.Column("said", sa.LargeBinary),
        sa.Column("checked_by", sa.BigInteger, sa.ForeignKey("person.id")),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("call_turn", column)
    for name, (columns, only) in INDEXES.items():
        where = sa.text(only) if only else None
        op.create_index(name, "call_turn", columns, postgresql_where=where)
    op.create_table(
        "voice_call",
        sa.Column("call_uid", sa.String(128), primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("seconds", "turns", "missed")),
        sa.Column("achieved", sa.String(32), nullable=False),
        sa.Column("went", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("last_step", sa.String(40)),
        sa.Column("age_band", sa.String(32)),
        sa.Column("model", sa.String(80)),
        _flag("slow"),
        _flag("is_demo"),
    )
    op.create_index("ix_voice_call_started", "voice_call", ["started_at", "call_uid"])


def downgrade() -> None:
    op.drop_table("voice_call")
    for name in INDEXES:
        op.drop_index(name, "call_turn")
    for column in _columns():
        op.drop_column("call_turn", column.name)
