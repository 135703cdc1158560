"""What happened to orders, in numbers, for a sheet: how often urged, returned, put off, called."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

HEADERS = ("催办次数", "督办次数", "退单申请", "延期次数", "延期工作日", "回访次数", "回访意见")
_COUNTS = text("""
    SELECT o.id,
        (SELECT count(*) FROM work_order_flag f WHERE f.order_id = o.id AND f.kind = 'urged'),
        (SELECT count(*) FROM work_order_flag f WHERE f.order_id = o.id AND f.kind = 'supervised'),
        (SELECT count(*) FROM work_order_request r WHERE r.order_id = o.id AND r.kind = 'return'),
        coalesce(e.times, 0), coalesce(e.days, 0),
        (SELECT count(*) FROM work_order_call_back c WHERE c.order_id = o.id),
        (SELECT c.opinion FROM work_order_call_back c
         WHERE c.order_id = o.id AND c.connected ORDER BY c.id DESC LIMIT 1)
    FROM work_order o LEFT JOIN LATERAL (
        SELECT sum(extended_times) AS times, sum(extended_days) AS days
        FROM work_order_clock k WHERE k.order_id = o.id AND k.kind = 'finish'
    ) e ON true
    WHERE o.id = ANY(:keys)
""")


@dataclass(frozen=True)
class Counts:
    """Of one order. ``extended_days`` are working days; ``opinion`` is the last caller's."""

    urged: int = 0
    supervised: int = 0
    returns: int = 0
    extended: int = 0
    extended_days: int = 0
    call_backs: int = 0
    opinion: str | None = None


def counts(session: Session, keys: list[int]) -> dict[int, Counts]:
    """By the order's id."""
    return {row[0]: Counts(*row[1:]) for row in session.execute(_COUNTS, {"keys": keys})}
