"""停诊: clinics that do not take place, who is affected, and the duties that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import access, audit
from hotline.booking import pool
from hotline.booking.models import Slot
from hotline.booking.stop_models import ClinicStop
from hotline.booking.texts import Template, write_all
from hotline.clock import now
from hotline.errors import Refused

# One deed, one transaction: more than a large hospital's day, less than anybody must wait for.
MOST_SLOTS = 2000
WAITED = ("waiting", "offered")

_STOP = text(
    "UPDATE slot SET is_stopped = true, stop_reason = :reason WHERE id = ANY(:slots)"
    " AND NOT is_stopped"
)
_STOP_BOOKINGS = text(
    """
    UPDATE booking b SET state = 'stopped', settled_at = :at, reason = :reason
    FROM booking was WHERE was.id = b.id AND b.slot_id = ANY(:slots)
    AND b.state IN ('waiting', 'offered', 'held', 'confirmed')
    RETURNING b.id, b.booking_no, was.state
    """
)
# What the patients who have been there still take; the rest is nobody's.
_RECOUNT = text(
    """
    UPDATE slot s SET taken = (SELECT count(*) FROM booking b WHERE b.slot_id = s.id
                               AND b.state IN ('attended', 'no_show'))
    WHERE s.id = ANY(:slots)
    """
)
_TO_TELL = text(
    "INSERT INTO stop_call (booking_id, stop_id, state, attempts)"
    " SELECT id, :stop, 'open', 0 FROM unnest(CAST(:bookings AS bigint[])) AS b (id)"
)
_RESUME = text(
    "UPDATE slot SET is_stopped = false, stop_reason = NULL WHERE id = ANY(:slots) AND is_stopped"
    " RETURNING id"
)
_AFFECTED = text(
    """
    SELECT c.name AS channel, count(*) FILTER (WHERE b.state = 'confirmed') AS booked,
           count(*) FILTER (WHERE b.state IN ('waiting', 'offered')) AS waiting,
           count(*) FILTER (WHERE b.state = 'held' AND b.expires_at > :at) AS held,
           min(b.day) FILTER (WHERE b.state = 'confirmed') AS soonest
    FROM booking b JOIN booking_channel c ON c.code = b.channel
    WHERE b.slot_id = ANY(:slots) AND b.state IN ('waiting', 'offered', 'held', 'confirmed')
    GROUP BY c.name, c.position ORDER BY c.position
    """
)


@dataclass(frozen=True)
class Affected:
    """Whom a stop would touch, in one channel; ``held`` are being booked at this moment."""

    channel: str
    booked: int
    waiting: int
    held: int
    soonest: date | None = None


def affected(
    session: Session, slot_ids: Sequence[int], at: datetime | None = None
) -> list[Affected]:
    """Whom a stop of these slots would touch now, by channel."""
    given = {"slots": list(slot_ids), "at": at or now()}
    return [Affected(**row) for row in session.execute(_AFFECTED, given).mappings()]


def stop_clinic(
    session: Session, slot_ids: Sequence[int], reason: str, *, at: datetime | None = None
) -> list[int]:
    """Stop these slots. Whoever has a booking gets a text message and is on the call-back list;
    whoever waits for a unit gets a text message.

    Gives the bookings to call back. Doing it again affects nobody new.
    Raises Refused reason_invalid, slots_missing, slots_too_many, slot_over.
    """
    moment, why = at or now(), required_reason(reason)
    slots = _still_to_come(session, slot_ids, moment)
    given = {"slots": sorted(slot.key for slot in slots), "reason": why, "at": moment}
    session.execute(_STOP, given)
    rows = session.execute(_STOP_BOOKINGS, given).all()
    session.execute(_RECOUNT, given)
    session.expire_all()
    booked = sorted(key for key, number, _ in rows if number)
    _remember(session, slots, booked, why, moment)
    write_all(session, booked, Template.STOPPED, moment)
    waited = sorted(key for key, number, was in rows if not number and was in WAITED)
    write_all(session, waited, Template.WAITING_STOPPED, moment)
    detail = {"stopped": given["slots"], "affected": len(booked)}
    audit.record(session, audit.Action.RECORD_CHANGED, "slots", reason=why, detail=detail)
    return booked


def _remember(
    session: Session, slots: list[Slot], booked: list[int], why: str, at: datetime
) -> None:
    stop = ClinicStop(
        at=at, by=access.origin().person_id, reason=why, slots=len(slots),
        is_demo=all(slot.is_demo for slot in slots),
    )  # fmt: skip
    session.add(stop)
    session.flush()
    session.execute(_TO_TELL, {"stop": stop.id, "bookings": booked})


def required_reason(reason: str) -> str:
    """The reason, fit to be kept. Raises Refused reason_invalid."""
    why = reason.strip()
    if not 2 <= len(why) <= 100:
        sentence = "请填写原因（2 到 100 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    return why


def _still_to_come(session: Session, slot_ids: Sequence[int], at: datetime) -> list[Slot]:
    """The slots, locked. A clinic that is over took place, whatever is said afterwards."""
    wanted = set(slot_ids)
    if len(wanted) > MOST_SLOTS:
        sentence = f"一次最多处理 {MOST_SLOTS} 个号源，请缩短日期或分科室办理。"
        raise Refused("slots_too_many", sentence)
    pool.lock(session, wanted)
    found = list(session.exec(select(Slot).where(col(Slot.id).in_(wanted))))
    if not found or len(found) < len(wanted):
        raise Refused("slots_missing", "请先勾选门诊；有的号源可能刚刚被删除，请重新查询。")
    over = [slot for slot in found if slot.when.ends <= at]
    if over:
        sentence = f"{over[0].when}的门诊已经结束，不能停诊或恢复，请重新勾选。"
        raise Refused("slot_over", sentence, 409)
    return found


def resume_clinic(
    session: Session, slot_ids: Sequence[int], reason: str = "", *, at: datetime | None = None
) -> int:
    """The clinic takes place after all; how many slots are open again. Nobody is booked back:
    they have been told otherwise. Raises Refused slots_missing, slots_too_many, slot_over."""
    slots = [slot.key for slot in _still_to_come(session, slot_ids, at or now())]
    opened = sorted(session.execute(_RESUME, {"slots": slots}).scalars())
    session.expire_all()
    audit.record(session, audit.Action.RECORD_CHANGED, "slots", reason=reason.strip() or None,
                 detail={"resumed": opened})  # fmt: skip
    return len(opened)
