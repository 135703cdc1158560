"""Tables of the voice line: each call that was with it, each turn of such a call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy import false as never
from sqlmodel import Field, SQLModel

import hotline.agents.models  # noqa: F401 - keys point to its tables
from hotline.calls.voice_rules import Achieved, AgeBand, Doubt, Left, Verdict
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, identity, instant

TO_CHECK = "doubt IS NOT NULL AND verdict IS NULL"


def _flag() -> Column[bool]:
    return Column(Boolean, nullable=False, server_default=never())


class CallTurn(Numbered, table=True):
    """One turn of the voice line. ``prompt`` and ``heard`` may name people: encrypted.

    ``*_ms`` are milliseconds since the voice line took the call (see ``Times``); ``confidence``
    is 0 to 1; ``alternatives`` a JSON list of readings with their shares. ``doubt`` says why
    somebody should listen to it, ``verdict`` and ``said`` what a supervisor heard.
    """

    __tablename__ = "call_turn"
    __table_args__ = (
        UniqueConstraint("call_uid", "position", name="uq_call_turn_position"),
        Index("ix_call_turn_at", "at"),
        Index("ix_call_turn_to_check", "id", postgresql_where=TO_CHECK),
        Index("ix_call_turn_checked", "checked_at", postgresql_where="verdict IS NOT NULL"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    call_uid: str = Field(max_length=128)
    position: int
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    expects: str | None = Field(default=None, max_length=40)
    prompt: str | None = Field(default=None, sa_column=encrypted("call_turn.prompt"))
    heard: str | None = Field(default=None, sa_column=encrypted("call_turn.heard"))
    outcome: str | None = Field(default=None, max_length=40)
    slots: str | None = Field(default=None, sa_column=encrypted("call_turn.slots"))
    alternatives: str | None = Field(default=None, sa_column=encrypted("call_turn.alternatives"))
    confidence: float | None = Field(default=None, sa_column=Column(Float))
    missed: bool = Field(default=False, sa_column=_flag())
    interrupted: bool = Field(default=False, sa_column=_flag())
    corrected: bool = Field(default=False, sa_column=_flag())
    slow: bool = Field(default=False, sa_column=_flag())
    model: str | None = Field(default=None, max_length=80)
    began_ms: int | None = None
    asked_ms: int | None = None
    spoke_ms: int | None = None
    ended_ms: int | None = None
    ready_ms: int | None = None
    replied_ms: int | None = None
    doubt: Doubt | None = Field(default=None, sa_column=coded(Doubt, nullable=True))
    verdict: Verdict | None = Field(default=None, sa_column=coded(Verdict, nullable=True))
    said: str | None = Field(default=None, sa_column=encrypted("call_turn.said"))
    checked_by: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("person.id"))
    )
    checked_at: datetime | None = Field(default=None, sa_column=instant())

    @property
    def latency_ms(self) -> int | None:
        """From the caller's last sound or key to our next word."""
        if self.replied_ms is None or self.ended_ms is None:
            return None
        return self.replied_ms - self.ended_ms


class VoiceCall(SQLModel, table=True):
    """A call with the voice line: written when it comes, and again when it leaves. One whose
    process died is found by a sweep (``voice_sweep``)."""

    __tablename__ = "voice_call"
    __table_args__ = (
        Index("ix_voice_call_started", "started_at", "call_uid"),
        Index("ix_voice_call_under_way", "started_at", postgresql_where="went = 'under_way'"),
    )

    call_uid: str = Field(max_length=128, primary_key=True)
    started_at: datetime = Field(sa_column=instant(nullable=False))
    seconds: int
    turns: int
    missed: int
    achieved: Achieved = Field(sa_column=coded(Achieved))
    went: Left = Field(sa_column=coded(Left))
    reason: str | None = Field(default=None, max_length=40)
    last_step: str | None = Field(default=None, max_length=40)
    age_band: AgeBand | None = Field(default=None, sa_column=coded(AgeBand, nullable=True))
    model: str | None = Field(default=None, max_length=80)
    slow: bool = Field(default=False, sa_column=_flag())
    is_demo: bool = Field(default=False, sa_column=_flag())
