"""Outbox and inbox of the platforms, and every exchange. What people said is encrypted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid
from sqlmodel import Field, SQLModel

import workorders.models  # noqa: F401 - keys point to its tables
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, identity, instant
from workorders.exchange.rules import IncomingState, OutgoingState, Via
from workorders.platforms.wire import EventType


def _platform() -> Column[Any]:
    return Column(ForeignKey("work_order_platform.code"), nullable=False)


class Outgoing(Numbered, table=True):
    """An event for a platform, written with the deed. ``body`` is the contract's JSON.

    Events of one order go out in order: the next waits until the one before was taken or
    dismissed. ``event_id`` stays the same for every attempt.
    """

    __tablename__ = "work_order_outgoing"
    __table_args__ = (
        UniqueConstraint("event_id", name="uq_work_order_outgoing_event"),
        Index("ix_work_order_outgoing_due", "platform", "next_attempt_at",
              postgresql_where="state = 'due'"),
        Index("ix_work_order_outgoing_stuck", "platform", "created_at",
              postgresql_where="state IN ('refused', 'given_up')"),
        Index("ix_work_order_outgoing_order", "order_id", "id"),
    )  # fmt: skip

    id: int | None = Field(default=None, sa_column=identity())
    event_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    platform: str = Field(sa_column=_platform())
    order_id: int = Field(sa_column=Column(BigInteger, ForeignKey("work_order.id"), nullable=False))
    type: EventType = Field(sa_column=coded(EventType))
    body: str = Field(sa_column=encrypted("work_order_outgoing.body", nullable=False))
    state: OutgoingState = Field(default=OutgoingState.DUE, sa_column=coded(OutgoingState))
    attempts: int = 0
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    next_attempt_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=instant())
    last_error: str | None = Field(default=None, max_length=300)
    is_demo: bool = False


class Incoming(Numbered, table=True):
    """Something a platform sent, kept as it came before anything is done with it.

    ``digest`` (SHA-256 of what it says) makes a repetition no new row: ``times`` counts them.
    """

    __tablename__ = "work_order_incoming"
    __table_args__ = (
        UniqueConstraint("platform", "digest", name="uq_work_order_incoming_once"),
        Index("ix_work_order_incoming_due", "platform", "id", postgresql_where="state = 'due'"),
        Index("ix_work_order_incoming_stuck", "platform", "id",
              postgresql_where="state IN ('parked', 'unreadable')"),
        Index("ix_work_order_incoming_order", "order_id", "id"),
    )  # fmt: skip

    id: int | None = Field(default=None, sa_column=identity())
    platform: str = Field(sa_column=_platform())
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    raw: str = Field(sa_column=encrypted("work_order_incoming.raw", nullable=False))
    via: Via = Field(sa_column=coded(Via))
    remote_no: str | None = Field(default=None, max_length=64)
    version: int | None = Field(default=None, sa_column=Column(BigInteger))
    state: IncomingState = Field(default=IncomingState.DUE, sa_column=coded(IncomingState))
    reason: str | None = Field(default=None, max_length=300)
    times: int = 1
    attempts: int = 0
    received_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    next_attempt_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=instant())
    order_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("work_order.id"))
    )
    is_demo: bool = False


class Exchange(SQLModel, table=True):
    """One attempt over the network: what was asked, what was answered, how long it took."""

    __tablename__ = "work_order_exchange"
    __table_args__ = (
        Index("ix_work_order_exchange_outgoing", "outgoing_id", "id"),
        Index("ix_work_order_exchange_at", "platform", "at"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    platform: str = Field(sa_column=_platform())
    outgoing_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("work_order_outgoing.id"))
    )
    what: str = Field(max_length=40)
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    milliseconds: int = 0
    attempt: int = 1
    outcome: str = Field(max_length=20)
    status: int | None = None
    answer: str | None = Field(default=None, sa_column=encrypted("work_order_exchange.answer"))
    error: str | None = Field(default=None, max_length=300)
    is_demo: bool = False


class PlatformHealth(SQLModel, table=True):
    """How the exchange with a platform stands: cursor, breaker, last words.

    ``failures`` in a row open the breaker of sending until ``open_until``; pulling has a pace of
    its own: it may be asked again at ``pull_after``.
    """

    __tablename__ = "work_order_platform_health"

    platform: str = Field(
        sa_column=Column(ForeignKey("work_order_platform.code"), primary_key=True)
    )
    cursor: str | None = Field(default=None, max_length=1000)
    polled_at: datetime | None = Field(default=None, sa_column=instant())
    succeeded_at: datetime | None = Field(default=None, sa_column=instant())
    failed_at: datetime | None = Field(default=None, sa_column=instant())
    failures: int = 0
    open_until: datetime | None = Field(default=None, sa_column=instant())
    pull_failures: int = 0
    pull_after: datetime | None = Field(default=None, sa_column=instant())
    last_error: str | None = Field(default=None, max_length=300)
