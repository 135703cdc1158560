"""Tables of schedules and the single days that differ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy import Column as TableColumn
from sqlmodel import Field, SQLModel

from hotline.booking.place_models import link
from hotline.booking.rules import HalfDay
from hotline.booking.schedules_rules import (
    Difference,
    Exceptional,
    OnHoliday,
    OnMakeUp,
    Plan,
    Weeks,
)
from hotline.clock import now
from hotline.columns import Numbered, coded, identity, instant

OF_PLAN = (
    "weekdays", "half", "units", "valid_from", "valid_until", "weeks", "starts_at", "ends_at",
    "segment_minutes", "is_shared_out", "on_holiday", "on_make_up",
)  # fmt: skip


class Schedule(Numbered, table=True):
    """When a clinic takes place, from a day on (see ``schedules_rules.Plan``).

    What was in force is not rewritten: a change ends one row and begins another.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        CheckConstraint("weekdays ~ '^[1-7]{1,7}$'", name="ck_schedule_weekdays"),
        CheckConstraint(
            "(starts_at IS NULL) = (ends_at IS NULL)"
            " AND (starts_at IS NULL OR ends_at > starts_at)",
            name="ck_schedule_span",
        ),
        CheckConstraint(
            "segment_minutes IS NULL OR (starts_at IS NOT NULL"
            " AND segment_minutes BETWEEN 5 AND 480)",
            name="ck_schedule_segment",
        ),
        CheckConstraint("units BETWEEN 1 AND 9999", name="ck_schedule_units"),
        CheckConstraint("fee >= 0", name="ck_schedule_fee"),
        CheckConstraint("valid_until >= valid_from", name="ck_schedule_valid"),
        Index("ix_schedule_resource", "resource_id", "valid_from"),
        Index("ix_schedule_hospital", "hospital_id", "department_id"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    resource_id: int = Field(sa_column=link("resource.id", cascade=True))
    hospital_id: int = Field(sa_column=link("hospital.id", cascade=True))
    department_id: int = Field(sa_column=link("department.id", cascade=True))
    weekdays: str = Field(max_length=7)
    weeks: Weeks = Field(default=Weeks.EVERY, sa_column=coded(Weeks))
    half: HalfDay = Field(sa_column=coded(HalfDay))
    starts_at: time | None = None
    ends_at: time | None = None
    segment_minutes: int | None = None
    units: int
    is_shared_out: bool = False
    fee: Decimal | None = Field(default=None, sa_column=TableColumn(Numeric(8, 2)))
    valid_from: date
    valid_until: date | None = None
    on_holiday: OnHoliday = Field(default=OnHoliday.CLOSED, sa_column=coded(OnHoliday))
    on_make_up: OnMakeUp = Field(default=OnMakeUp.CLOSED, sa_column=coded(OnMakeUp))
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    is_demo: bool = False

    @property
    def subject(self) -> str:
        """How the audit log names it."""
        return f"schedule:{self.id}"

    def plan(self, exceptions: Mapping[date, Exceptional] | None = None) -> Plan:
        """The pattern, with the days that differ."""
        return Plan(**{name: getattr(self, name) for name in OF_PLAN}, exceptions=exceptions or {})


class ScheduleException(SQLModel, table=True):
    """A single day on which a schedule differs."""

    __tablename__ = "schedule_exception"
    __table_args__ = (
        UniqueConstraint("schedule_id", "day", name="uq_schedule_exception"),
        CheckConstraint("units BETWEEN 0 AND 9999", name="ck_schedule_exception_units"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    schedule_id: int = Field(sa_column=link("schedule.id", cascade=True))
    day: date
    kind: Difference = Field(sa_column=coded(Difference))
    units: int | None = None
    reason: str | None = Field(default=None, max_length=100)
