"""Work orders: platforms, units, orders and their steps, requests, flags, call-backs, attachments;
what goes to the platforms and comes from them.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE work_order_number")
    op.create_table(
        "work_order_platform",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("adapter", sa.String(length=20), nullable=False),
        sa.Column("base_url", sa.String(length=300), nullable=True),
        sa.Column("app_id", sa.String(length=80), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", pg.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("settings", pg.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "work_unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_work_unit_name"),
    )
    op.create_table(
        "work_order_platform_health",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("cursor", sa.String(length=200), nullable=True),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform"],
            ["work_order_platform.code"],
        ),
        sa.PrimaryKeyConstraint("platform"),
    )
    op.create_table(
        "work_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_no", sa.String(length=20), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("remote_no", sa.String(length=64), nullable=True),
        sa.Column("old_no", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("remote_status", sa.String(length=64), nullable=True),
        sa.Column("remote_version", sa.BigInteger(), nullable=True),
        sa.Column("remote_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("category_code", sa.String(length=64), nullable=True),
        sa.Column("urgency", sa.String(length=32), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("reply_wanted", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("target", sa.String(length=200), nullable=True),
        sa.Column("caller_name", sa.LargeBinary(), nullable=True),
        sa.Column("caller_sex", sa.String(length=8), nullable=True),
        sa.Column("caller_phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column(
            "caller_tags", pg.ARRAY(sa.String(length=20)), server_default="{}", nullable=False
        ),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remote_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handler_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("public_reply", sa.Text(), nullable=True),
        sa.Column("caller_contacted", sa.Boolean(), nullable=False),
        sa.Column("master_id", sa.BigInteger(), nullable=True),
        sa.Column("flags", pg.ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
        sa.Column("satisfaction_first", sa.String(length=32), nullable=True),
        sa.Column("satisfaction", sa.String(length=32), nullable=True),
        sa.Column("grams", pg.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("filed_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(platform = 'self') = (remote_no IS NULL)", name="ck_work_order_remote"
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (master_id IS NOT NULL)", name="ck_work_order_merged"
        ),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'archived') OR closed_at IS NOT NULL",
            name="ck_work_order_closed",
        ),
        sa.CheckConstraint(
            "state NOT IN ('replied', 'callback') OR reply IS NOT NULL OR platform <> 'self'",
            name="ck_work_order_replied",
        ),
        sa.CheckConstraint("master_id <> id", name="ck_work_order_master"),
        sa.CheckConstraint("round >= 1", name="ck_work_order_round"),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["call.id"],
        ),
        sa.ForeignKeyConstraint(
            ["filed_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["handler_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["master_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["work_unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", name="uq_work_order_call"),
        sa.UniqueConstraint("order_no", name="uq_work_order_no"),
        sa.UniqueConstraint("platform", "remote_no", name="uq_work_order_remote"),
    )
    op.create_index(
        "ix_work_order_grams", "work_order", ["grams"], unique=False, postgresql_using="gin"
    )
    op.create_index("ix_work_order_handler", "work_order", ["handler_id", "state"], unique=False)
    op.create_index(
        "ix_work_order_master",
        "work_order",
        ["master_id"],
        unique=False,
        postgresql_where="master_id IS NOT NULL",
    )
    op.create_index(
        "ix_work_order_phone", "work_order", ["phone_hash", "received_at"], unique=False
    )
    op.create_index("ix_work_order_received", "work_order", ["received_at", "id"], unique=False)
    op.create_index(
        "ix_work_order_state", "work_order", ["state", "received_at", "id"], unique=False
    )
    op.create_index("ix_work_order_updated", "work_order", ["updated_at", "id"], unique=False)
    op.create_table(
        "work_order_attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=True),
        sa.Column("path", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint("size >= 0", name="ck_work_order_attachment_size"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "sha256", "name", name="uq_work_order_attachment"),
    )
    op.create_table(
        "work_order_call_back",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("truthful", sa.Boolean(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.String(length=32), nullable=True),
        sa.Column("opinion", sa.String(length=1000), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "connected OR (satisfaction IS NULL AND solved IS NULL)",
            name="ck_work_order_call_back_reached",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_work_order_call_back", "work_order_call_back", ["order_id", "at"], unique=False
    )
    op.create_table(
        "work_order_flag",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("content", sa.String(length=1000), nullable=False),
        sa.Column("remote_key", sa.String(length=80), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.BigInteger(), nullable=True),
        sa.Column("raised_by_name", sa.String(length=60), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by_name", sa.String(length=60), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(cleared_at IS NULL) = (cleared_by_name IS NULL)", name="ck_work_order_flag_cleared"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["raised_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "kind", "remote_key", name="uq_work_order_flag_remote"),
    )
    op.create_index(
        "ix_work_order_flag", "work_order_flag", ["order_id", "raised_at"], unique=False
    )
    op.create_table(
        "work_order_incoming",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("via", sa.String(length=32), nullable=False),
        sa.Column("remote_no", sa.String(length=64), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["platform"],
            ["work_order_platform.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "digest", name="uq_work_order_incoming_once"),
    )
    op.create_index(
        "ix_work_order_incoming_due",
        "work_order_incoming",
        ["platform", "id"],
        unique=False,
        postgresql_where="state = 'due'",
    )
    op.create_index(
        "ix_work_order_incoming_order", "work_order_incoming", ["order_id", "id"], unique=False
    )
    op.create_index(
        "ix_work_order_incoming_stuck",
        "work_order_incoming",
        ["platform", "id"],
        unique=False,
        postgresql_where="state IN ('parked', 'unreadable')",
    )
    op.create_table(
        "work_order_outgoing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["platform"],
            ["work_order_platform.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", name="uq_work_order_outgoing_event"),
    )
    op.create_index(
        "ix_work_order_outgoing_due",
        "work_order_outgoing",
        ["platform", "next_attempt_at"],
        unique=False,
        postgresql_where="state = 'due'",
    )
    op.create_index(
        "ix_work_order_outgoing_order", "work_order_outgoing", ["order_id", "id"], unique=False
    )
    op.create_index(
        "ix_work_order_outgoing_stuck",
        "work_order_outgoing",
        ["platform", "created_at"],
        unique=False,
        postgresql_where="state IN ('refused', 'given_up')",
    )
    op.create_table(
        "work_order_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_name", sa.String(length=60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=True),
        sa.Column("platform_decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind <> 'extend' OR days > 0", name="ck_work_order_request_days"),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_work_order_request", "work_order_request", ["order_id", "asked_at"], unique=False
    )
    op.create_index(
        "uq_work_order_request_open",
        "work_order_request",
        ["order_id", "kind"],
        unique=True,
        postgresql_where="state IN ('asked', 'approved')",
    )
    op.create_table(
        "work_order_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=True),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("detail", pg.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["work_unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_work_order_step", "work_order_step", ["order_id", "at", "id"], unique=False)
    op.create_table(
        "work_order_unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("instruction", sa.String(length=1000), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_by", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["work_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["work_unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_work_order_unit_board", "work_order_unit", ["unit_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_work_order_unit_order_id"), "work_order_unit", ["order_id"], unique=False
    )
    op.create_index(
        "uq_work_order_unit",
        "work_order_unit",
        ["order_id", "unit_id"],
        unique=True,
        postgresql_where="state IN ('assigned', 'in_progress', 'replied')",
    )
    op.create_table(
        "work_order_exchange",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("outgoing_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outgoing_id"],
            ["work_order_outgoing.id"],
        ),
        sa.ForeignKeyConstraint(
            ["platform"],
            ["work_order_platform.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_work_order_exchange_at", "work_order_exchange", ["platform", "at"], unique=False
    )
    op.create_index(
        "ix_work_order_exchange_outgoing",
        "work_order_exchange",
        ["outgoing_id", "id"],
        unique=False,
    )
    op.create_table(
        "work_order_flag_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("flag_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flag_id"],
            ["work_order_flag.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_work_order_flag_note_flag_id"), "work_order_flag_note", ["flag_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("work_order_flag_note")
    op.drop_table("work_order_exchange")
    op.drop_table("work_order_unit")
    op.drop_table("work_order_step")
    op.drop_table("work_order_request")
    op.drop_table("work_order_outgoing")
    op.drop_table("work_order_incoming")
    op.drop_table("work_order_flag")
    op.drop_table("work_order_call_back")
    op.drop_table("work_order_attachment")
    op.drop_table("work_order")
    op.drop_table("work_order_platform_health")
    op.drop_table("work_unit")
    op.drop_table("work_order_platform")
    op.execute("DROP SEQUENCE work_order_number")
