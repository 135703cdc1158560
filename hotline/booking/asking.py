"""Everything a hold depends on, read in one statement, and what speaks against it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from hotline import db, security
from hotline.booking.in_force import RULES, Asked, asked_of
from hotline.booking.patients import Known
from hotline.booking.rules import RUNS_OUT, State, is_fever_clinic
from hotline.booking.windows import refusal
from hotline.clock import local
from hotline.errors import Refused

_ASK = f"""
    SELECT s.id AS slot_id, s.resource_id, s.hospital_id, s.department_id, s.clinic_kind, s.day,
           s.half_day, s.starts_at, s.ends_at, s.capacity, s.is_stopped, s.stop_reason,
           h.city, d.name AS department, h.is_active AND d.is_active AS is_active,
           {RULES} AS rules,
           c.code AS channel, c.booking_kind,
           p.id AS patient_id, a.id AS account_id, a.name AS known_as,
           n.until_at AS banned_until, n.no_shows,
           b.id AS other_id, b.state AS other_state, b.expires_at AS other_expires_at,
           b.slot_id AS other_slot_id, b.booking_no AS other_no
    FROM slot s JOIN hospital h ON h.id = s.hospital_id JOIN department d ON d.id = s.department_id
    LEFT JOIN booking_channel c ON (c.code = %(channel)s OR c.name = %(channel)s) AND c.is_active
    LEFT JOIN patient p ON p.id_hash = %(id_hash)s
    LEFT JOIN patient_account a ON a.patient_id = p.id AND a.mobile_hash = %(mobile_hash)s
    LEFT JOIN booking b ON b.patient_id = p.id AND b.department_id = s.department_id
         AND b.day = s.day AND b.state IN ('held', 'confirmed', 'attended', 'no_show')
    LEFT JOIN LATERAL (
        SELECT until_at, no_shows FROM booking_ban WHERE patient_id = p.id
        AND lifted_at IS NULL AND until_at > %(at)s ORDER BY until_at DESC LIMIT 1
    ) n ON true
    WHERE s.id = %(slot)s
    """  # noqa: S608 - a constant of ours


def ask(session: Session, slot_id: int, channel: str, known: Known, at: datetime) -> Asked:
    """Read it. Raises Refused slot_unknown, channel_unknown."""
    given = {
        "slot": slot_id,
        "channel": channel,
        "id_hash": known.id_hash,
        "mobile_hash": known.mobile_hash,
        "at": at,
    }
    return asked_of(db.first(session, _ASK, given), at)


def require_bookable(asked: Asked, *, but: int | None = None) -> None:
    """Raises Refused for whatever speaks against this patient in this slot.

    ``but`` is the patient's own booking that is to be moved.
    """
    _require_open(asked)
    if asked.row["banned_until"]:
        raise _banned(asked.row["banned_until"], asked.row["no_shows"])
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


def _banned(until: datetime, no_shows: int) -> Refused:
    """Somebody may have set it by hand, for a reason that is not read out."""
    why = "多次预约未到，" if no_shows else "已被"
    return Refused(
        "patient_banned",
        f"就诊人{why}暂停预约到 {local(until):%Y-%m-%d}。如有疑问请转人工。",
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
