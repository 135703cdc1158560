"""How many orders came in: what the bulletin prints. Merged and returned ones were received too."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from workorders.models import Order


def received(session: Session, start: datetime, end: datetime) -> dict[str, int]:
    """Orders received in [start, end) by platform code; ``self`` are our own (自接工单)."""
    query = (
        select(Order.platform, func.count())
        .where(col(Order.received_at) >= start, col(Order.received_at) < end)
        .group_by(col(Order.platform))
    )
    return {"city": 0, "province": 0, "self": 0} | dict(session.exec(query).all())
