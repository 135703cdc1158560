"""What a platform names of a day beside what we have, night by night, signed by a supervisor.

A signed report is never changed: triggers refuse it. Demonstration reports may go.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_REFUSE_RUN = """
CREATE FUNCTION refuse_signed_reconciliation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL AND NOT OLD.is_demo THEN
        RAISE EXCEPTION 'a signed reconciliation is never changed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$
"""
_REFUSE_PART = """
CREATE FUNCTION refuse_part_of_signed_reconciliation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_run bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.reconciliation_id
                     ELSE OLD.reconciliation_id END;
BEGIN
    IF EXISTS (SELECT FROM work_order_reconciliation r
               WHERE r.id = of_run AND r.signed_at IS NOT NULL AND NOT r.is_demo) THEN
        RAISE EXCEPTION 'a signed reconciliation is never changed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$
"""
_PARTS = ("work_order_reconciliation_line", "work_order_difference")


def upgrade() -> None:
    """Runs, their lines, their differences."""
    _runs()
    _lines()
    _differences()
    op.execute(_REFUSE_RUN)
    op.execute(
        "CREATE TRIGGER work_order_reconciliation_signed BEFORE UPDATE OR DELETE"
        " ON work_order_reconciliation FOR EACH ROW EXECUTE FUNCTION refuse_signed_reconciliation()"
    )
    op.execute(_REFUSE_PART)
    for table in _PARTS:
        op.execute(
            f"CREATE TRIGGER {table}_signed BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_part_of_signed_reconciliation()"
        )


def _runs() -> None:
    op.create_table(
        "work_order_reconciliation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("started_by", sa.String(60), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("theirs", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(300)),
        sa.Column("is_to_stop", sa.Boolean(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        sa.Column("signed_by", sa.BigInteger()),
        sa.Column("signed_by_name", sa.String(60)),
        sa.Column("signed_words", sa.String(300)),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint("signed_at IS NULL OR state = 'done'", name="ck_reconciliation_signed"),
        sa.ForeignKeyConstraint(["platform"], ["work_order_platform.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "day", "number", name="uq_work_order_reconciliation"),
    )
    op.create_index("ix_work_order_reconciliation_day", "work_order_reconciliation", ["day", "id"])
    op.create_index(
        "uq_work_order_reconciliation_open",
        "work_order_reconciliation",
        ["platform", "day"],
        unique=True,
        postgresql_where=sa.text("state <> 'done'"),
    )


def _of_run() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["reconciliation_id"], ["work_order_reconciliation.id"], ondelete="CASCADE"
    )


def _lines() -> None:
    op.create_table(
        "work_order_reconciliation_line",
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("remote_no", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _of_run(),
        sa.PrimaryKeyConstraint("reconciliation_id", "remote_no"),
    )


def _differences() -> None:
    op.create_table(
        "work_order_difference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("remote_no", sa.String(64)),
        sa.Column("their_status", sa.String(64)),
        sa.Column("their_version", sa.BigInteger()),
        sa.Column("our_state", sa.String(32)),
        sa.Column("our_status", sa.String(64)),
        sa.Column("our_version", sa.BigInteger()),
        sa.Column("words", sa.String(300)),
        sa.Column("explanation", sa.String(500)),
        sa.Column("explained_at", sa.DateTime(timezone=True)),
        sa.Column("explained_by", sa.BigInteger()),
        sa.Column("explained_by_name", sa.String(60)),
        _of_run(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_work_order_difference_run", "work_order_difference", ["reconciliation_id", "id"]
    )


def downgrade() -> None:
    """As before."""
    for table in (*_PARTS[::-1], "work_order_reconciliation"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_part_of_signed_reconciliation()")
    op.execute("DROP FUNCTION refuse_signed_reconciliation()")
