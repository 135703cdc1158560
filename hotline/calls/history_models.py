"""Tables of what happened in a call: events, legs, spoken numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

import hotline.agents.models
from hotline.calls.rules import EventType
from hotline.clock import now
from hotline.columns import coded, encrypted, identity, instant


class CallEventRow(SQLModel, table=True):
    """One event as it came. A trigger refuses UPDATE and DELETE.

    ``private`` holds the numbers (JSON, encrypted); ``data`` never holds one. ``digest`` is a
    keyed hash of the content: the same id with another digest is a conflict, not a repetition.
    """

    __tablename__ = "call_event"
    __table_args__ = (
        UniqueConstraint("event_id", name="uq_call_event_id"),
        Index("ix_call_event_call", "call_uid", "at"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    event_id: str = Field(max_length=128)
    call_uid: str = Field(max_length=128)
    type: EventType = Field(sa_column=coded(EventType))
    at: datetime = Field(sa_column=instant(nullable=False))
    received_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    private: str | None = Field(default=None, sa_column=encrypted("call_event.private"))
    digest: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))


class CallAlias(SQLModel, table=True):
    """Another id of a call: Asterisk's, of one that the voice line records under its own."""

    __tablename__ = "call_alias"
    __table_args__ = (Index("ix_call_alias_call", "call_uid"),)

    alias: str = Field(primary_key=True, max_length=128)
    call_uid: str = Field(
        max_length=128,
        sa_column_args=(ForeignKey("call.call_uid", ondelete="CASCADE"),),
    )


class CallLeg(SQLModel, table=True):
    """One agent's part in a call, as folded."""

    __tablename__ = "call_leg"
    __table_args__ = (Index("ix_call_leg_agent", "agent_id", "ringing_at"),)

    call_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("call.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        )
    )
    position: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    agent: str | None = Field(default=None, max_length=64)
    agent_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("person.id"))
    )
    ringing_at: datetime | None = Field(default=None, sa_column=instant())
    answered_at: datetime | None = Field(default=None, sa_column=instant())
    left_at: datetime | None = Field(default=None, sa_column=instant())
    talk_seconds: int = 0
    hold_seconds: int = 0


class CallNumber(SQLModel, table=True):
    """How many spoken numbers of a day are taken, in ten shards so that nobody waits."""

    __tablename__ = "call_number"

    day: date = Field(sa_column=Column(Date, primary_key=True))
    shard: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    used: int = 0


import hotline.calls.models  # noqa: E402, F401 - keys point to its tables
