"""Events as the outbox would send them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from hotline import clock
from workorders.platforms.wire import EventType, OutgoingEvent


def event(kind: str, **other: Any) -> OutgoingEvent:
    """An event with whatever its type needs."""
    needs: dict[str, dict[str, Any]] = {
        "return": {"content": "不属于我单位职责"},
        "extend": {"content": "需要会商", "until": clock.now() + timedelta(days=10)},
        "reply": {"content": "已联系诉求人并解释"},
        "callback": {"solved": True},
    }
    given = {"event_id": uuid.uuid4(), "at": clock.now(), "operator": "张三", "unit": "编造医院"}
    return OutgoingEvent(**{**given, **needs.get(kind, {}), "type": EventType(kind), **other})
