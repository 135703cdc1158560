"""Tables of the desk: notes, call-backs, danger alerts, what agents corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

import hotline.agents.models
from hotline.calls.rules import AttemptResult, CallbackState
from hotline.clock import now
from hotline.columns import Numbered, coded, hashed, identity, instant


def _call(*, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    return Column(
        BigInteger,
        ForeignKey("call.id", ondelete="CASCADE"),
        nullable=nullable,
        primary_key=primary_key,
        autoincrement=False,
    )


def _person() -> Column[Any]:
    return Column(BigInteger, ForeignKey("person.id"))


class CallNote(SQLModel, table=True):
    """The draft an agent types while talking; ``version`` grows with each save."""

    __tablename__ = "call_note"

    call_id: int = Field(sa_column=_call(primary_key=True))
    version: int = 1
    text: str = Field(sa_column=Column(Text, nullable=False))
    saved_by: int | None = Field(default=None, sa_column=_person())
    saved_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))


class Callback(Numbered, table=True):
    """One caller who gave up and is to be called back; several calls make one duty. Who asked for
    it (``asked_at``) instead of waiting is expecting us."""

    __tablename__ = "callback"
    __table_args__ = (
        Index(
            "uq_callback_open_caller",
            "caller_hash",
            unique=True,
            postgresql_where="state IN ('open','claimed')",
        ),
        Index("ix_callback_open", "first_at", postgresql_where="state IN ('open','claimed')"),
        CheckConstraint("attempts >= 0 AND calls > 0", name="ck_callback_counts"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    call_id: int = Field(sa_column=_call())
    caller_hash: bytes = Field(sa_column=hashed(nullable=False, index=False))
    state: CallbackState = Field(default=CallbackState.OPEN, sa_column=coded(CallbackState))
    first_at: datetime = Field(sa_column=instant(nullable=False))
    last_at: datetime = Field(sa_column=instant(nullable=False))
    calls: int = 1
    claimed_by: int | None = Field(default=None, sa_column=_person())
    claimed_at: datetime | None = Field(default=None, sa_column=instant())
    attempts: int = 0
    closed_at: datetime | None = Field(default=None, sa_column=instant())
    asked_at: datetime | None = Field(default=None, sa_column=instant())
    is_demo: bool = False


class CallbackAttempt(SQLModel, table=True):
    """One attempt to call back."""

    __tablename__ = "callback_attempt"
    __table_args__ = (Index("ix_callback_attempt_callback", "callback_id", "at"),)

    id: int | None = Field(default=None, sa_column=identity())
    callback_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("callback.id", ondelete="CASCADE"), nullable=False)
    )
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    by: int | None = Field(default=None, sa_column=_person())
    result: AttemptResult = Field(sa_column=coded(AttemptResult))
    note: str | None = Field(default=None, max_length=500)


class DangerAlert(SQLModel, table=True):
    """Words that mean danger, seen in a note, a summary or a voice-line turn."""

    __tablename__ = "danger_alert"
    __table_args__ = (
        UniqueConstraint("call_id", "level", name="uq_danger_alert_call_level"),
        Index("ix_danger_alert_open", "raised_at", postgresql_where="acknowledged_at IS NULL"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    call_id: int = Field(sa_column=_call())
    level: str = Field(max_length=16)
    reasons: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    seen_in: str = Field(max_length=16)
    raised_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    acknowledged_by: int | None = Field(default=None, sa_column=_person())
    acknowledged_at: datetime | None = Field(default=None, sa_column=instant())


class ClassificationFeedback(SQLModel, table=True):
    """What was suggested and what the agent chose: the agent is right, and kept."""

    __tablename__ = "classification_feedback"
    __table_args__ = (Index("ix_classification_feedback_at", "at"),)

    id: int | None = Field(default=None, sa_column=identity())
    call_id: int = Field(sa_column=_call())
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    by: int | None = Field(default=None, sa_column=_person())
    suggested: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    category: str | None = Field(default=None, max_length=32)
    subcategory: str | None = Field(default=None, max_length=40)
    agreed: bool


import hotline.calls.models  # noqa: E402, F401 - keys point to its tables
