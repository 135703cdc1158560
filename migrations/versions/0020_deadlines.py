"""Deadlines: the rules by date, the clocks of each order, and when they stood still.

Revision ID: 0020
Revises: 0019
"""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RULE = sa.table(
    "deadline_rule",
    *(sa.column(name) for name in ("clock", "kind", "urgency", "unit", "counting", "remote",
                                   "note", "made_by")),
    *(sa.column(name, sa.Integer) for name in ("amount", "warn_before", "escalate_after",
                                               "extension_days")),
    sa.column("pause_in", pg.ARRAY(sa.String(32))),
    sa.column("effective_from", sa.Date),
    sa.column("made_at", sa.DateTime(timezone=True)),
)  # fmt: skip
WAITS = ["suspend", "return"]
DEFAULTS = [
    # clock, kind, urgency, amount, unit, warn_before, pause_in, extension_days
    ("sign", None, None, 1, "working_days", 2, ["return"], 0),
    ("sign", None, "紧急", 2, "hours", 1, ["return"], 0),
    ("sign", None, "特急", 2, "hours", 1, ["return"], 0),
    ("return_by", None, None, 2, "working_days", 2, [], 0),
    ("first_contact", None, None, 1, "working_days", 2, WAITS, 0),
    ("finish", None, None, 5, "working_days", 8, WAITS, 10),
    ("finish", "咨询", None, 1, "working_days", 2, WAITS, 10),
    ("finish", "求助", None, 5, "working_days", 8, WAITS, 10),
    ("finish", "建议", None, 5, "working_days", 8, WAITS, 10),
    ("finish", "投诉", None, 5, "working_days", 8, WAITS, 10),
    ("finish", "举报", None, 5, "working_days", 8, WAITS, 10),
    ("callback", None, None, 1, "working_days", 2, ["suspend"], 0),
]


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True)


def _at(name: str, *, required: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def _code(name: str, *, required: bool = True) -> sa.Column:
    return sa.Column(name, sa.String(32), nullable=not required)


def _link(name: str, target: str, *, required: bool = False, on_delete: str | None = None):
    key = sa.ForeignKey(f"{target}.id", ondelete=on_delete)
    return sa.Column(name, sa.BigInteger, key, nullable=not required)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    _create_rules()
    _create_clocks()
    op.create_table(
        "work_order_pause",
        _id(),
        _link("clock_id", "work_order_clock", required=True, on_delete="CASCADE"),
        _code("reason"),
        _at("since", required=True),
        _at("until"),
        sa.CheckConstraint("until >= since", name="ck_work_order_pause_span"),
    )
    op.create_index("ix_work_order_pause_clock", "work_order_pause", ["clock_id"])


def _create_rules() -> None:
    op.create_table(
        "deadline_rule",
        _id(),
        _code("clock"),
        sa.Column("platform", sa.String(20)),
        _code("kind", required=False),
        _code("urgency", required=False),
        sa.Column("amount", sa.Integer, nullable=False),
        _code("unit"),
        _code("counting"),
        _number("warn_before"),
        _number("escalate_after"),
        sa.Column("pause_in", pg.ARRAY(sa.String(32)), nullable=False, server_default="{}"),
        sa.Column("extensions", sa.Integer),
        _number("extension_days"),
        _code("remote"),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("effective_to", sa.Date),
        sa.Column("note", sa.String(200)),
        sa.Column("made_by", sa.String(60), nullable=False),
        _at("made_at", required=True),
        sa.Column("ended_by", sa.String(60)),
        sa.CheckConstraint("amount BETWEEN 1 AND 999", name="ck_deadline_rule_amount"),
        sa.CheckConstraint("warn_before BETWEEN 0 AND 999", name="ck_deadline_rule_warn"),
        sa.CheckConstraint("escalate_after BETWEEN 0 AND 999", name="ck_deadline_rule_escalate"),
        sa.CheckConstraint(
            "extension_days BETWEEN 0 AND 999 AND extensions BETWEEN 0 AND 99",
            name="ck_deadline_rule_extension",
        ),
        sa.CheckConstraint("effective_to >= effective_from", name="ck_deadline_rule_effective"),
    )
    op.bulk_insert(RULE, [_default(*row) for row in DEFAULTS])


def _default(clock, kind, urgency, amount, unit, warn_before, pause_in, extension_days) -> dict:
    return {
        "clock": clock, "kind": kind, "urgency": urgency, "amount": amount, "unit": unit,
        "counting": "close", "remote": "earlier", "note": "出厂默认，请按本地文件核对",
        "made_by": "系统", "warn_before": warn_before, "escalate_after": 0,
        "extension_days": extension_days, "pause_in": pause_in,
        "effective_from": date(2020, 1, 1), "made_at": datetime(2026, 11, 21, tzinfo=UTC),
    }  # fmt: skip


def _create_clocks() -> None:
    op.create_table(
        "work_order_clock",
        _id(),
        _link("order_id", "work_order", required=True, on_delete="CASCADE"),
        _link("unit_id", "work_unit"),
        _code("kind"),
        sa.Column("round", sa.Integer, nullable=False, server_default="1"),
        _link("rule_id", "deadline_rule"),
        _at("started_at", required=True),
        _at("due_at", required=True),
        _at("own_due_at"),
        _at("given_due_at"),
        _at("outdated_due_at"),
        sa.Column("is_provisional", sa.Boolean, nullable=False, server_default=sa.false()),
        _at("warn_at", required=True),
        _at("escalate_at", required=True),
        _at("warned_at"),
        _at("escalated_at"),
        _at("paused_since"),
        _number("extended_days"),
        _number("extended_times"),
        _at("stopped_at"),
        sa.Column("met", sa.Boolean),
        sa.Column("explanation", pg.JSONB, nullable=False, server_default="{}"),
        sa.UniqueConstraint(
            "order_id", "kind", "unit_id", "round",
            name="uq_work_order_clock_round", postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("met IS NULL OR stopped_at IS NOT NULL", name="ck_work_order_clock_met"),
        sa.CheckConstraint("stopped_at >= started_at", name="ck_work_order_clock_span"),
    )  # fmt: skip
    runs = "stopped_at IS NULL"
    op.create_index(
        "uq_work_order_clock_runs", "work_order_clock", ["order_id", "kind", "unit_id"],
        unique=True, postgresql_where=sa.text(runs), postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    op.create_index("ix_work_order_clock_due", "work_order_clock", ["due_at", "id"],
                    postgresql_where=sa.text(runs))  # fmt: skip
    for deed, done in (("warn", "warned"), ("escalate", "escalated")):
        op.create_index(
            f"ix_work_order_clock_{deed}", "work_order_clock", [f"{deed}_at"],
            postgresql_where=sa.text(f"{runs} AND {done}_at IS NULL AND paused_since IS NULL"),
        )  # fmt: skip


def downgrade() -> None:
    for table in ("work_order_pause", "work_order_clock", "deadline_rule"):
        op.drop_table(table)
