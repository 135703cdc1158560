"""The outbox as people look after it: what is stuck is sent again or let be, for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit
from hotline.booking.models import Booking, TextMessage
from hotline.booking.rules import State
from hotline.booking.text_models import TextState
from hotline.booking.texts import Template
from hotline.clock import now
from hotline.errors import Refused

# What a booking must be for the message to be true when it leaves now.
SAYS = {
    Template.CONFIRMED: State.CONFIRMED,
    Template.CHANGED: State.CONFIRMED,
    Template.CANCELLED: State.CANCELLED,
    Template.STOPPED: State.STOPPED,
    Template.WAITING_STOPPED: State.STOPPED,
    Template.OFFERED: State.OFFERED,
}
LATE = timedelta(minutes=2)
_HEALTH = text(
    """
    SELECT count(*) FILTER (WHERE state = 'due') AS due,
           count(*) FILTER (WHERE state = 'due' AND attempts > 0) AS failing,
           count(*) FILTER (WHERE state = 'given_up') AS given_up,
           min(created_at) FILTER (WHERE state = 'due' AND attempts = 0) AS oldest,
           (SELECT max(sent_at) FROM text_message WHERE sent_at > :since) AS last_sent,
           (SELECT count(*) FROM text_message WHERE sent_at > :day_ago) AS sent_today,
           (SELECT last_error FROM text_message WHERE state IN ('due', 'given_up')
            AND last_error IS NOT NULL ORDER BY next_attempt_at DESC LIMIT 1) AS last_error
    FROM text_message WHERE state IN ('due', 'given_up')
    """
)


@dataclass(frozen=True)
class Health:
    """How the outbox does: numbers of messages, and instants."""

    due: int
    failing: int
    given_up: int
    oldest: datetime | None
    last_sent: datetime | None
    sent_today: int
    last_error: str | None
    at: datetime

    @property
    def is_late(self) -> bool:
        """Whether messages wait that nobody has tried to send: the worker may be dead."""
        return self.oldest is not None and self.at - self.oldest > LATE


def health(session: Session, at: datetime | None = None) -> Health:
    """How the outbox does now."""
    moment = at or now()
    given = {"since": moment - timedelta(days=30), "day_ago": moment - timedelta(days=1)}
    found = dict(session.execute(_HEALTH, given).mappings().one())
    return Health(**found, at=moment)


def again(session: Session, message_id: int, reason: str, *, at: datetime | None = None) -> None:
    """Send what was given up once more, from the first try on. Raises Refused text_outdated for
    what is no longer so."""
    row = _given_up(session, message_id)
    _require_true(session, row)
    row.state, row.attempts, row.next_attempt_at = TextState.DUE, 0, at or now()
    _settled(session, row, reason)


def dismiss(session: Session, message_id: int, reason: str) -> None:
    """It is not sent any more: the patient was told otherwise, or it is no longer so."""
    row = _given_up(session, message_id)
    row.state = TextState.DISMISSED
    _settled(session, row, reason)


def _given_up(session: Session, message_id: int) -> TextMessage:
    row = session.get(TextMessage, message_id, with_for_update=True)
    if row is None:
        raise Refused("text_unknown", "没有找到这条短信。", 404)
    if row.state is not TextState.GIVEN_UP:
        raise Refused("text_not_given_up", f"这条短信是“{row.state.label}”，不用办理。", 409)
    return row


def _require_true(session: Session, row: TextMessage) -> None:
    booking = session.get(Booking, row.booking_id) if row.booking_id else None
    if booking is not None and SAYS[Template(row.template)] is not booking.state:
        raise Refused(
            "text_outdated",
            f"预约现在是“{booking.state.label}”，这条短信已不符合实际，请改为不再发送。",
            409,
        )


def _settled(session: Session, row: TextMessage, reason: str) -> None:
    why = reason.strip()
    if not 2 <= len(why) <= 200:
        sentence = "请填写原因（2 到 200 字）。"
        raise Refused("reason_invalid", sentence, fields={"reason": sentence})
    session.flush()
    subject = f"booking:{row.booking_id}" if row.booking_id else f"text_message:{row.id}"
    detail = {"text": row.template, "text_state": row.state.label}
    audit.record(session, audit.Action.RECORD_CHANGED, subject, reason=why, detail=detail)
