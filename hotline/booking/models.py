"""Tables of the pool: slots and who has them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy import Column as TableColumn
from sqlmodel import Field

from hotline.agents.models import Person
from hotline.booking.patient_models import Ban, Patient, PatientAccount
from hotline.booking.place_models import (
    BookingRule,
    Campus,
    Channel,
    Department,
    Doctor,
    Hospital,
    Resource,
    link,
)
from hotline.booking.rules import BookingKind, ClinicKind, HalfDay, State
from hotline.booking.schedules_models import Schedule, ScheduleException
from hotline.booking.text_models import TextMessage
from hotline.booking.windows import When
from hotline.clock import now
from hotline.columns import Numbered, coded, identity, instant

__all__ = [
    "Ban",
    "Booking",
    "BookingRule",
    "Campus",
    "Channel",
    "Department",
    "Doctor",
    "Hospital",
    "Patient",
    "PatientAccount",
    "Person",
    "Resource",
    "Schedule",
    "ScheduleException",
    "Slot",
    "TextMessage",
]


class Slot(Numbered, table=True):
    """A dated slot with so many units.

    ``taken`` counts the bookings that have a unit (``rules.TAKES_A_UNIT``). It is changed in the
    transaction that changes the booking, and the database refuses more than there are. Hospital,
    department and kind repeat the resource's, so that a search reads one index. ``planned`` is
    what a schedule wants here, and less than ``capacity`` where more has been booked; a slot that
    was imported has none, and no schedule touches it.
    """

    __tablename__ = "slot"
    __table_args__ = (
        CheckConstraint("taken BETWEEN 0 AND capacity", name="ck_slot_never_oversold"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ck_slot_segment"),
        CheckConstraint("fee >= 0", name="ck_slot_fee"),
        Index(
            "uq_slot",
            "resource_id",
            "day",
            "half_day",
            "starts_at",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_slot_search", "hospital_id", "department_id", "day"),
        Index("ix_slot_day", "day", "hospital_id"),
        Index("ix_slot_schedule", "schedule_id", "day"),
        Index("ix_slot_beyond_plan", "day", postgresql_where="planned < capacity"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    resource_id: int = Field(sa_column=link("resource.id", cascade=True))
    hospital_id: int = Field(sa_column=link("hospital.id", cascade=True))
    department_id: int = Field(sa_column=link("department.id", cascade=True))
    clinic_kind: ClinicKind | None = Field(default=None, sa_column=coded(ClinicKind, nullable=True))
    day: date
    half_day: HalfDay = Field(sa_column=coded(HalfDay))
    starts_at: time | None = None
    ends_at: time | None = None
    capacity: int
    taken: int = 0
    fee: Decimal | None = Field(default=None, sa_column=TableColumn(Numeric(8, 2)))
    is_stopped: bool = False
    stop_reason: str | None = Field(default=None, max_length=100)
    is_demo: bool = False
    schedule_id: int | None = Field(
        default=None,
        sa_column=TableColumn(BigInteger, ForeignKey("schedule.id", ondelete="SET NULL")),
    )
    planned: int | None = None

    @property
    def when(self) -> When:
        """Its day, half-day and segment."""
        return When(self.day, self.half_day, self.starts_at, self.ends_at)


class Booking(Numbered, table=True):
    """A claim on one unit of a slot, from the waiting list or the hold to the visit.

    ``hold_id`` is the secret by which its maker goes on; ``booking_no`` is read aloud. ``owner``
    is the account or token that made it. Department and day repeat the slot's for the constraint
    that one patient has one booking a department and day.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("hold_id", name="uq_booking_hold"),
        UniqueConstraint("booking_no", name="uq_booking_no"),
        CheckConstraint(
            "state NOT IN ('held', 'offered') OR expires_at IS NOT NULL",
            name="ck_booking_runs_out",
        ),
        CheckConstraint(
            "state NOT IN ('confirmed', 'attended', 'no_show', 'cancelled')"
            " OR booking_no IS NOT NULL",
            name="ck_booking_numbered",
        ),
        Index(
            "uq_booking_one_a_day",
            "patient_id",
            "department_id",
            "day",
            unique=True,
            postgresql_where="state IN ('held', 'confirmed', 'attended', 'no_show')",
        ),
        Index(
            "uq_booking_waits_once",
            "slot_id",
            "patient_id",
            unique=True,
            postgresql_where="state IN ('waiting', 'offered')",
        ),
        Index(
            "ix_booking_runs_out",
            "expires_at",
            postgresql_where="state IN ('held', 'offered')",
        ),
        Index("ix_booking_slot", "slot_id", "state"),
        Index("ix_booking_patient", "patient_id", "day"),
        Index("ix_booking_hospital", "hospital_id", "day"),
        Index("ix_booking_confirmed", "confirmed_at"),
    )

    id: int | None = Field(default=None, sa_column=identity())
    hold_id: str = Field(max_length=32)
    booking_no: str | None = Field(default=None, max_length=20)
    state: State = Field(sa_column=coded(State))
    slot_id: int = Field(sa_column=link("slot.id"))
    hospital_id: int = Field(sa_column=link("hospital.id"))
    department_id: int = Field(sa_column=link("department.id"))
    day: date
    patient_id: int = Field(sa_column=link("patient.id"))
    account_id: int = Field(sa_column=link("patient_account.id"))
    channel: str = Field(max_length=20, foreign_key="booking_channel.code")
    kind: BookingKind = Field(sa_column=coded(BookingKind))
    owner: str = Field(max_length=40)
    call_uid: str | None = Field(default=None, max_length=128)
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=instant())
    confirmed_at: datetime | None = Field(default=None, sa_column=instant())
    pick_up_by: datetime | None = Field(default=None, sa_column=instant())
    settled_at: datetime | None = Field(default=None, sa_column=instant())
    reason: str | None = Field(default=None, max_length=200)
    is_demo: bool = False

    @property
    def subject(self) -> str:
        """How the audit log names it."""
        return f"booking:{self.booking_no or self.id}"
