"""Tables beside the order: flags with their threads, call-backs, attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

import hotline.agents.models  # noqa: F401 - keys point to its tables
from hotline.clock import now
from hotline.columns import Numbered, coded, identity, instant
from workorders.rules import FlagKind, Origin, Satisfaction


def _order() -> Column[Any]:
    return Column(BigInteger, ForeignKey("work_order.id"), nullable=False)


def _person() -> Column[Any]:
    return Column(BigInteger, ForeignKey("person.id"))


class OrderFlag(Numbered, table=True):
    """催办, 督办, 疑难 or 保密. ``remote_key`` names one that a platform sent, so that the same
    is not raised twice."""

    __tablename__ = "work_order_flag"
    __table_args__ = (
        UniqueConstraint("order_id", "kind", "remote_key", name="uq_work_order_flag_remote"),
        Index("ix_work_order_flag", "order_id", "raised_at"),
        CheckConstraint(
            "(cleared_at IS NULL) = (cleared_by_name IS NULL)", name="ck_work_order_flag_cleared"
        ),
    )

    id: int | None = Field(default=None, sa_column=identity())
    order_id: int = Field(sa_column=_order())
    kind: FlagKind = Field(sa_column=coded(FlagKind))
    content: str = Field(default="", max_length=1000)
    remote_key: str | None = Field(default=None, max_length=80)
    raised_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    raised_by: int | None = Field(default=None, sa_column=_person())
    raised_by_name: str = Field(default="", max_length=60)
    cleared_at: datetime | None = Field(default=None, sa_column=instant())
    cleared_by_name: str | None = Field(default=None, max_length=60)
    is_demo: bool = False


class FlagNote(SQLModel, table=True):
    """One contribution to a flag's thread."""

    __tablename__ = "work_order_flag_note"

    id: int | None = Field(default=None, sa_column=identity())
    flag_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("work_order_flag.id"), nullable=False, index=True)
    )
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    person_id: int | None = Field(default=None, sa_column=_person())
    person_name: str = Field(default="", max_length=60)
    content: str = Field(sa_column=Column(Text, nullable=False))
    is_demo: bool = False


class CallBackAttempt(SQLModel, table=True):
    """One attempt to ask the caller how it went. Only one who was reached can be satisfied."""

    __tablename__ = "work_order_call_back"
    __table_args__ = (
        Index("ix_work_order_call_back", "order_id", "at"),
        CheckConstraint(
            "connected OR (satisfaction IS NULL AND solved IS NULL)",
            name="ck_work_order_call_back_reached",
        ),
    )

    id: int | None = Field(default=None, sa_column=identity())
    order_id: int = Field(sa_column=_order())
    round: int
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    person_id: int | None = Field(default=None, sa_column=_person())
    person_name: str = Field(default="", max_length=60)
    origin: Origin = Field(sa_column=coded(Origin))
    connected: bool
    truthful: bool | None = None
    solved: bool | None = None
    satisfaction: Satisfaction | None = Field(
        default=None, sa_column=coded(Satisfaction, nullable=True)
    )
    opinion: str | None = Field(default=None, max_length=1000)
    is_demo: bool = False


class Attachment(Numbered, table=True):
    """A file of an order: ours lies encrypted in the data directory, a platform's is named by
    its address until it was fetched."""

    __tablename__ = "work_order_attachment"
    __table_args__ = (
        UniqueConstraint("order_id", "sha256", "name", name="uq_work_order_attachment"),
        CheckConstraint("size >= 0", name="ck_work_order_attachment_size"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    order_id: int = Field(sa_column=_order())
    name: str = Field(max_length=120)
    media_type: str = Field(max_length=80)
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    sha256: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    origin: Origin = Field(sa_column=coded(Origin))
    url: str | None = Field(default=None, sa_column=Column(String(1000)))
    path: str | None = Field(default=None, max_length=200)
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    person_id: int | None = Field(default=None, sa_column=_person())
    person_name: str = Field(default="", max_length=60)
    is_demo: bool = False


import workorders.models  # noqa: E402, F401 - keys point to its tables
