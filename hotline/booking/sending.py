"""Sending what is in the outbox: the row is claimed, then sent with no transaction open.

Killed between sending and noting it, a message goes twice: better than never. The gateway is
given the same id again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from hotline.booking import texts
from hotline.booking.gateway import Gateway, NotSent, Text
from hotline.booking.models import TextMessage
from hotline.booking.text_models import TextState
from hotline.clock import now
from hotline.db import transaction

log = structlog.get_logger(__name__)

# Minutes until the next try; after the last one a person must look.
PAUSES = (1, 5, 15, 60, 240)
BATCH = 200


def send(message_id: int, gateway: Gateway, *, at: datetime | None = None) -> bool:
    """Send one message if it is due; whether it went."""
    moment = at or now()
    with transaction() as session:
        message = _claim(session, message_id, moment)
    if message is None:
        return False
    try:
        gateway.send(message)
        error = None
    except NotSent as failure:
        error = str(failure)
    with transaction() as session:
        _note(session, message_id, error, moment)
    return error is None


def _claim(session: Session, message_id: int, at: datetime) -> Text | None:
    """Put the next try off before this one begins: whoever else looks finds nothing due."""
    query = select(TextMessage).where(
        TextMessage.id == message_id,
        TextMessage.state == TextState.DUE,
        TextMessage.next_attempt_at <= at,
    )
    row = session.exec(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    row.attempts += 1
    pause = PAUSES[min(row.attempts, len(PAUSES)) - 1]
    row.next_attempt_at = at + timedelta(minutes=pause)
    if row.booking_id is not None:
        row.mobile, row.body = texts.said(session, row.booking_id, texts.Template(row.template))
    return Text(message_id, row.mobile or "", row.template, row.body or "")


def _note(session: Session, message_id: int, error: str | None, at: datetime) -> None:
    row = session.get_one(TextMessage, message_id, with_for_update=True)
    row.last_error = error[:200] if error else None
    if error is None:
        row.state, row.sent_at = TextState.SENT, at
    elif row.attempts > len(PAUSES):
        row.state = TextState.GIVEN_UP
        log.error("text_given_up", message=message_id, template=row.template, error=error)


def due(session: Session, at: datetime) -> list[int]:
    """Messages whose time has come, oldest first."""
    query = select(TextMessage.id).where(
        TextMessage.state == TextState.DUE, TextMessage.next_attempt_at <= at
    )
    rows = session.exec(query.order_by(col(TextMessage.next_attempt_at)).limit(BATCH))
    return [each for each in rows if each is not None]
