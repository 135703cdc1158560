"""Tables of calls: the call, its events, legs, voice-line turns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

import hotline.agents.models  # noqa: F401 - keys point to its tables
from hotline.calls.desk_models import (
    Callback,
    CallbackAttempt,
    CallNote,
    ClassificationFeedback,
    DangerAlert,
)
from hotline.calls.history_models import CallEventRow, CallLeg, CallNumber
from hotline.calls.rules import (
    AbandonedIn,
    Direction,
    Disposition,
    Source,
    State,
)
from hotline.calls.voice_models import CallTurn, VoiceCall
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, hashed, identity, instant

__all__ = [
    "Call",
    "CallEventRow",
    "CallLeg",
    "CallNote",
    "CallNumber",
    "CallTurn",
    "Callback",
    "CallbackAttempt",
    "ClassificationFeedback",
    "DangerAlert",
    "VoiceCall",
]


def _person(*, index: bool = False) -> Column[Any]:
    return Column(BigInteger, ForeignKey("person.id"), index=index)


def _json() -> Column[Any]:
    return Column(JSONB)


class Call(Numbered, table=True):
    """One call. What the PBX said is folded in by ``intake``; the rest people wrote.

    ``caller`` is the outside party's number, whoever dialled. ``grams`` are the codes of
    one- and two-character pieces of ``search_text`` (see ``grams``).
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("call_uid", name="uq_call_uid"),
        UniqueConstraint("call_no", name="uq_call_no"),
        CheckConstraint("ended_at >= started_at", name="ck_call_end"),
        CheckConstraint("answered_at >= started_at", name="ck_call_answer"),
        CheckConstraint(
            "least(ivr_seconds, wait_seconds, ring_seconds, talk_seconds, hold_seconds,"
            " holds, transfers, consultations) >= 0",
            name="ck_call_spans",
        ),
        CheckConstraint(
            "abandoned_in IS NULL OR (answered_at IS NULL AND ended_at IS NOT NULL)",
            name="ck_call_abandoned",
        ),
        CheckConstraint("abandoned_in IS NOT NULL OR NOT short_abandon", name="ck_call_short"),
        CheckConstraint(
            "(state IN ('wrap_up','closed')) = (ended_at IS NOT NULL)", name="ck_call_closed"
        ),
        CheckConstraint(
            "disposition IS DISTINCT FROM 'non_business' OR category = 'non_business'",
            name="ck_call_non_business",
        ),
        CheckConstraint("(wrapped_up_at IS NULL) = (disposition IS NULL)", name="ck_call_wrap_up"),
        Index("ix_call_started", "started_at", "id"),
        Index("ix_call_caller", "caller_hash", "started_at", "id"),
        Index("ix_call_agent", "agent_id", "started_at", "id"),
        Index(
            "ix_call_category",
            "category",
            "started_at",
            "id",
            postgresql_where="category IS NOT NULL",
        ),
        Index(
            "ix_call_disposition",
            "disposition",
            "started_at",
            "id",
            postgresql_where="disposition IS NOT NULL",
        ),
        Index("ix_call_open", "state", "started_at", "id", postgresql_where="state <> 'closed'"),
        Index("ix_call_abandoned", "started_at", "id", postgresql_where="abandoned_in IS NOT NULL"),
        Index(
            "ix_call_grams", "grams", postgresql_using="gin", postgresql_where="grams IS NOT NULL"
        ),
    )

    id: int | None = Field(default=None, sa_column=identity())
    call_uid: str = Field(max_length=128)
    call_no: str = Field(max_length=20)
    direction: Direction = Field(default=Direction.INBOUND, sa_column=coded(Direction))
    state: State = Field(default=State.ARRIVING, sa_column=coded(State))
    source: Source = Field(default=Source.PBX, sa_column=coded(Source))
    is_demo: bool = False

    caller: str | None = Field(default=None, sa_column=encrypted("call.caller"))
    caller_hash: bytes | None = Field(default=None, sa_column=hashed(index=False))
    caller_name: str | None = Field(default=None, max_length=60)
    called: str | None = Field(default=None, max_length=32)
    queue: str | None = Field(default=None, max_length=64)
    agent: str | None = Field(default=None, max_length=64)
    agent_id: int | None = Field(default=None, sa_column=_person())

    started_at: datetime = Field(sa_column=instant(nullable=False))
    queued_at: datetime | None = Field(default=None, sa_column=instant())
    ringing_at: datetime | None = Field(default=None, sa_column=instant())
    answered_at: datetime | None = Field(default=None, sa_column=instant())
    ended_at: datetime | None = Field(default=None, sa_column=instant())
    waiting_since: datetime | None = Field(default=None, sa_column=instant())
    last_event_at: datetime = Field(sa_column=instant(nullable=False))
    ivr_seconds: int = 0
    wait_seconds: int = 0
    ring_seconds: int = 0
    talk_seconds: int = 0
    hold_seconds: int = 0
    holds: int = 0
    transfers: int = 0
    consultations: int = 0
    self_served: bool = False
    abandoned_in: AbandonedIn | None = Field(
        default=None, sa_column=coded(AbandonedIn, nullable=True)
    )
    short_abandon: bool = False
    end_cause: str | None = Field(default=None, max_length=64)
    ended_by: str | None = Field(default=None, max_length=64)
    skewed: bool = False
    told_late: bool = False
    stale_closed_at: datetime | None = Field(default=None, sa_column=instant())

    category: str | None = Field(default=None, max_length=32)
    subcategory: str | None = Field(default=None, max_length=40)
    category_set: str | None = Field(default=None, max_length=20)
    suggestion: dict[str, Any] | None = Field(default=None, sa_column=_json())
    disposition: Disposition | None = Field(
        default=None, sa_column=coded(Disposition, nullable=True)
    )
    summary: str | None = Field(default=None, sa_column=Column(Text))
    result: str | None = Field(default=None, sa_column=Column(Text))
    follow_up: str | None = Field(default=None, max_length=500)
    confidential: bool = False
    wrapped_up_at: datetime | None = Field(default=None, sa_column=instant())
    wrapped_up_by: int | None = Field(default=None, sa_column=_person())
    search_text: str | None = Field(default=None, sa_column=Column(Text))
    grams: list[int] | None = Field(default=None, sa_column=Column(ARRAY(Integer)))
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    updated_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))

    @property
    def is_stale(self) -> bool:
        """Was the end never heard of, and made up by the sweep?"""
        return self.stale_closed_at is not None

    @property
    def subject(self) -> str:
        """How the audit log names this call."""
        return f"call:{self.call_no}"
