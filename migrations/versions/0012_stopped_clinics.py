"""Stopped clinics and the calls they cause; bans with a reason; a mobile's place can be freed.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATES = "'open', 'told', 'rebooked', 'not_needed'"
RESULTS = "'told', 'not_needed', 'no_answer', 'busy', 'powered_off', 'wrong_number'"
TO_CALL_BACK = "state = 'stopped' AND booking_no IS NOT NULL AND called_back_at IS NULL"
# Whoever was told before this revision stays told.
MOVE = """
    INSERT INTO stop_call (booking_id, state, closed_at, attempts)
    SELECT id, CASE WHEN called_back_at IS NULL THEN 'open' ELSE 'told' END, called_back_at, 0
    FROM booking WHERE state = 'stopped' AND booking_no IS NOT NULL
"""
MOVE_BACK = """
    UPDATE booking b SET called_back_at = c.closed_at FROM stop_call c WHERE c.booking_id = b.id
"""


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True)


def _at(name: str, *, required: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def _link(name: str, target: str, *, required: bool = False, on_delete: str | None = None):
    key = sa.ForeignKey(f"{target}.id", ondelete=on_delete)
    return sa.Column(name, sa.BigInteger, key, nullable=not required)


def upgrade() -> None:
    _create_stops()
    op.execute(MOVE)
    op.drop_index("ix_booking_to_call_back", "booking")
    op.drop_column("booking", "called_back_at")
    for column in (
        sa.Column("reason", sa.String(200)),
        _link("set_by", "person"),
        _link("lifted_by", "person"),
        sa.Column("lift_reason", sa.String(200)),
    ):
        op.add_column("booking_ban", column)
    op.alter_column("patient_account", "mobile_hash", nullable=True)
    op.alter_column("patient_account", "place", nullable=True)


def _create_stops() -> None:
    op.create_table(
        "clinic_stop",
        _id(),
        _at("at", required=True),
        _link("by", "person"),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("slots", sa.Integer, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "stop_call",
        _id(),
        _link("booking_id", "booking", required=True, on_delete="CASCADE"),
        _link("stop_id", "clinic_stop", on_delete="SET NULL"),
        sa.Column("state", sa.String(32), nullable=False),
        _link("claimed_by", "person"),
        _at("claimed_at"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        _at("tried_at"),
        _at("closed_at"),
        _link("rebooked_id", "booking", on_delete="SET NULL"),
        sa.UniqueConstraint("booking_id", name="uq_stop_call_booking"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_stop_call_state"),
    )
    op.create_index("ix_stop_call_open", "stop_call", ["state"],
                    postgresql_where=sa.text("state = 'open'"))  # fmt: skip
    op.create_index("ix_stop_call_stop", "stop_call", ["stop_id"])
    op.create_index("ix_stop_call_rebooked", "stop_call", ["rebooked_id"])
    op.create_table(
        "stop_call_attempt",
        _id(),
        _link("stop_call_id", "stop_call", required=True, on_delete="CASCADE"),
        _at("at", required=True),
        _link("by", "person", required=True),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.CheckConstraint(f"result IN ({RESULTS})", name="ck_stop_call_attempt_result"),
    )
    op.create_index("ix_stop_call_attempt_call", "stop_call_attempt", ["stop_call_id"])


def downgrade() -> None:
    op.execute("DELETE FROM patient_account WHERE mobile_hash IS NULL")
    op.alter_column("patient_account", "mobile_hash", nullable=False)
    op.alter_column("patient_account", "place", nullable=False)
    for column in ("reason", "set_by", "lifted_by", "lift_reason"):
        op.drop_column("booking_ban", column)
    op.add_column("booking", _at("called_back_at"))
    op.execute(MOVE_BACK)
    op.create_index("ix_booking_to_call_back", "booking", ["settled_at"],
                    postgresql_where=sa.text(TO_CALL_BACK))  # fmt: skip
    for table in ("stop_call_attempt", "stop_call", "clinic_stop"):
        op.drop_table(table)
