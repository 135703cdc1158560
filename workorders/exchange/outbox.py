"""What a platform must be told: a row in the transaction of the deed, a doorbell after it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlmodel import Session

from hotline import queues
from hotline.clock import now
from workorders.actors import Actor
from workorders.exchange.models import Outgoing
from workorders.models import Order
from workorders.platforms.wire import Attachment, EventType, OutgoingEvent
from workorders.rules import SELF, Satisfaction

SEND = "workorders.exchange.jobs.send"


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
    queues.enqueue_after_commit(session, queues.DEFAULT, SEND, order.platform)
    return row
