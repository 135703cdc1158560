"""Sheets of outside figures, and the editions of a month's bulletin, which are only added to.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def _common() -> list[sa.Column]:
    return [
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("month", sa.String(7), nullable=False),
    ]


def _json(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, postgresql.JSONB, nullable=False, server_default=default)


def _person(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, sa.ForeignKey("person.id"))


def upgrade() -> None:
    op.create_table(
        "bulletin_sheet",
        *_common(),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        _json("content"),
        _json("answers"),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        _person("imported_by_id"),
        sa.Column("imported_by", sa.String(60), nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False),
    )
    op.create_index("ix_bulletin_sheet_month", "bulletin_sheet", ["month", "kind", "id"])
    op.create_table(
        "bulletin_edition",
        *_common(),
        sa.Column("number", sa.Integer, nullable=False),
        _json("snapshot"),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        _person("closed_by_id"),
        sa.Column("closed_by", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(200)),
        _json("changes"),
        sa.Column("is_demo", sa.Boolean, nullable=False),
        sa.UniqueConstraint("month", "number", name="uq_bulletin_edition_number"),
        sa.CheckConstraint(
            "number = 0 OR (reason IS NOT NULL AND reason <> '')", name="ck_bulletin_edition_reason"
        ),
    )
    _freeze()


def _freeze() -> None:
    """What was published stays as it was; only what a demonstration made may go with it."""
    op.execute(
        """
        CREATE FUNCTION refuse_edition_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND OLD.is_demo THEN RETURN OLD; END IF;
            -- the person may go, the name stays
            IF TG_OP = 'UPDATE' AND NEW.closed_by_id IS NULL
                AND to_jsonb(NEW) - 'closed_by_id' = to_jsonb(OLD) - 'closed_by_id' THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a closed month is only ever corrected by a new edition';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER bulletin_edition_is_frozen BEFORE UPDATE OR DELETE ON bulletin_edition"
        " FOR EACH ROW EXECUTE FUNCTION refuse_edition_change()"
    )


def downgrade() -> None:
    op.drop_table("bulletin_edition")
    op.execute("DROP FUNCTION refuse_edition_change()")
    op.drop_table("bulletin_sheet")
