"""People, sign-ins, tokens, presence, the audit log, idempotency keys.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True)


def _at(name: str, *, required: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "team",
        _id(),
        sa.Column("name", sa.String(40), nullable=False, unique=True),
        sa.Column("is_demo", sa.Boolean, nullable=False),
    )
    op.create_table(
        "person",
        _id(),
        sa.Column("username", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(32), nullable=False, index=True),
        sa.Column("team_id", sa.BigInteger, sa.ForeignKey("team.id"), index=True),
        sa.Column("extension", sa.String(20)),
        sa.Column("password_hash", sa.String(200)),
        _at("password_changed_at"),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("totp_secret", sa.LargeBinary),
        sa.Column("totp_step", sa.BigInteger),
        sa.Column("failed_attempts", sa.Integer, nullable=False),
        _at("locked_until"),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False),
        sa.Column("presence", sa.String(32), nullable=False),
        _at("presence_since", required=True),
        _at("created_at", required=True),
        sa.UniqueConstraint("username", name="uq_person_username"),
        sa.UniqueConstraint("extension", name="uq_person_extension"),
        sa.CheckConstraint("failed_attempts >= 0", name="ck_person_failed_attempts"),
        sa.CheckConstraint(
            "role IN ('agent','counsellor','supervisor','manager','admin','integration')",
            name="ck_person_role",
        ),
        sa.CheckConstraint(
            "presence IN ('ready','busy','talking','wrap_up','break','offline')",
            name="ck_person_presence",
        ),
    )
    op.create_table(
        "sign_in",
        _id(),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column(
            "person_id", sa.BigInteger, sa.ForeignKey("person.id"), nullable=False, index=True
        ),
        sa.Column("passed_second_factor", sa.Boolean, nullable=False),
        _at("started_at", required=True),
        _at("seen_at", required=True),
        _at("ended_at"),
        sa.Column("address", sa.String(45)),
        sa.Column("agent", sa.String(200)),
    )
    op.create_table(
        "api_token",
        _id(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(20)), nullable=False),
        sa.Column("created_by", sa.BigInteger, sa.ForeignKey("person.id")),
        _at("created_at", required=True),
        _at("used_at"),
        _at("expires_at"),
        _at("revoked_at"),
    )
    op.create_table(
        "presence_change",
        _id(),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("presence", sa.String(32), nullable=False),
        _at("from_at", required=True),
        _at("until_at"),
        sa.Column("reason", sa.String(40)),
        sa.CheckConstraint("until_at >= from_at", name="ck_presence_change_order"),
    )
    op.create_index("ix_presence_change_person", "presence_change", ["person_id", "from_at"])
    op.create_index(
        "uq_presence_change_open",
        "presence_change",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.create_table(
        "idempotency_key",
        _id(),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.LargeBinary),
        _at("created_at", required=True),
        sa.UniqueConstraint("owner", "key", name="uq_idempotency_key_owner_key"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"])
    _audit_log()


def _audit_log() -> None:
    op.create_table(
        "audit_entry",
        _id(),
        _at("at", required=True),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("person_name", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("detail", postgresql.JSONB, nullable=False, server_default="{}"),
        sa.Column("address", sa.String(45)),
        sa.Column("request_id", sa.String(40)),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "id"])
    op.create_index("ix_audit_entry_person", "audit_entry", ["person_id", "at"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "at"])
    op.execute(
        """
        CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_entry_is_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
        """
    )


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION refuse_audit_change()")
    for table in ("idempotency_key", "presence_change", "api_token", "sign_in", "person", "team"):
        op.drop_table(table)
