"""Which orders wait for a call-back: their round has neither an answer nor its last attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, literal_column, tuple_
from sqlmodel import Session, col, exists, func, select

from hotline.clock import day_bounds, local, parse_instant
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor
from workorders import calling_merged
from workorders.call_backs import MOST_ATTEMPTS
from workorders.confidential import Reader, content, theirs
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.models import Order
from workorders.pages.listing import Row, rows_of
from workorders.side_models import CallBackAttempt

PAGE = 30
_NEVER: Any = literal_column("'infinity'::timestamptz")
_CLOCK = and_(
    col(WorkOrderClock.order_id) == col(Order.id),
    col(WorkOrderClock.kind) == ClockKind.CALLBACK,
    col(WorkOrderClock.stopped_at).is_(None),
)


@dataclass(frozen=True)
class Due:
    """An order with the attempts of its present round, and what was answered."""

    row: Row
    attempts: list[CallBackAttempt] = field(default_factory=list)
    is_waiting: bool = True
    reply: str = ""

    @property
    def number(self) -> int:
        """Which attempt the next one is."""
        return len(self.attempts) + 1


@dataclass(frozen=True)
class Counts:
    """How the day goes."""

    waiting: int
    overdue: int
    made: int


def page(session: Session, reading: Reader, cursor: str | None) -> Page[Due]:
    """One page, what is due first on top."""
    place: Any = func.coalesce(WorkOrderClock.due_at, _NEVER)
    query = select(Order.id, WorkOrderClock.due_at).join(WorkOrderClock, _CLOCK, isouter=True)
    found = session.execute(
        query.where(*_waiting(reading), *_after(place, cursor))
        .order_by(place, col(Order.id))
        .limit(PAGE + 1)
    ).all()
    keyed = found[:PAGE]
    more = len(found) > PAGE
    onward = _cursor(*keyed[-1]) if more else None
    return Page(of(session, [key for key, _ in keyed], reading), onward, waiting(session, reading))


def of(session: Session, keys: list[int], reading: Reader) -> list[Due]:
    """The orders with these ids, with what was tried in their round."""
    query = select(CallBackAttempt).where(col(CallBackAttempt.order_id).in_(keys))
    tried: dict[int, list[CallBackAttempt]] = {}
    for attempt in session.exec(query.order_by(col(CallBackAttempt.id))):
        tried.setdefault(attempt.order_id, []).append(attempt)
    return [
        Due(row, [one for one in tried.get(row.order.key, []) if one.round == row.order.round],
            calling_merged.is_waiting(session, row.order), _reply(session, row, reading))
        for row in rows_of(session, keys, reading)
    ]  # fmt: skip


def _reply(session: Session, row: Row, reading: Reader) -> str:
    """What was answered: a merged order was with its master."""
    master = session.get(Order, row.order.master_id) if row.order.master_id else None
    return str((content(master, reading) if master else row.said)["reply"])


def is_waiting(session: Session, order: Order, reading: Reader) -> bool:
    """Whether this one is to be called back, by this person."""
    found = select(Order.id).where(*_waiting(reading), Order.id == order.id)
    return session.exec(found).first() is not None


def counts(session: Session, reading: Reader, at: datetime) -> Counts:
    """What waits, what of it is late, and how many attempts were made today."""
    late = select(func.count(col(Order.id))).join(WorkOrderClock, _CLOCK)
    since, _ = day_bounds(local(at).date())
    made = select(func.count()).where(col(CallBackAttempt.at) >= since)
    if not reading.leads:
        made = made.where(col(CallBackAttempt.person_id) == reading.person_id)
    return Counts(
        waiting(session, reading),
        session.exec(late.where(*_waiting(reading), col(WorkOrderClock.due_at) < at)).one(),
        session.exec(made).one(),
    )


def waiting(session: Session, reading: Reader) -> int:
    """How many wait."""
    return session.exec(select(func.count(col(Order.id))).where(*_waiting(reading))).one()


def _waiting(reading: Reader) -> list[Any]:
    of_round = (
        col(CallBackAttempt.order_id) == col(Order.id),
        col(CallBackAttempt.round) == col(Order.round),
    )
    tried = select(func.count(col(CallBackAttempt.id))).where(*of_round).correlate(Order)
    reached = exists().where(*of_round, col(CallBackAttempt.connected))
    whose = [] if reading.leads else [theirs(reading)]
    return [
        calling_merged.waits(),
        ~reached,
        tried.scalar_subquery() < MOST_ATTEMPTS,
        *whose,
    ]


def _after(place: Any, cursor: str | None) -> list[Any]:
    values = decode_cursor(cursor, 2)
    if values is None:
        return []
    try:
        at: Any = parse_instant(str(values[0])) if values[0] else _NEVER
        key = int(values[1])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    return [tuple_(place, col(Order.id)) > tuple_(at, key)]


def _cursor(key: int, at: datetime | None) -> str:
    return encode_cursor(at.isoformat() if at else "", key)
