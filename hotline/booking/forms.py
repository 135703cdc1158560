"""What comes in and goes out at the doors of booking."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from hotline.booking.patients import Applicant
from hotline.booking.rules import BookingKind, ClinicKind, Column, HalfDay, State


class GuardianIn(BaseModel):
    """The adult who speaks for a child."""

    name: str = Field(max_length=60)
    id_number: str = Field(max_length=40)


class PatientIn(GuardianIn):
    """Who is to be treated, by document and mobile."""

    mobile: str = Field(max_length=30)
    guardian: GuardianIn | None = None

    def applicant(self) -> Applicant:
        """As the use cases take it; a guardian answers the same mobile."""
        said = self.guardian
        guardian = Applicant(said.name, said.id_number, self.mobile) if said else None
        return Applicant(self.name, self.id_number, self.mobile, guardian)


class HoldIn(BaseModel):
    """Keep a unit for a patient."""

    slot_id: int = Field(ge=1, lt=2**63)
    patient: PatientIn
    channel: str = Field(max_length=30, description="code or name of a channel")
    call_uid: str | None = Field(default=None, max_length=128)


class ConfirmIn(BaseModel):
    """Make a hold, or an offer from the waiting list, a booking."""

    hold_id: str = Field(min_length=1, max_length=64)


class CancelIn(BaseModel):
    """Why."""

    reason: str = Field(default="", max_length=200)


class ChangeIn(BaseModel):
    """Where to."""

    slot_id: int = Field(ge=1, lt=2**63)


class AttendanceIn(BaseModel):
    """Whether the patient came."""

    attended: bool


class BookingPath(BaseModel):
    """Which booking."""

    no: str = Field(max_length=40)


class HoldPath(BaseModel):
    """Which hold."""

    hold_id: str = Field(max_length=64)


class DepartmentsQuery(BaseModel):
    """Of which hospital."""

    hospital: str = Field(max_length=60, description="id, name or short name")


class SlotsQuery(BaseModel):
    """What a search is narrowed by; both days are included."""

    hospital: str | None = Field(default=None, max_length=60, description="id, name, short name")
    department: str | None = Field(default=None, max_length=60, description="id or name")
    doctor: str | None = Field(default=None, max_length=40)
    kind: str | None = Field(default=None, max_length=20, description="code or 普通, 专家, …")
    from_: dt.date | None = Field(default=None, alias="from")
    to: dt.date | None = None
    channel: str | None = Field(default=None, max_length=30)
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=200, ge=1, le=500)


class HospitalOut(BaseModel):
    """A hospital."""

    id: int
    name: str
    short_name: str | None
    city: str
    level: str | None
    district: str | None
    address: str | None


class HospitalsOut(BaseModel):
    """All of them."""

    items: list[HospitalOut]


class DepartmentOut(BaseModel):
    """A department."""

    id: int
    hospital_id: int
    name: str


class DepartmentsOut(BaseModel):
    """All of a hospital."""

    items: list[DepartmentOut]


class ChannelOut(BaseModel):
    """A way to the pool, and the column of the month it counts in."""

    code: str
    name: str
    counts_in: Column


class ChannelsOut(BaseModel):
    """All of them."""

    items: list[ChannelOut]


class SlotOut(BaseModel):
    """A slot; ``closed`` is the code of why it cannot be booked now, null when it can."""

    slot_id: int
    hospital_id: int
    hospital: str
    campus: str | None
    department_id: int
    department: str
    doctor: str | None
    title: str | None
    kind: ClinicKind | None
    kind_label: str | None
    date: dt.date
    half_day: HalfDay
    starts_at: dt.time | None
    ends_at: dt.time | None
    capacity: int
    free: int
    fee: float | None
    bookable: bool
    closed: str | None


class SlotsOut(BaseModel):
    """One page."""

    items: list[SlotOut]
    next_cursor: str | None


class HoldOut(BaseModel):
    """A unit kept until then."""

    hold_id: str
    expires_at: dt.datetime


class WaitingOut(BaseModel):
    """A place on the waiting list; confirm with the id once a text message offers the unit."""

    hold_id: str


class PatientOut(BaseModel):
    """What may be shown of a patient."""

    name: str
    id_number: str
    mobile: str


class BookingOut(BaseModel):
    """A booking, its patient masked."""

    booking_no: str
    state: State
    state_label: str
    slot_id: int
    hospital: str
    campus: str | None
    department: str
    doctor: str | None
    title: str | None
    kind: ClinicKind | None
    kind_label: str | None
    booking_kind: BookingKind
    channel: str
    date: dt.date
    half_day: HalfDay
    starts_at: dt.time | None
    ends_at: dt.time | None
    fee: float | None
    pick_up_by: dt.datetime
    confirmed_at: dt.datetime
    settled_at: dt.datetime | None
    reason: str | None
    patient: PatientOut
