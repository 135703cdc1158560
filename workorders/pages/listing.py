"""Rows of the list of orders: what breaks next comes first. Keyset pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, literal_column, or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from hotline.agents.models import Person
from hotline.clock import now, parse_instant
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor
from workorders.confidential import Reader, can_read, content
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.queries import tone
from workorders.deadlines.rules import ClockKind
from workorders.models import Order, Unit
from workorders.pages.narrowing import running
from workorders.rules import FlagKind

PAGE, MOST_COUNTED = 50, 10_000
SORTS = ("due", "-due", "received", "-received")
_NEVER: Any = literal_column("'infinity'::timestamptz")


@dataclass(frozen=True)
class Row:
    """An order, what of it this reader may see, and what breaks next."""

    order: Order
    said: dict[str, Any]
    is_readable: bool
    clock: WorkOrderClock | None
    unit: str
    handler: str

    @property
    def flags(self) -> list[FlagKind]:
        """The flags it carries."""
        return [kind for kind in FlagKind if kind.value in self.order.flags]


def clock_tone(clock: WorkOrderClock | None) -> str:
    """``danger`` for a clock that has run out, ``soon`` for one that is about to."""
    if clock is None or not clock.is_running or clock.kind is ClockKind.RETURN_BY:
        return ""
    return tone(clock, now())


def page(
    session: Session, wanted: list[Any], reading: Reader, sort: str, cursor: str | None
) -> Page[Row]:
    """One page; the first one is counted up to 10,000."""
    keyed = _keys(session, wanted, sort, cursor, PAGE + 1)
    more = len(keyed) > PAGE
    onward = _cursor(*keyed[PAGE - 1]) if more else None
    total = count(session, wanted)
    rows = rows_of(session, [key for key, _ in keyed[:PAGE]], reading)
    return Page(rows, onward, min(total, MOST_COUNTED), total > MOST_COUNTED)


def every_page(session: Session, wanted: list[Any], reading: Reader, sort: str,
               at_once: int = 500) -> Iterator[list[Row]]:  # fmt: skip
    """All of it, page after page; memory holds one."""
    cursor = None
    while keyed := _keys(session, wanted, sort, cursor, at_once):
        yield rows_of(session, [key for key, _ in keyed], reading)
        cursor = _cursor(*keyed[-1])


def count(session: Session, wanted: list[Any]) -> int:
    """How many there are, up to one more than the cap."""
    inner = select(Order.id).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(inner)).one()


def _keys(
    session: Session, wanted: list[Any], sort: str, cursor: str | None, most: int
) -> list[tuple[int, datetime | None]]:
    """(id, what is sorted by) of the orders of a page; no deadline sorts as the last."""
    sort = sort if sort in SORTS else SORTS[0]
    down, mark = sort.startswith("-"), sort.removeprefix("-")
    soonest = (
        select(WorkOrderClock.order_id, func.min(WorkOrderClock.due_at).label("due_at"))
        .where(*running())
        .group_by(col(WorkOrderClock.order_id))
        .subquery()
    )
    value = soonest.c.due_at if mark == "due" else col(Order.received_at)
    place: Any = func.coalesce(value, _NEVER)
    query = select(Order.id, value).where(*wanted, *_after(place, down, cursor))
    if mark == "due":
        query = query.join(soonest, soonest.c.order_id == Order.id, isouter=True)
    ordered = query.order_by(place.desc() if down else place.asc(), col(Order.id).desc())
    return [(key, at) for key, at in session.execute(ordered.limit(most)) if key is not None]


def _after(place: Any, down: bool, cursor: str | None) -> list[Any]:
    values = decode_cursor(cursor, 2)
    if values is None:
        return []
    try:
        at: Any = parse_instant(str(values[0])) if values[0] else _NEVER
        key = int(values[1])
    except ValueError:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None
    beyond = place < at if down else place > at
    return [or_(beyond, and_(place == at, col(Order.id) < key))]


def _cursor(key: int, at: datetime | None) -> str:
    return encode_cursor(at.isoformat() if at else "", key)


def rows_of(session: Session, keys: list[int], reading: Reader) -> list[Row]:
    """The orders with these ids, in this order, as this reader may see them."""
    found = session.exec(
        select(Order).where(col(Order.id).in_(keys)).options(defer(getattr(Order, "grams")))  # noqa: B009
    )
    orders = {order.key: order for order in found}
    clocks = next_clocks(session, keys)
    units = _names(session, Unit, {order.unit_id for order in orders.values()})
    people = _names(session, Person, {order.handler_id for order in orders.values()})
    return [
        Row(order, content(order, reading), can_read(order, reading), clocks.get(order.key),
            units.get(order.unit_id, ""), people.get(order.handler_id, ""))
        for order in (orders[key] for key in keys if key in orders)
    ]  # fmt: skip


def next_clocks(session: Session, keys: list[int]) -> dict[int, WorkOrderClock]:
    """What breaks next of each of these orders; one that stands still only where no other runs."""
    query = select(WorkOrderClock).where(
        col(WorkOrderClock.order_id).in_(keys),
        col(WorkOrderClock.stopped_at).is_(None),
        col(WorkOrderClock.kind) != ClockKind.RETURN_BY,
    )
    found: dict[int, WorkOrderClock] = {}
    order = (col(WorkOrderClock.paused_since).is_not(None), col(WorkOrderClock.due_at))
    for clock in session.exec(query.order_by(*order)):
        found.setdefault(clock.order_id, clock)
    return found


def _names(session: Session, table: Any, keys: set[int | None]) -> dict[int | None, str]:
    if not keys - {None}:
        return {}
    return dict(session.exec(select(table.id, table.name).where(table.id.in_(keys))).all())
