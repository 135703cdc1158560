"""Tables of stopped clinics: one row a deed, one a person to be told, one a call made for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy import Column as TableColumn
from sqlmodel import Field, SQLModel

import hotline.agents.models
from hotline.booking.place_models import link
from hotline.clock import now
from hotline.columns import Numbered, coded, encrypted, identity, instant
from hotline.labels import Labelled


class CallState(Labelled):
    """Where the duty to tell somebody is."""

    OPEN = "open", "待通知"
    TOLD = "told", "已告知"
    REBOOKED = "rebooked", "已改约"
    NOT_NEEDED = "not_needed", "不再需要"


class CallResult(Labelled):
    """What came of one call. The first two end the duty."""

    TOLD = "told", "已告知"
    NOT_NEEDED = "not_needed", "不再需要"
    NO_ANSWER = "no_answer", "无人接听"
    BUSY = "busy", "占线"
    POWERED_OFF = "powered_off", "关机或停机"
    WRONG_NUMBER = "wrong_number", "号码有误"

    @property
    def ends_as(self) -> CallState | None:
        """What the duty becomes; None when somebody must call again."""
        return CallState.known(self.value)


class ClinicStop(SQLModel, table=True):
    """Slots that were stopped in one deed, when, and why."""

    __tablename__ = "clinic_stop"

    id: int | None = Field(default=None, sa_column=identity())
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    by: int | None = Field(default=None, sa_column=link("person.id", nullable=True))
    reason: str = Field(max_length=100)
    slots: int
    is_demo: bool = False


class StopCall(Numbered, table=True):
    """Somebody whose clinic was stopped is to be told; ``rebooked_id`` is what they got instead."""

    __tablename__ = "stop_call"
    __table_args__ = (
        UniqueConstraint("booking_id", name="uq_stop_call_booking"),
        Index("ix_stop_call_open", "state", postgresql_where="state = 'open'"),
        Index("ix_stop_call_stop", "stop_id"),
        Index("ix_stop_call_rebooked", "rebooked_id"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    booking_id: int = Field(sa_column=link("booking.id", cascade=True))
    stop_id: int | None = Field(
        default=None,
        sa_column=TableColumn(BigInteger, ForeignKey("clinic_stop.id", ondelete="SET NULL")),
    )
    state: CallState = Field(default=CallState.OPEN, sa_column=coded(CallState))
    claimed_by: int | None = Field(default=None, sa_column=link("person.id", nullable=True))
    claimed_at: datetime | None = Field(default=None, sa_column=instant())
    attempts: int = 0
    tried_at: datetime | None = Field(default=None, sa_column=instant())
    closed_at: datetime | None = Field(default=None, sa_column=instant())
    rebooked_id: int | None = Field(
        default=None,
        sa_column=TableColumn(BigInteger, ForeignKey("booking.id", ondelete="SET NULL")),
    )


class StopCallAttempt(SQLModel, table=True):
    """One call that was made for it."""

    __tablename__ = "stop_call_attempt"
    __table_args__ = (Index("ix_stop_call_attempt_call", "stop_call_id"),)

    id: int | None = Field(default=None, sa_column=identity())
    stop_call_id: int = Field(sa_column=link("stop_call.id", cascade=True))
    at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    by: int = Field(sa_column=link("person.id"))
    result: CallResult = Field(sa_column=coded(CallResult))
    note: str | None = Field(default=None, sa_column=encrypted("stop_call_attempt.note"))


import hotline.booking.models  # noqa: E402, F401 - keys point to its tables
