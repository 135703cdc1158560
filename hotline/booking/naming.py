"""What is booked, in the words people use. Pure."""

from __future__ import annotations

from hotline.booking.rules import ClinicKind, ResourceKind


def item_of(kind: ResourceKind | str, name: str | None) -> str | None:
    """The 项目 of an examination, a health check, a vaccination, a bed; a clinic has none.

    A clinic's own name is its room, which nobody is told before the visit.
    """
    return name if kind != ResourceKind.CLINIC else None


def service(clinic: ClinicKind | None, doctor: str | None, item: str | None) -> str:
    """``李建国医生专家门诊``; for anything but a clinic the item: ``流感疫苗``."""
    if item:
        return item
    return (f"{doctor}医生" if doctor else "") + (f"{clinic.label}门诊" if clinic else "门诊")


def beside_department(doctor: str | None, item: str | None) -> str:
    """What follows the department in a text message: ``李建国医生``, ``流感疫苗`` or nothing."""
    return item or (f"{doctor}医生" if doctor else "")
