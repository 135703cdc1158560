"""What supervisors decide about a patient: bans by hand, bans lifted, a mobile's place freed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hotline import access, audit
from hotline.booking.models import Ban, Booking, Patient, PatientAccount
from hotline.booking.rules import State
from hotline.clock import now
from hotline.errors import Refused

MOST_DAYS = 365
# While one of these hangs on it, an account keeps its place: its messages go to the mobile.
OPEN = (State.WAITING, State.OFFERED, State.HELD, State.CONFIRMED)


def _required_reason(reason: str) -> str:
    why = reason.strip()
    if not 2 <= len(why) <= 200:
        sentence = "请填写原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    return why


def set_ban(
    session: Session, patient_id: int, days: int | None, reason: str, *, at: datetime | None = None
) -> Ban:
    """Let a patient not book for so many days. Bookings that stand are not touched.

    Raises Refused patient_unknown, days_invalid, reason_invalid, ban_stands.
    """
    moment, why = at or now(), _required_reason(reason)
    if days is None or not 1 <= days <= MOST_DAYS:
        sentence = f"请填写停约天数（1 到 {MOST_DAYS}）。"
        raise Refused("days_invalid", sentence, fields={"days": sentence})
    if session.get(Patient, patient_id, with_for_update=True) is None:
        raise Refused("patient_unknown", "没有找到这位就诊人。", 404)
    if standing(session, patient_id, moment) is not None:
        raise Refused("ban_stands", "这位就诊人已在停约中，要改期限请先解除再登记。", 409)
    ban = Ban(
        patient_id=patient_id, from_at=moment, until_at=moment + timedelta(days=days), no_shows=0,
        reason=why, set_by=access.origin().person_id,
    )  # fmt: skip
    session.add(ban)
    session.flush()
    audit.record(session, audit.Action.RECORD_CHANGED, f"patient:{patient_id}", reason=why,
                 detail={"ban_days": days})  # fmt: skip
    return ban


def standing(session: Session, patient_id: int, at: datetime) -> Ban | None:
    """The ban in force, the longest if there are several."""
    query = select(Ban).where(
        Ban.patient_id == patient_id, col(Ban.lifted_at).is_(None), col(Ban.until_at) > at
    )
    return session.exec(query.order_by(col(Ban.until_at).desc())).first()


def lift_ban(session: Session, ban_id: int, reason: str, *, at: datetime | None = None) -> Ban:
    """The patient may book again, from now on. Raises Refused ban_unknown, ban_over."""
    moment, why = at or now(), _required_reason(reason)
    ban = session.get(Ban, ban_id, with_for_update=True)
    if ban is None:
        raise Refused("ban_unknown", "没有找到这条停约。", 404)
    if ban.lifted_at is not None or ban.until_at <= moment:
        raise Refused("ban_over", "这条停约已经结束，不需要解除。", 409)
    ban.lifted_at, ban.lift_reason, ban.lifted_by = moment, why, access.origin().person_id
    audit.record(session, audit.Action.RECORD_CHANGED, f"patient:{ban.patient_id}", reason=why,
                 detail={"ban_lifted": ban_id})  # fmt: skip
    return ban


def free_place(session: Session, account_id: int, reason: str) -> PatientAccount:
    """解绑: the mobile has room for somebody else; the bookings made under it stay as they were.

    Raises Refused account_unknown, account_in_use.
    """
    why = _required_reason(reason)
    account = session.get(PatientAccount, account_id, with_for_update=True)
    if account is None or account.mobile_hash is None:
        raise Refused("account_unknown", "没有找到这个绑定，可能已经解除。", 404)
    query = select(Booking).where(Booking.account_id == account_id, col(Booking.state).in_(OPEN))
    if (open_one := session.exec(query).first()) is not None:
        which = f"（{open_one.booking_no}）" if open_one.booking_no else ""
        raise Refused(
            "account_in_use",
            f"这个手机号下还有未结束的预约{which}，请先退号或等就诊后再解绑。",
            409,
        )
    account.mobile_hash = account.place = None
    audit.record(session, audit.Action.RECORD_CHANGED, f"patient:{account.patient_id}", reason=why,
                 detail={"mobile_freed": account_id})  # fmt: skip
    return account
