"""What a platform must be told: a row in the transaction of the deed, a doorbell after it."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session

from hotline.clock import now
from workorders.actors import Actor
from workorders.exchange import bells
from workorders.exchange.models import Outgoing
from workorders.models import Order
from workorders.platforms.wire import Attachment, EventType, OutgoingEvent
from workorders.rules import SELF, Satisfaction


def tell_platform(
    session: Session,
    order: Order,
    kind: EventType,
    actor: Actor,
    *,
    at: datetime | None = None,
    unit: str = "",
    content: str | None = None,
    until: datetime | None = None,
    solved: bool | None = None,
    satisfaction: Satisfaction | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> Outgoing | None:
    """Write the event for the order's platform; our own orders have nobody to tell."""
    if order.platform == SELF:
        return None
    event = OutgoingEvent(
        event_id=uuid4(), type=kind, at=at or now(), operator=actor.name, unit=unit,
        content=content or "", until=until, solved=solved, satisfaction=satisfaction,
        attachments=attachments,
    )  # fmt: skip
    row = Outgoing(
        event_id=event.event_id, platform=order.platform, order_id=order.key, type=kind,
        body=event.body().decode(), is_demo=order.is_demo,
    )  # fmt: skip
    session.add(row)
    session.flush()
    bells.ring_after_commit(session, bells.SEND, order.platform)
    return row


def event_of(row: Outgoing) -> OutgoingEvent:
    """The event that was written: its body is the same, byte for byte, at every attempt."""
    written = json.loads(row.body)
    grade = written["satisfaction"]
    written["satisfaction"] = next((each for each in Satisfaction if each.label == grade), None)
    return OutgoingEvent.model_validate(written)
