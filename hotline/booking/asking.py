"""Everything a hold depends on, read in one statement, and what speaks against it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline import security
from hotline.booking.patients import Known
from hotline.booking.policy import Place, Policy, Rule, resolve
from hotline.booking.rules import (
    RUNS_OUT,
    BookingKind,
    ClinicKind,
    HalfDay,
    State,
    booking_kind,
    is_fever_clinic,
)
from hotline.booking.windows import When, refusal
from hotline.clock import local
from hotline.errors import Refused

# Rules that could speak: narrower ones are told apart by ``resolve``.
_RULES = """
    (SELECT CAST(json_agg(json_build_array(r.name, r.value, r.effective_on, r.city,
                                           r.hospital_id, r.channel, r.clinic_kind)) AS text)
     FROM booking_rule r WHERE (r.city IS NULL OR r.city = h.city)
     AND (r.hospital_id IS NULL OR r.hospital_id = h.id))
"""
_ASK = text(
    f"""
    SELECT s.id AS slot_id, s.resource_id, s.hospital_id, s.department_id, s.clinic_kind, s.day,
           s.half_day, s.starts_at, s.ends_at, s.capacity, s.is_stopped, s.stop_reason,
           h.city, d.name AS department, h.is_active AND d.is_active AS is_active,
           {_RULES} AS rules,
           c.code AS channel, c.booking_kind,
           p.id AS patient_id, a.id AS account_id, a.name AS known_as,
           (SELECT max(n.until_at) FROM booking_ban n WHERE n.patient_id = p.id
            AND n.lifted_at IS NULL AND n.until_at > :at) AS banned_until,
           b.id AS other_id, b.state AS other_state, b.expires_at AS other_expires_at,
           b.slot_id AS other_slot_id, b.booking_no AS other_no
    FROM slot s JOIN hospital h ON h.id = s.hospital_id JOIN department d ON d.id = s.department_id
    LEFT JOIN booking_channel c ON (c.code = :channel OR c.name = :channel) AND c.is_active
    LEFT JOIN patient p ON p.id_hash = :id_hash
    LEFT JOIN patient_account a ON a.patient_id = p.id AND a.mobile_hash = :mobile_hash
    LEFT JOIN booking b ON b.patient_id = p.id AND b.department_id = s.department_id
         AND b.day = s.day AND b.state IN ('held', 'confirmed', 'attended', 'no_show')
    WHERE s.id = :slot
    """  # noqa: S608 - a constant of ours
)


@dataclass(frozen=True)
class Asked:
    """A slot, a channel and a patient as they are at one instant."""

    row: RowMapping
    policy: Policy
    when: When
    at: datetime

    @property
    def kind(self) -> BookingKind:
        """What the statistics call it."""
        own = BookingKind.known(self.row["booking_kind"])
        ahead = (self.when.day - local(self.at).date()).days
        return booking_kind(own, ahead, Policy().window_days)

    @property
    def stale_hold(self) -> int | None:
        """The slot where this patient's own hold has run out and nobody has swept it yet."""
        if self.row["other_state"] not in RUNS_OUT or self.row["other_expires_at"] > self.at:
            return None
        return int(self.row["other_slot_id"])


def ask(session: Session, slot_id: int, channel: str, known: Known, at: datetime) -> Asked:
    """Read it. Raises Refused slot_unknown, channel_unknown."""
    given = {
        "slot": slot_id,
        "channel": channel,
        "id_hash": known.id_hash,
        "mobile_hash": known.mobile_hash,
        "at": at,
    }
    return asked_of(session.execute(_ASK, given).mappings().first(), at)


def asked_of(row: RowMapping | None, at: datetime) -> Asked:
    """What a row of the statement says."""
    if row is None:
        raise Refused("slot_unknown", "没有这个号源，请重新查询。", 404)
    if row["channel"] is None:
        sentence = "没有这个预约渠道，请核对渠道代码。"
        raise Refused("channel_unknown", sentence, fields={"channel": sentence})
    kind = ClinicKind.known(row["clinic_kind"])
    place = Place(row["city"], row["hospital_id"], row["channel"], kind)
    policy = _policy(row["rules"], place, local(at).date())
    when = When(row["day"], HalfDay(row["half_day"]), row["starts_at"], row["ends_at"])
    return Asked(row, policy, when, at)


@lru_cache(maxsize=4096)
def _policy(rules: str | None, place: Place, on: date) -> Policy:
    """What the rows of ``_RULES`` decide: the same text decides the same, and is read once."""
    rows = json.loads(rules or "[]")
    found = (
        Rule(name, value, date.fromisoformat(effective_on), *where)
        for name, value, effective_on, *where in rows
    )
    return resolve(list(found), place, on)


def require_bookable(asked: Asked, *, but: int | None = None) -> None:
    """Raises Refused for whatever speaks against this patient in this slot.

    ``but`` is the patient's own booking that is to be moved.
    """
    _require_open(asked)
    if asked.row["banned_until"]:
        raise _banned(asked.row["banned_until"])
    if asked.row["other_id"] not in (None, but) and asked.stale_hold is None:
        raise duplicate()
    if (against := refusal(asked.policy, asked.when, asked.at)) is not None:
        raise against


def _require_open(asked: Asked) -> None:
    if is_fever_clinic(asked.row["department"]):
        raise Refused("fever_clinic", "发热不需要预约，请戴好口罩直接到医院发热门诊就诊。", 409)
    if asked.row["is_stopped"] or not asked.row["is_active"]:
        raise stopped(asked.row["stop_reason"])


def stopped(reason: str | None) -> Refused:
    """The clinic does not take place."""
    why = f"（{reason}）" if reason else ""
    return Refused("slot_closed", f"这个门诊已停诊{why}，请选择其他医生或日期。", 409)


def duplicate() -> Refused:
    """One patient, one department, one slot a day."""
    return Refused(
        "duplicate_booking", "就诊人当天在这个科室已有预约，同一科室一天只能约一个号。", 409
    )


def _banned(until: datetime) -> Refused:
    day = local(until)
    return Refused(
        "patient_banned",
        f"就诊人多次预约未到，暂停预约到 {day:%Y-%m-%d}。如有疑问请转人工。",
        403,
    )


def taken() -> Refused:
    """Nothing is left."""
    return Refused("slot_taken", "这个号已约满，请选择其他时段，或登记候补。", 409)


def is_known_as(asked: Asked, name: str) -> bool:
    """Whether the account has this name already."""
    sealed = asked.row["known_as"]
    return sealed is not None and security.decrypt("patient_account.name", sealed) == name


def is_live(state: str, expires_at: datetime | None, at: datetime) -> bool:
    """Whether a hold or an offer still stands."""
    return State(state) in RUNS_OUT and expires_at is not None and expires_at > at


_POLICY = text(
    f"""
    SELECT s.id AS slot_id, s.day, s.half_day, s.starts_at, s.ends_at, s.clinic_kind,
           s.hospital_id, h.city, {_RULES} AS rules,
           CAST(:channel AS varchar) AS channel, NULL AS booking_kind
    FROM slot s JOIN hospital h ON h.id = s.hospital_id WHERE s.id = :slot
    """  # noqa: S608 - a constant of ours
)


def policy_of(session: Session, slot_id: int, channel: str, at: datetime) -> Asked:
    """The policy in force for a slot, whoever asks."""
    found = session.execute(_POLICY, {"slot": slot_id, "channel": channel})
    return asked_of(found.mappings().first(), at)
