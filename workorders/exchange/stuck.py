"""What waits for a person: tried again, or settled with a reason. Each deed is on record."""

from __future__ import annotations

from sqlmodel import Session

from hotline import audit, phone
from hotline.clock import now
from hotline.errors import Refused
from workorders import moving
from workorders.actors import Actor
from workorders.exchange import bells, lost, rules
from workorders.exchange.models import Incoming, Outgoing
from workorders.exchange.rules import IncomingState, OutgoingState
from workorders.models import Order


def retry_outgoing(session: Session, outgoing_id: int, actor: Actor) -> Outgoing:
    """Send an event again, at once, with its old ``event_id``."""
    row = _outgoing(session, outgoing_id, actor)
    row.state, row.attempts, row.next_attempt_at = OutgoingState.DUE, 0, now()
    row.settled_at = None
    bells.ring_after_commit(session, bells.SEND, row.platform)
    _record(session, _subject(session, row), "重发", row.type.label)
    return row


def dismiss_outgoing(session: Session, outgoing_id: int, reason: str, actor: Actor) -> Outgoing:
    """The platform has been told otherwise; what follows of the order may go."""
    row = _outgoing(session, outgoing_id, actor)
    words = _required(reason)
    row.state, row.settled_at, row.last_error = OutgoingState.DISMISSED, now(), words
    bells.ring_after_commit(session, bells.SEND, row.platform)
    _record(session, _subject(session, row), "已人工处理", row.type.label, words)
    return row


def retry_incoming(session: Session, incoming_id: int, actor: Actor) -> Incoming:
    """Apply what came again: its code is known by now, or the fault is mended."""
    row = _incoming(session, incoming_id, actor)
    row.state, row.attempts, row.next_attempt_at = IncomingState.DUE, 0, now()
    row.settled_at = None
    bells.ring_after_commit(session, bells.APPLY, row.platform)
    _record(session, f"work_order_incoming:{row.key}", "重新处理", row.remote_no or "收到的消息")
    return row


def dismiss_incoming(session: Session, incoming_id: int, reason: str, actor: Actor) -> Incoming:
    """Nothing more is to be done about it."""
    row = _incoming(session, incoming_id, actor)
    words = _required(reason)
    row.state, row.settled_at, row.reason = IncomingState.DISMISSED, now(), words
    what = row.remote_no or "收到的消息"
    _record(session, f"work_order_incoming:{row.key}", "已人工处理", what, words)
    return row


def _outgoing(session: Session, outgoing_id: int, actor: Actor) -> Outgoing:
    _require_leader(actor)
    row = session.get(Outgoing, outgoing_id, with_for_update=True, populate_existing=True,
                      options=[lost.NO_BODY])  # fmt: skip
    if row is None or row.state not in rules.STUCK_OUTGOING:
        raise _gone()
    moving.tell(session)
    return row


def _incoming(session: Session, incoming_id: int, actor: Actor) -> Incoming:
    _require_leader(actor)
    row = session.get(Incoming, incoming_id, with_for_update=True, populate_existing=True,
                      options=[lost.NO_RAW])  # fmt: skip
    if row is None or row.state not in rules.STUCK_INCOMING:
        raise _gone()
    moving.tell(session)
    return row


def _require_leader(actor: Actor) -> None:
    if not actor.leads:
        raise Refused("not_for_you", "交换异常由班长处理。", 403)


def _gone() -> Refused:
    return Refused("exchange_settled", "这一条已经处理过了，请刷新页面。", 409)


def _required(reason: str) -> str:
    words = phone.redact(reason.strip())
    if not words or len(words) > 200 or "\x00" in words:
        told = "请填写处理说明（不超过 200 字）。"
        raise Refused("reason_needed", told, fields={"reason": told})
    return words


def _subject(session: Session, row: Outgoing) -> str:
    return session.get_one(Order, row.order_id, options=[lost.NUMBERS_ONLY]).subject


def _record(
    session: Session, subject: str, deed: str, what: str, reason: str | None = None
) -> None:
    detail = {"exchange": deed, "event": what}
    audit.record(session, audit.Action.RECORD_CHANGED, subject, reason=reason, detail=detail)
