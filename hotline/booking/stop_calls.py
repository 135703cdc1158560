"""停诊回电: calling those whose clinic was stopped, and what came of it.

A duty is never lost: whoever could not be reached stays on the list until a person settles it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from hotline import audit
from hotline.booking import service
from hotline.booking.finding import Booker
from hotline.booking.models import Booking, Patient, PatientAccount, Slot
from hotline.booking.patients import Applicant
from hotline.booking.stop_duties import VISIT, Wanted, is_free, is_held, narrowed
from hotline.booking.stop_models import CallResult, CallState, StopCall, StopCallAttempt
from hotline.clock import now
from hotline.errors import Refused

# Who did not answer is not offered again at once.
REST = timedelta(minutes=30)
CHANNEL = "agent"  # it is our own desk that books them anew


def claim_next(session: Session, by: int, wanted: Wanted, at: datetime | None = None) -> StopCall:
    """Take on whoever is to be told soonest: nobody has them, nobody tried a moment ago.

    Two who ask at once get two. Raises Refused stop_calls_none.
    """
    moment = at or now()
    rested = or_(col(StopCall.tried_at).is_(None), col(StopCall.tried_at) <= moment - REST)
    query = narrowed(wanted, moment).where(is_free(moment), rested)
    duty: StopCall | None = session.exec(
        query.order_by(VISIT, StopCall.id).limit(1)
        .with_for_update(of=StopCall, skip_locked=True)
    ).first()  # fmt: skip
    if duty is None:
        raise Refused(
            "stop_calls_none", "没有可以认领的了：其余的同事正在打，或刚打过无人接听。", 409
        )
    return _take(session, duty, by, moment)


def claim(
    session: Session, duty_id: int, by: int, *, may_take_over: bool = False,
    at: datetime | None = None,
) -> StopCall:  # fmt: skip
    """Take a duty on. Raises Refused stop_call_claimed while a colleague calls, unless one may
    take over."""
    moment, duty = at or now(), _open(session, duty_id)
    if not may_take_over:
        _require_not_anothers(duty, by, moment)
    elif is_held(duty, moment) and duty.claimed_by != by:
        detail = {"taken_over_from": duty.claimed_by}
        audit.record(session, audit.Action.RECORD_CHANGED, _subject(duty), detail=detail)
    return _take(session, duty, by, moment)


def _take(session: Session, duty: StopCall, by: int, at: datetime) -> StopCall:
    """Whoever takes it on is shown the name: that is a read."""
    duty.claimed_by, duty.claimed_at = by, at
    audit.record(session, audit.Action.RECORD_READ, _subject(duty))
    return duty


def let_go(session: Session, duty_id: int, by: int, *, at: datetime | None = None) -> None:
    """Somebody else may call."""
    duty = _open(session, duty_id)
    _require_not_anothers(duty, by, at or now())
    duty.claimed_by = duty.claimed_at = None


def record_attempt(
    session: Session, duty_id: int, result: CallResult, by: int, note: str = "",
    *, at: datetime | None = None,
) -> StopCall:  # fmt: skip
    """What came of one call. Told or no longer needed ends the duty; the rest leaves it open."""
    moment, duty = at or now(), _open(session, duty_id)
    _require_not_anothers(duty, by, moment)
    session.add(
        StopCallAttempt(
            stop_call_id=duty.key, at=moment, by=by, result=result, note=note.strip()[:200] or None
        )
    )
    duty.attempts, duty.tried_at = duty.attempts + 1, moment
    if result.ends_as is not None:
        _close(duty, result.ends_as, by, moment)
    else:
        duty.claimed_by = duty.claimed_at = None
    detail = {"told": result.label}
    audit.record(session, audit.Action.RECORD_CHANGED, _subject(duty), detail=detail)
    return duty


def _close(duty: StopCall, state: CallState, by: int, at: datetime) -> None:
    duty.state, duty.closed_at = state, at
    duty.claimed_by, duty.claimed_at = by, duty.claimed_at or at


def rebook(
    session: Session, booking_no: str, slot_id: int, by: Booker, person: int,
    *, at: datetime | None = None,
) -> Booking:  # fmt: skip
    """Book the patient of a stopped booking into another slot; the duty ends with it.

    Also who was told already may call and want another day. Raises Refused like a hold.
    """
    moment = at or now()
    stopped, duty = _of_booking(session, booking_no)
    _require_not_anothers(duty, person, moment)
    slot = session.get(Slot, slot_id)
    is_demo = slot is not None and slot.is_demo
    held = service.hold(
        session, slot_id, _applicant(session, stopped), CHANNEL, by, at=moment, is_demo=is_demo
    )
    booking = service.confirm(session, held.hold_id, by, at=moment)
    duty.rebooked_id = booking.key
    _close(duty, CallState.REBOOKED, person, moment)
    detail = {"rebooked": booking.booking_no}
    audit.record(session, audit.Action.RECORD_CHANGED, stopped.subject, detail=detail)
    return booking


def _of_booking(session: Session, booking_no: str) -> tuple[Booking, StopCall]:
    query = (
        select(Booking, StopCall)
        .join(StopCall, col(StopCall.booking_id) == col(Booking.id))
        .where(Booking.booking_no == booking_no)
        .with_for_update(of=StopCall)
    )
    found = session.exec(query).first()
    if found is None:
        raise Refused("booking_unknown", "没有找到这个停诊预约，请核对编号。", 404)
    if found[1].state is CallState.REBOOKED:
        raise Refused("booking_changed", "这个停诊预约已经改约过，请查看新的预约。", 409)
    return found


def _applicant(session: Session, booking: Booking) -> Applicant:
    patient = session.get_one(Patient, booking.patient_id)
    account = session.get_one(PatientAccount, booking.account_id)
    return Applicant(account.name, patient.id_number, account.mobile)


def _open(session: Session, duty_id: int) -> StopCall:
    duty = session.get(StopCall, duty_id, with_for_update=True)
    if duty is None:
        raise Refused("stop_call_unknown", "没有这条停诊回电。", 404)
    if duty.state is not CallState.OPEN:
        raise Refused("stop_call_done", f"这条停诊回电已处理：{duty.state.label}。", 409)
    return duty


def _require_not_anothers(duty: StopCall, by: int, at: datetime) -> None:
    if is_held(duty, at) and duty.claimed_by != by:
        raise Refused("stop_call_claimed", "同事正在打这个电话，请选择其他人。", 409)


def _subject(duty: StopCall) -> str:
    return f"stop_call:{duty.id}"
