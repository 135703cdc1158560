"""Orders and instants for tests of deadlines."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from sqlmodel import Session

from workorders.models import Order, Platform
from workorders.rules import Kind, Urgency

_numbers = count(1)


def at(text: str) -> datetime:
    """A Shanghai time, as ``2026-09-30T10:12``."""
    return datetime.fromisoformat(f"{text}+08:00")


def make_order(
    session: Session,
    platform: str = "city",
    kind: Kind = Kind.COMPLAINT,
    urgency: Urgency = Urgency.NORMAL,
) -> Order:
    """An order that was just received; its platform is made when it is missing."""
    if platform != "self" and session.get(Platform, platform) is None:
        name = {"city": "市 12345", "province": "省 12345"}[platform]
        session.add(Platform(code=platform, name=name, adapter="rest"))
        session.flush()
    number = next(_numbers)
    order = Order(
        order_no=f"20260930-{number:05}", platform=platform, kind=kind, urgency=urgency,
        remote_no=None if platform == "self" else f"R{number}",
        title="门诊等候时间过长", content="测试内容", received_at=at("2026-09-30T10:12"),
    )  # fmt: skip
    session.add(order)
    session.flush()
    return order
