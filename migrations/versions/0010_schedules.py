"""Schedules that slots come from, single days that differ, and what the site says of the calendar.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True)


def _link(name: str, target: str) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE")
    return sa.Column(name, sa.BigInteger, key, nullable=False)


def _code(name: str, codes: str, check: str) -> tuple[sa.Column, sa.CheckConstraint]:
    listed = ", ".join(f"'{code}'" for code in codes.split())
    column = sa.Column(name, sa.String(32), nullable=False)
    return column, sa.CheckConstraint(f"{name} IN ({listed})", name=check)


def upgrade() -> None:
    _create_schedule()
    op.create_table(
        "schedule_exception",
        _id(),
        _link("schedule_id", "schedule"),
        sa.Column("day", sa.Date, nullable=False),
        *_code("kind", "off extra units", "ck_schedule_exception_kind"),
        sa.Column("units", sa.Integer),
        sa.Column("reason", sa.String(100)),
        sa.UniqueConstraint("schedule_id", "day", name="uq_schedule_exception"),
        sa.CheckConstraint("units BETWEEN 0 AND 9999", name="ck_schedule_exception_units"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date, primary_key=True),
        *_code("kind", "holiday make_up", "ck_calendar_day_kind"),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("stands_for", sa.Date),
    )
    _widen_slot()


def _create_schedule() -> None:
    op.create_table(
        "schedule",
        _id(),
        _link("resource_id", "resource"),
        _link("hospital_id", "hospital"),
        _link("department_id", "department"),
        sa.Column("weekdays", sa.String(7), nullable=False),
        *_code("weeks", "every odd even", "ck_schedule_weeks"),
        *_code("half", "morning afternoon evening", "ck_schedule_half"),
        sa.Column("starts_at", sa.Time),
        sa.Column("ends_at", sa.Time),
        sa.Column("segment_minutes", sa.Integer),
        sa.Column("units", sa.Integer, nullable=False),
        sa.Column("is_shared_out", sa.Boolean, nullable=False),
        sa.Column("fee", sa.Numeric(8, 2)),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        *_code("on_holiday", "closed as_usual", "ck_schedule_on_holiday"),
        *_code("on_make_up", "closed follow as_usual", "ck_schedule_on_make_up"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False),
        *_checks(),
    )
    op.create_index("ix_schedule_resource", "schedule", ["resource_id", "valid_from"])
    op.create_index("ix_schedule_hospital", "schedule", ["hospital_id", "department_id"])


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "ck_schedule_weekdays": "weekdays ~ '^[1-7]{1,7}$'",
        "ck_schedule_span": "(starts_at IS NULL) = (ends_at IS NULL)"
        " AND (starts_at IS NULL OR ends_at > starts_at)",
        "ck_schedule_segment": "segment_minutes IS NULL OR (starts_at IS NOT NULL"
        " AND segment_minutes BETWEEN 5 AND 480)",
        "ck_schedule_units": "units BETWEEN 1 AND 9999",
        "ck_schedule_fee": "fee >= 0",
        "ck_schedule_valid": "valid_until >= valid_from",
    }
    return [sa.CheckConstraint(rule, name=name) for name, rule in rules.items()]


def _widen_slot() -> None:
    """Without a default: no row is written anew."""
    key = sa.ForeignKey("schedule.id", ondelete="SET NULL", name="fk_slot_schedule")
    op.add_column("slot", sa.Column("schedule_id", sa.BigInteger, key))
    op.add_column("slot", sa.Column("planned", sa.Integer))
    op.create_index("ix_slot_schedule", "slot", ["schedule_id", "day"])
    beyond = sa.text("planned < capacity")
    op.create_index("ix_slot_beyond_plan", "slot", ["day"], postgresql_where=beyond)


def downgrade() -> None:
    op.drop_index("ix_slot_beyond_plan")
    op.drop_index("ix_slot_schedule")
    op.drop_column("slot", "planned")
    op.drop_column("slot", "schedule_id")
    op.drop_table("calendar_day")
    op.drop_table("schedule_exception")
    op.drop_table("schedule")
