"""Tables of deadlines: the rules by date, the clocks of each order, and when they stood still."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from hotline.agents.models import Person
from hotline.calls.models import Call
from hotline.clock import now
from hotline.columns import Numbered, coded, identity, instant
from workorders.deadlines.rules import ClockKind, Counting, RemoteDue, Rule, SpanUnit
from workorders.models import Order, Unit
from workorders.rules import Kind, RequestKind, Urgency

# An order's links lead to all of these: a job that imports nothing else must find the tables.
__all__ = ["Call", "DeadlineRule", "Order", "Person", "Unit", "WorkOrderClock", "WorkOrderPause"]


class DeadlineRule(SQLModel, table=True):
    """A row of the rules (see ``rules.Rule``). It is ended, never changed: what held stays known.

    Of two rows alike the one entered later holds.
    """

    __tablename__ = "deadline_rule"
    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 999", name="ck_deadline_rule_amount"),
        CheckConstraint("warn_before BETWEEN 0 AND 999", name="ck_deadline_rule_warn"),
        CheckConstraint("escalate_after BETWEEN 0 AND 999", name="ck_deadline_rule_escalate"),
        CheckConstraint(
            "extension_days BETWEEN 0 AND 999 AND extensions BETWEEN 0 AND 99",
            name="ck_deadline_rule_extension",
        ),
        CheckConstraint("effective_to >= effective_from", name="ck_deadline_rule_effective"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    clock: ClockKind = Field(sa_column=coded(ClockKind))
    platform: str | None = Field(default=None, max_length=20)
    kind: Kind | None = Field(default=None, sa_column=coded(Kind, nullable=True))
    urgency: Urgency | None = Field(default=None, sa_column=coded(Urgency, nullable=True))
    amount: int
    unit: SpanUnit = Field(default=SpanUnit.WORKING_DAYS, sa_column=coded(SpanUnit))
    counting: Counting = Field(default=Counting.CLOSE, sa_column=coded(Counting))
    warn_before: int = 4
    escalate_after: int = 0
    pause_in: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(32)), nullable=False, server_default="{}"),
    )
    extensions: int | None = None
    extension_days: int = 0
    remote: RemoteDue = Field(default=RemoteDue.EARLIER, sa_column=coded(RemoteDue))
    effective_from: date
    effective_to: date | None = None
    note: str | None = Field(default=None, max_length=200)
    made_by: str = Field(default="", max_length=60)
    made_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    ended_by: str | None = Field(default=None, max_length=60)

    def rule(self) -> Rule:
        """The row as the rules have it."""
        return Rule(
            self.clock, self.amount, self.unit, self.counting, self.platform, self.kind,
            self.urgency, self.warn_before, self.escalate_after,
            frozenset(RequestKind(one) for one in self.pause_in), self.extensions,
            self.extension_days, self.remote, self.effective_from, self.effective_to, self.id,
        )  # fmt: skip


def _order(*, index: bool = False) -> Column[Any]:
    key = ForeignKey("work_order.id", ondelete="CASCADE")
    return Column(BigInteger, key, nullable=False, index=index)


class WorkOrderClock(Numbered, table=True):
    """One clock of an order, or of a unit's part of it.

    ``due_at`` is what counts, ``own_due_at`` what the rule says, ``given_due_at`` what the platform
    (for a unit whoever assigned it) said; ``outdated_due_at`` is what they said before the last
    extension or round, and binds no more, however often they repeat it. ``round`` grows when an
    order is worked on again: the clock of the round before is kept. ``met`` stays None when the
    clock was let go unjudged, as with an order that was returned. ``explanation`` holds ``why``
    (``words.why``) and its parts.
    """

    __tablename__ = "work_order_clock"
    __table_args__ = (
        UniqueConstraint(
            "order_id", "kind", "unit_id", "round",
            name="uq_work_order_clock_round", postgresql_nulls_not_distinct=True,
        ),
        Index(
            "uq_work_order_clock_runs", "order_id", "kind", "unit_id",
            unique=True, postgresql_where="stopped_at IS NULL", postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("met IS NULL OR stopped_at IS NOT NULL", name="ck_work_order_clock_met"),
        CheckConstraint("stopped_at >= started_at", name="ck_work_order_clock_span"),
        Index("ix_work_order_clock_due", "due_at", "id", postgresql_where="stopped_at IS NULL"),
        Index(
            "ix_work_order_clock_warn", "warn_at",
            postgresql_where="stopped_at IS NULL AND warned_at IS NULL AND paused_since IS NULL",
        ),
        Index(
            "ix_work_order_clock_escalate", "escalate_at",
            postgresql_where="stopped_at IS NULL AND escalated_at IS NULL"
            " AND paused_since IS NULL",
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, sa_column=identity())
    order_id: int = Field(sa_column=_order())
    unit_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("work_unit.id"))
    )
    kind: ClockKind = Field(sa_column=coded(ClockKind))
    round: int = 1
    rule_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("deadline_rule.id"))
    )
    started_at: datetime = Field(sa_column=instant(nullable=False))
    due_at: datetime = Field(sa_column=instant(nullable=False))
    own_due_at: datetime | None = Field(default=None, sa_column=instant())
    given_due_at: datetime | None = Field(default=None, sa_column=instant())
    outdated_due_at: datetime | None = Field(default=None, sa_column=instant())
    is_provisional: bool = False
    warn_at: datetime = Field(sa_column=instant(nullable=False))
    escalate_at: datetime = Field(sa_column=instant(nullable=False))
    warned_at: datetime | None = Field(default=None, sa_column=instant())
    escalated_at: datetime | None = Field(default=None, sa_column=instant())
    paused_since: datetime | None = Field(default=None, sa_column=instant())
    extended_days: int = 0
    extended_times: int = 0
    stopped_at: datetime | None = Field(default=None, sa_column=instant())
    met: bool | None = None
    explanation: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}")
    )

    @property
    def is_running(self) -> bool:
        """Whether it has not been stopped; it may stand still for a while."""
        return self.stopped_at is None


class WorkOrderPause(SQLModel, table=True):
    """From when to when a clock stood still, and for what."""

    __tablename__ = "work_order_pause"
    __table_args__ = (
        Index("ix_work_order_pause_clock", "clock_id"),
        CheckConstraint("until >= since", name="ck_work_order_pause_span"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    clock_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("work_order_clock.id", ondelete="CASCADE"), nullable=False
        )
    )
    reason: RequestKind = Field(sa_column=coded(RequestKind))
    since: datetime = Field(sa_column=instant(nullable=False))
    until: datetime | None = Field(default=None, sa_column=instant())
