"""What goes out at the doors of booking: a patient is masked always."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from hotline.booking.rules import BookingKind, ClinicKind, Column, HalfDay, ResourceKind, State


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
    category: ResourceKind
    item: str | None
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
    category: ResourceKind
    item: str | None
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


class BookingsOut(BaseModel):
    """One page, by day of visit."""

    items: list[BookingOut]
    next_cursor: str | None


class QueuedOut(BaseModel):
    """A place on the waiting list. ``ahead`` wait before it; offered, it stands until then."""

    hold_id: str
    slot_id: int
    channel: str
    state: State
    ahead: int
    created_at: dt.datetime
    expires_at: dt.datetime | None


class QueueOut(BaseModel):
    """One page, oldest first."""

    items: list[QueuedOut]
    next_cursor: str | None


class StoppedOut(BaseModel):
    """How many slots it met, and how many bookings must be told."""

    slots: int
    affected: int


class ReleasedOut(BaseModel):
    """A hold, an offer or a place on the waiting list that was given up."""

    released: bool


class ToldOut(BaseModel):
    """The booking, and that its patient has been told."""

    booking_no: str
    told: bool
