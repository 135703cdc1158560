"""A booking with all that is said of it: slot, place, patient; what is shown is masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from hotline import phone
from hotline.booking import id_numbers, names
from hotline.booking.models import (
    Booking,
    Campus,
    Channel,
    Department,
    Doctor,
    Hospital,
    Patient,
    PatientAccount,
    Resource,
    Slot,
)
from hotline.booking.naming import item_of, service
from hotline.console import booking_words as words
from hotline.errors import Refused


@dataclass(frozen=True)
class Told:
    """One booking and what it points to."""

    booking: Booking
    slot: Slot
    hospital: Hospital
    department: Department
    account: PatientAccount
    patient: Patient
    channel: Channel
    resource: Resource
    doctor: Doctor | None
    campus: Campus | None

    @property
    def name(self) -> str:
        """The patient's name as it may be shown in lists."""
        return names.mask(self.account.name)

    @property
    def id_number(self) -> str:
        """The document's number, masked."""
        return id_numbers.mask(self.patient.id_number)

    @property
    def mobile(self) -> str:
        """The mobile, masked."""
        return phone.mask(self.account.mobile)

    @property
    def place(self) -> str:
        """Hospital, campus and department in one breath."""
        campus = f"（{self.campus.name}）" if self.campus else ""
        return f"{self.hospital.name}{campus}{self.department.name}"

    @property
    def clinic(self) -> str:
        """Whose clinic, and of what kind; or the examination, vaccination, bed."""
        doctor = self.doctor.name if self.doctor else None
        return service(self.slot.clinic_kind, doctor, self.item)

    @property
    def item(self) -> str | None:
        """The 项目 of what is no clinic."""
        return item_of(self.resource.kind, self.resource.name)

    @property
    def pick_up(self) -> str:
        """By when on the day the number must be picked up."""
        return words.clock(self.booking.pick_up_by) if self.booking.pick_up_by else ""

    @property
    def sentence(self) -> str:
        """What is read back before it is confirmed."""
        return words.read_back(
            self.account.name,
            self.patient.id_number[-4:],
            self.slot.when,
            self.place,
            self.clinic,
            words.fee_in_words(self.slot.fee),
            self.pick_up,
        )

    @property
    def number_groups(self) -> list[str]:
        """The booking number in the groups in which it is said."""
        return words.grouped_number(self.booking.booking_no or "")

    @property
    def spoken_number(self) -> str:
        """The booking number as it is said."""
        return words.spoken_number(self.booking.booking_no or "")


def _query() -> Any:
    return (
        select(
            Booking,
            Slot,
            Hospital,
            Department,
            PatientAccount,
            Patient,
            Channel,
            Resource,
            Doctor,
            Campus,
        )
        .join(Slot, col(Slot.id) == col(Booking.slot_id))
        .join(Resource, col(Resource.id) == col(Slot.resource_id))
        .join(Hospital, col(Hospital.id) == col(Booking.hospital_id))
        .join(Department, col(Department.id) == col(Booking.department_id))
        .join(PatientAccount, col(PatientAccount.id) == col(Booking.account_id))
        .join(Patient, col(Patient.id) == col(Booking.patient_id))
        .join(Channel, col(Channel.code) == col(Booking.channel))
        .outerjoin(Doctor, col(Doctor.id) == col(Resource.doctor_id))
        .outerjoin(Campus, col(Campus.id) == col(Resource.campus_id))
    )


def told(session: Session, *conditions: Any, order: Any = None, most: int = 50) -> list[Told]:
    """The bookings that meet the conditions, newest first unless said."""
    ordering = order if order is not None else (col(Booking.id).desc(),)
    found = session.exec(_query().where(*conditions).order_by(*ordering).limit(most))
    return [Told(*row) for row in found]


def one(session: Session, condition: Any) -> Told:
    """The booking that meets the condition. Raises Refused 404."""
    found = told(session, condition, most=1)
    if not found:
        raise Refused("booking_unknown", "没有找到这个预约，请核对编号。", 404)
    return found[0]
