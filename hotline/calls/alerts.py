"""Words that mean danger raise an alert at once; somebody must acknowledge it."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from hotline import audit, live
from hotline.calls.models import Call, DangerAlert
from hotline.classification.crisis import CrisisLevel, assess
from hotline.clock import now
from hotline.errors import Refused


def watch(session: Session, call: Call, text: str, seen_in: str) -> CrisisLevel:
    """Assess a text; one alert per call and level. ``seen_in``: note, summary, ivr."""
    danger = assess(text)
    if danger.level is CrisisLevel.NONE:
        return danger.level
    raised = session.execute(
        insert(DangerAlert)
        .values(
            call_id=call.id,
            level=danger.level.value,
            reasons=list(danger.reasons),
            seen_in=seen_in,
            raised_at=now(),
        )
        .on_conflict_do_nothing(constraint="uq_danger_alert_call_level")
        .returning(col(DangerAlert.id))
    ).scalar()
    if raised is not None:
        _tell(session, call, danger.level, raised)
    return danger.level


def _tell(session: Session, call: Call, level: CrisisLevel, alert_id: int) -> None:
    message = {"alert": alert_id, "level": level.value, "call_uid": call.call_uid}
    if call.agent_id:
        live.publish(session, f"agent:{call.agent_id}", "danger", message)
    if level is CrisisLevel.HIGH:
        live.publish(session, "alerts", "danger", message)


def open_alerts(session: Session, level: CrisisLevel | None = None) -> list[DangerAlert]:
    """Alerts nobody has acknowledged, oldest first."""
    query = select(DangerAlert).where(col(DangerAlert.acknowledged_at).is_(None))
    if level is not None:
        query = query.where(DangerAlert.level == level.value)
    return list(session.exec(query.order_by(col(DangerAlert.raised_at))))


def acknowledge(session: Session, alert_id: int, by: int) -> DangerAlert:
    """Say "I have seen this"; the first who does is kept."""
    alert = session.get(DangerAlert, alert_id, with_for_update=True)
    if alert is None:
        raise Refused("alert_unknown", "没有这条警报。", 404)
    if alert.acknowledged_at is None:
        alert.acknowledged_by, alert.acknowledged_at = by, now()
        audit.record(session, audit.Action.ALERT_ACKNOWLEDGED, f"alert:{alert_id}")
        live.publish(session, "alerts", "danger_acknowledged", {"alert": alert_id})
        session.flush()
    return alert
