"""Slots in words: those of one half-day, or one of them, and why it cannot be booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline.booking.in_force import policy_of
from hotline.booking.naming import item_of
from hotline.booking.policy import Policy
from hotline.booking.rules import ClinicKind
from hotline.booking.windows import When, refusal
from hotline.clock import now
from hotline.console.booking_choice import Choice, Where
from hotline.errors import Refused

CHANNEL = "agent"
# A hold that has run out is free, also before anybody sweeps.
RUN_OUT = """
    LEFT JOIN (SELECT slot_id, count(*) AS units FROM booking WHERE state IN ('held', 'offered')
               AND expires_at <= :at GROUP BY slot_id) x ON x.slot_id = s.id
"""
_OFFER = f"""
    SELECT s.id, s.day, s.half_day, s.starts_at, s.ends_at, s.clinic_kind, s.fee, s.is_stopped,
           s.stop_reason, s.is_demo, s.capacity,
           s.capacity - s.taken + coalesce(x.units, 0) AS left_over,
           h.name AS hospital, d.name AS department, c.name AS campus, o.name AS doctor,
           o.title, r.kind AS category, r.name AS resource_name, s.hospital_id, s.department_id
    FROM slot s JOIN resource r ON r.id = s.resource_id JOIN hospital h ON h.id = s.hospital_id
    JOIN department d ON d.id = s.department_id LEFT JOIN campus c ON c.id = r.campus_id
    LEFT JOIN doctor o ON o.id = r.doctor_id {RUN_OUT}
"""  # noqa: S608 - a constant of ours
_HALF = text(
    f"""
    {_OFFER} WHERE s.hospital_id = :hospital AND s.department_id = :department AND s.day = :day
    AND s.half_day = :half AND (CAST(:doctor AS bigint) IS NULL OR r.doctor_id = :doctor)
    AND (CAST(:item AS bigint) IS NULL OR r.id = :item)
    ORDER BY o.name IS NOT NULL, s.clinic_kind, o.name, s.starts_at LIMIT 80
    """
)
_ONE = text(f"{_OFFER} WHERE s.id = :slot")


class Policies:
    """The policy by kind of clinic: all slots of one department share the rest."""

    def __init__(self, session: Session, at: datetime) -> None:
        self.session, self.at = session, at
        self.known: dict[str | None, Policy] = {}

    def of(self, slot_id: int, kind: str | None) -> Policy:
        """The policy for this slot's kind of clinic."""
        if kind not in self.known:
            self.known[kind] = policy_of(self.session, slot_id, CHANNEL, self.at).policy
        return self.known[kind]


@dataclass(frozen=True)
class Offer:
    """One slot in words, and why it cannot be booked now, if so."""

    row: RowMapping
    against: str | None = None

    @property
    def when(self) -> When:
        """Its day, half-day and segment."""
        return When.of(self.row)

    @property
    def kind(self) -> ClinicKind | None:
        """号别."""
        return ClinicKind.known(self.row["clinic_kind"])

    @property
    def item(self) -> str | None:
        """The 项目 of what is no clinic."""
        return item_of(self.row["category"], self.row["resource_name"])

    @property
    def fee(self) -> Decimal | None:
        """What it costs."""
        fee: Decimal | None = self.row["fee"]
        return fee

    @property
    def is_free(self) -> bool:
        """Whether a unit is left and may be taken."""
        return self.against is None and self.row["left_over"] > 0

    @property
    def is_full(self) -> bool:
        """Whether one may only wait for it."""
        return self.against is None and self.row["left_over"] <= 0


def place_of(place: Where) -> dict[str, Any]:
    """The ids of a place as statements name them; None is any."""
    return {
        "hospital": place.hospital.id if place.hospital else None,
        "department": place.department.id if place.department else None,
        "doctor": place.doctor.id if place.doctor else None,
        "item": place.item.id if place.item else None,
    }


def half_day(session: Session, place: Where, choice: Choice) -> list[Offer]:
    """The slots of the half-day chosen."""
    if choice.day is None or choice.half is None:
        return []
    given = place_of(place) | {"day": choice.day, "half": choice.half.value, "at": now()}
    policies = Policies(session, now())
    return [_offer(row, policies) for row in session.execute(_HALF, given).mappings()]


def offer(session: Session, slot_id: int | None) -> Offer:
    """One slot. Raises Refused slot_unknown."""
    row = session.execute(_ONE, {"slot": slot_id, "at": now()}).mappings().first()
    if row is None:
        raise Refused("slot_unknown", "没有这个号源，请重新查询。", 404)
    return _offer(row, Policies(session, now()))


def _offer(row: RowMapping, policies: Policies) -> Offer:
    if row["is_stopped"]:
        return Offer(row, f"停诊（{row['stop_reason']}）" if row["stop_reason"] else "停诊")
    found = Offer(row)
    against = refusal(policies.of(row["id"], row["clinic_kind"]), found.when, policies.at)
    return Offer(row, against.message if against else None)
