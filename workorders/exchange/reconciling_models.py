"""The nightly comparison with a platform: a row a run, a row a line, a row a difference.

What is written of a difference names numbers and codes, nothing of a person. A trigger refuses
every change of a report that was signed.
"""

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
from sqlmodel import Field, SQLModel

import workorders.models  # noqa: F401 - keys point to its tables
from hotline.clock import now
from hotline.columns import Numbered, coded, identity, instant
from workorders.exchange.reconciling_rules import Kind, Outcome, RunState


def _run() -> Column[Any]:
    target = ForeignKey("work_order_reconciliation.id", ondelete="CASCADE")
    return Column(BigInteger, target, nullable=False)


class Reconciliation(Numbered, table=True):
    """One comparison of a Shanghai day. ``number`` grows with each run of the same day.

    ``theirs`` and ``ours`` count the orders of each side. ``heard_at`` is the last sign of life.
    """

    __tablename__ = "work_order_reconciliation"
    __table_args__ = (
        UniqueConstraint("platform", "day", "number", name="uq_work_order_reconciliation"),
        Index("uq_work_order_reconciliation_open", "platform", "day", unique=True,
              postgresql_where="state <> 'done'"),
        Index("ix_work_order_reconciliation_day", "day", "id"),
        CheckConstraint("signed_at IS NULL OR state = 'done'", name="ck_reconciliation_signed"),
    )  # fmt: skip

    id: int | None = Field(default=None, sa_column=identity())
    platform: str = Field(
        sa_column=Column(String(20), ForeignKey("work_order_platform.code"), nullable=False)
    )
    day: date
    number: int = 1
    state: RunState = Field(default=RunState.READING, sa_column=coded(RunState))
    started_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    heard_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=instant())
    started_by: str = Field(default="", max_length=60)
    attempts: int = 0
    theirs: int = 0
    ours: int = 0
    differences: int = 0
    error: str | None = Field(default=None, max_length=300)
    is_to_stop: bool = False
    signed_at: datetime | None = Field(default=None, sa_column=instant())
    signed_by: int | None = Field(default=None, sa_column=Column(BigInteger))
    signed_by_name: str | None = Field(default=None, max_length=60)
    signed_words: str | None = Field(default=None, max_length=300)
    is_demo: bool = False

    @property
    def subject(self) -> str:
        """As the audit log names it."""
        return f"reconciliation:{self.platform}:{self.day}:{self.number}"


class ReconciliationLine(SQLModel, table=True):
    """What the platform said of one order of that day."""

    __tablename__ = "work_order_reconciliation_line"

    reconciliation_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("work_order_reconciliation.id", ondelete="CASCADE"),
            primary_key=True,
        )
    )
    remote_no: str = Field(sa_column=Column(String(64), primary_key=True))
    status: str = Field(max_length=64)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class ReconciliationDifference(Numbered, table=True):
    """One thing on which both sides differed when they were compared, and what became of it."""

    __tablename__ = "work_order_difference"
    __table_args__ = (Index("ix_work_order_difference_run", "reconciliation_id", "id"),)

    id: int | None = Field(default=None, sa_column=identity())
    reconciliation_id: int = Field(sa_column=_run())
    kind: Kind = Field(sa_column=coded(Kind))
    outcome: Outcome = Field(sa_column=coded(Outcome))
    remote_no: str | None = Field(default=None, max_length=64)
    their_status: str | None = Field(default=None, max_length=64)
    their_version: int | None = Field(default=None, sa_column=Column(BigInteger))
    our_state: str | None = Field(default=None, max_length=32)
    our_status: str | None = Field(default=None, max_length=64)
    our_version: int | None = Field(default=None, sa_column=Column(BigInteger))
    words: str | None = Field(default=None, max_length=300)
    explanation: str | None = Field(default=None, max_length=500)
    explained_at: datetime | None = Field(default=None, sa_column=instant())
    explained_by: int | None = Field(default=None, sa_column=Column(BigInteger))
    explained_by_name: str | None = Field(default=None, max_length=60)
