"""Tables of 12345 work orders: the order, its steps, requests, flags, units and call-backs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

import hotline.agents.models
import hotline.calls.models  # noqa: F401 - keys point to its tables
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, hashed, identity, instant
from workorders.rules import (
    Kind,
    Origin,
    RequestKind,
    RequestState,
    Satisfaction,
    State,
    Step,
    UnitState,
    Urgency,
)


def _to(target: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    return Column(BigInteger, ForeignKey(target), nullable=nullable, index=index)


class Platform(SQLModel, table=True):
    """A 12345 platform: how it is reached and what its codes mean.

    ``settings`` holds what only one adapter needs (drop folder, certificate authority);
    ``mapping`` the platform's status codes by our ``Meaning``. ``self`` is no platform.
    """

    __tablename__ = "work_order_platform"

    code: str = Field(sa_column=Column(String(20), primary_key=True))
    name: str = Field(max_length=40)
    adapter: str = Field(max_length=20)
    base_url: str | None = Field(default=None, max_length=300)
    app_id: str | None = Field(default=None, max_length=80)
    secret: str | None = Field(default=None, sa_column=encrypted("work_order_platform.secret"))
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    settings: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    is_active: bool = True
    is_demo: bool = False


class Unit(Numbered, table=True):
    """承办单位: who handles what is assigned."""

    __tablename__ = "work_unit"
    __table_args__ = (UniqueConstraint("name", name="uq_work_unit_name"),)

    id: int | None = Field(default=None, sa_column=identity())
    name: str = Field(max_length=60)
    contact: str | None = Field(default=None, max_length=60)
    phone: str | None = Field(default=None, max_length=32)
    is_active: bool = True
    is_demo: bool = False


class Order(Numbered, table=True):
    """One work order. Only ``moving.move`` changes its ``state``.

    ``remote_status`` is the platform's own code, verbatim, beside ours; ``round`` grows with each
    重办. ``grams`` are the codes of its words, by which a repetition is found. ``corrected`` names
    the fields put right here, each with a keyed hash of what the platform had said.
    """

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("order_no", name="uq_work_order_no"),
        UniqueConstraint("platform", "remote_no", name="uq_work_order_remote"),
        UniqueConstraint("call_id", name="uq_work_order_call"),
        CheckConstraint("(platform = 'self') = (remote_no IS NULL)", name="ck_work_order_remote"),
        CheckConstraint("round >= 1", name="ck_work_order_round"),
        CheckConstraint("master_id <> id", name="ck_work_order_master"),
        CheckConstraint(
            "(state = 'merged') = (master_id IS NOT NULL)", name="ck_work_order_merged"
        ),
        CheckConstraint(
            "state NOT IN ('closed', 'archived') OR closed_at IS NOT NULL",
            name="ck_work_order_closed",
        ),
        CheckConstraint(
            "state NOT IN ('replied', 'callback') OR reply IS NOT NULL OR platform <> 'self'",
            name="ck_work_order_replied",
        ),
        Index("ix_work_order_state", "state", "received_at", "id"),
        Index("ix_work_order_received", "received_at", "id"),
        Index("ix_work_order_updated", "updated_at", "id"),
        Index("ix_work_order_phone", "phone_hash", "received_at"),
        Index("ix_work_order_handler", "handler_id", "state"),
        Index("ix_work_order_grams", "grams", postgresql_using="gin"),
        Index("ix_work_order_filed", "filed_by", postgresql_where="filed_by IS NOT NULL"),
        Index("ix_work_order_remote_no", "remote_no", postgresql_where="remote_no IS NOT NULL"),
        Index("ix_work_order_old_no", "old_no", postgresql_where="old_no IS NOT NULL"),
        Index("ix_work_order_unit_id", "unit_id", postgresql_where="unit_id IS NOT NULL"),
        Index("ix_work_order_flags", "flags", postgresql_using="gin"),
        Index("ix_work_order_master", "master_id", postgresql_where="master_id IS NOT NULL"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    order_no: str = Field(max_length=20)
    platform: str = Field(max_length=20)
    remote_no: str | None = Field(default=None, max_length=64)
    old_no: str | None = Field(default=None, max_length=64)
    state: State = Field(default=State.RECEIVED, sa_column=coded(State))
    round: int = 1
    remote_status: str | None = Field(default=None, max_length=64)
    remote_version: int | None = Field(default=None, sa_column=Column(BigInteger))
    remote_at: datetime | None = Field(default=None, sa_column=instant())

    kind: Kind = Field(sa_column=coded(Kind))
    category_code: str | None = Field(default=None, max_length=64)
    urgency: Urgency = Field(default=Urgency.NORMAL, sa_column=coded(Urgency))
    confidential: bool = False
    reply_wanted: bool = True
    title: str = Field(max_length=200)
    content: str = Field(sa_column=Column(Text, nullable=False))
    place: str | None = Field(default=None, max_length=200)
    target: str | None = Field(default=None, max_length=200)
    caller_name: str | None = Field(default=None, sa_column=encrypted("work_order.caller_name"))
    caller_sex: str | None = Field(default=None, max_length=8)
    caller_phone: str | None = Field(default=None, sa_column=encrypted("work_order.caller_phone"))
    phone_hash: bytes | None = Field(default=None, sa_column=hashed(index=False))
    caller_tags: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(20)), nullable=False, server_default="{}"),
    )

    call_id: int | None = Field(default=None, sa_column=_to("call.id", nullable=True))
    called_at: datetime | None = Field(default=None, sa_column=instant())
    dispatched_at: datetime | None = Field(default=None, sa_column=instant())
    remote_due_at: datetime | None = Field(default=None, sa_column=instant())
    received_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    replied_at: datetime | None = Field(default=None, sa_column=instant())
    closed_at: datetime | None = Field(default=None, sa_column=instant())
    archived_at: datetime | None = Field(default=None, sa_column=instant())
    suspended_at: datetime | None = Field(default=None, sa_column=instant())

    handler_id: int | None = Field(default=None, sa_column=_to("person.id", nullable=True))
    unit_id: int | None = Field(default=None, sa_column=_to("work_unit.id", nullable=True))
    reply: str | None = Field(default=None, sa_column=Column(Text))
    public_reply: str | None = Field(default=None, sa_column=Column(Text))
    caller_contacted: bool = False
    master_id: int | None = Field(default=None, sa_column=_to("work_order.id", nullable=True))
    flags: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(20)), nullable=False, server_default="{}"),
    )
    satisfaction_first: Satisfaction | None = Field(
        default=None, sa_column=coded(Satisfaction, nullable=True)
    )
    satisfaction: Satisfaction | None = Field(
        default=None, sa_column=coded(Satisfaction, nullable=True)
    )
    grams: list[int] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(Integer), nullable=False, server_default="{}"),
    )
    filed_by: int | None = Field(default=None, sa_column=_to("person.id", nullable=True))
    corrected: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}")
    )
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    updated_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    is_demo: bool = False

    @property
    def subject(self) -> str:
        """How the audit log names this order."""
        return f"work_order:{self.order_no}"


class OrderStep(SQLModel, table=True):
    """One line of an order's timeline; never changed. ``content`` is what was written."""

    __tablename__ = "work_order_step"
    __table_args__ = (Index("ix_work_order_step", "order_id", "at", "id"),)

    id: int | None = Field(default=None, sa_column=identity())
    order_id: int = Field(sa_column=_to("work_order.id"))
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    step: Step = Field(sa_column=coded(Step))
    before: State | None = Field(default=None, sa_column=coded(State, nullable=True))
    after: State = Field(sa_column=coded(State))
    origin: Origin = Field(sa_column=coded(Origin))
    person_id: int | None = Field(default=None, sa_column=_to("person.id", nullable=True))
    person_name: str = Field(default="", max_length=60)
    address: str | None = Field(default=None, max_length=45)
    unit_id: int | None = Field(default=None, sa_column=_to("work_unit.id", nullable=True))
    content: str | None = Field(default=None, sa_column=Column(Text))
    detail: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}")
    )
    is_demo: bool = False


class OrderUnit(Numbered, table=True):
    """A unit's part of an order."""

    __tablename__ = "work_order_unit"
    __table_args__ = (
        Index(
            "uq_work_order_unit",
            "order_id",
            "unit_id",
            unique=True,
            postgresql_where="state IN ('assigned', 'in_progress', 'replied')",
        ),
        Index("ix_work_order_unit_board", "unit_id", "state"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    order_id: int = Field(sa_column=_to("work_order.id", index=True))
    unit_id: int = Field(sa_column=_to("work_unit.id"))
    is_main: bool = True
    state: UnitState = Field(default=UnitState.ASSIGNED, sa_column=coded(UnitState))
    instruction: str | None = Field(default=None, max_length=1000)
    assigned_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    assigned_by: int | None = Field(default=None, sa_column=_to("person.id", nullable=True))
    due_at: datetime | None = Field(default=None, sa_column=instant())
    reply: str | None = Field(default=None, sa_column=Column(Text))
    settled_at: datetime | None = Field(default=None, sa_column=instant())
    is_demo: bool = False


class OrderRequest(Numbered, table=True):
    """退单, 延期, 重办 or 挂起: asked for, decided by a supervisor, then by the platform."""

    __tablename__ = "work_order_request"
    __table_args__ = (
        Index(
            "uq_work_order_request_open",
            "order_id",
            "kind",
            unique=True,
            postgresql_where="state IN ('asked', 'approved')",
        ),
        Index("ix_work_order_request", "order_id", "asked_at"),
        CheckConstraint("kind <> 'extend' OR days > 0", name="ck_work_order_request_days"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    order_id: int = Field(sa_column=_to("work_order.id"))
    kind: RequestKind = Field(sa_column=coded(RequestKind))
    state: RequestState = Field(default=RequestState.ASKED, sa_column=coded(RequestState))
    reason: str = Field(max_length=500)
    days: int | None = None
    until: date | None = None
    asked_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    asked_by: int | None = Field(default=None, sa_column=_to("person.id", nullable=True))
    asked_by_name: str = Field(default="", max_length=60)
    decided_at: datetime | None = Field(default=None, sa_column=instant())
    decided_by: int | None = Field(default=None, sa_column=_to("person.id", nullable=True))
    decision: str | None = Field(default=None, max_length=500)
    platform_decided_at: datetime | None = Field(default=None, sa_column=instant())
    is_demo: bool = False
