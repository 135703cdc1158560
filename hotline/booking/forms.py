"""What comes in at the doors of booking."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from hotline.booking.patients import Applicant
from hotline.booking.rules import HalfDay, State


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
    channel: str | None = Field(
        default=None,
        max_length=30,
        description="code or name; may be left out by a token that is bound to one channel",
    )
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
    category: str | None = Field(default=None, max_length=20, description="code or 门诊, 检查, …")
    item: str | None = Field(default=None, max_length=60, description="项目, of all but clinics")
    city: str | None = Field(default=None, max_length=20)
    from_: dt.date | None = Field(default=None, alias="from")
    to: dt.date | None = None
    channel: str | None = Field(default=None, max_length=30)
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=200, ge=1, le=500)


class StopIn(BaseModel):
    """Which clinics do not take place: slots by id, or all of a place and a range of days."""

    slot_ids: list[int] | None = Field(default=None, min_length=1, max_length=500)
    hospital: str | None = Field(default=None, max_length=60, description="id, name, short name")
    department: str | None = Field(default=None, max_length=60, description="id or name")
    doctor: str | None = Field(default=None, max_length=40)
    from_: dt.date | None = Field(default=None, alias="from")
    to: dt.date | None = None
    half_day: HalfDay | None = None


class StopReasonIn(StopIn):
    """Which, and why."""

    reason: str = Field(min_length=1, max_length=100)


class ToldIn(BaseModel):
    """That the patient has been told."""

    told: Literal[True]


class PageQuery(BaseModel):
    """Where a list goes on."""

    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=100, ge=1, le=500)


class CallBacksQuery(PageQuery):
    """Of which hospital."""

    hospital: str | None = Field(default=None, max_length=60, description="id, name, short name")


class WaitingQuery(PageQuery):
    """Of which slot."""

    slot_id: int | None = Field(default=None, ge=1, lt=2**63)


class BookingsQuery(PageQuery):
    """What a list of bookings is narrowed by; both days of visit are included."""

    hospital: str | None = Field(default=None, max_length=60, description="id, name, short name")
    channel: str | None = Field(default=None, max_length=30, description="code or name")
    state: State | None = None
    from_: dt.date | None = Field(default=None, alias="from")
    to: dt.date | None = None
