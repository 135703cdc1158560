"""The cards of the dispatch board: every order at hand under the unit that has it, 未派单 first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from workorders.confidential import Reader
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.models import OrderUnit, Unit
from workorders.pages.listing import Row, clock_tone, rows_of
from workorders.rules import HANDLING, State
from workorders.units import WITH_THEM

PAGE = 6
NOBODY = 0  # the column of what no unit has
# A unit's card presses by the unit's own clock and by the order's; of the others' it knows nothing.
_CARDS = text("""
    WITH card AS (
        SELECT o.id AS order_id, p.unit_id, p.id AS part_id
        FROM work_order o
        JOIN work_order_unit p ON p.order_id = o.id AND p.state = ANY(:with_them)
        WHERE o.state = ANY(:handling) AND (:platform = '' OR o.platform = :platform)
          AND (:kind = '' OR o.kind = :kind)
        UNION ALL
        SELECT o.id, 0, NULL
        FROM work_order o
        WHERE o.state = ANY(:unassigned) AND (:platform = '' OR o.platform = :platform)
          AND (:kind = '' OR o.kind = :kind)
          AND NOT EXISTS (
              SELECT FROM work_order_unit p WHERE p.order_id = o.id AND p.state = ANY(:with_them))
    ), pressed AS (
        SELECT card.*, clock.id AS clock_id, clock.due_at,
               clock.paused_since IS NULL AND clock.due_at < :at AS is_over
        FROM card LEFT JOIN LATERAL (
            SELECT c.id, c.due_at, c.paused_since FROM work_order_clock c
            WHERE c.order_id = card.order_id AND c.stopped_at IS NULL AND c.kind <> :right_only
              AND (c.unit_id IS NULL OR c.unit_id = card.unit_id)
            ORDER BY c.paused_since IS NOT NULL, c.due_at LIMIT 1
        ) clock ON true
    ), placed AS (
        SELECT pressed.*, count(*) OVER (PARTITION BY unit_id) AS cards,
               count(*) FILTER (WHERE is_over) OVER (PARTITION BY unit_id) AS over,
               row_number() OVER (PARTITION BY unit_id ORDER BY due_at, order_id) AS place
        FROM pressed
    )
    SELECT order_id, unit_id, part_id, clock_id, cards, over FROM placed
    WHERE place <= :page * greatest(1, coalesce((CAST(:pages AS jsonb) ->> unit_id::text)::int, 1))
    ORDER BY unit_id, place
""")


@dataclass(frozen=True)
class Card:
    """An order as it lies with a unit; ``part`` is None while no unit has it."""

    row: Row
    part: OrderUnit | None
    clock: WorkOrderClock | None

    @property
    def key(self) -> str:
        """Its name on the page; it stays the same while the card lies there."""
        return f"part-{self.part.key}" if self.part else f"order-{self.row.order.key}"

    @property
    def tone(self) -> str:
        """How much it presses."""
        return clock_tone(self.clock)

    @property
    def is_unsigned(self) -> bool:
        """Whether it has to be signed for before anybody can have it."""
        return self.row.order.state is State.RECEIVED


@dataclass
class Column:
    """A unit with the first of its cards; ``total`` and ``over`` count all of them."""

    unit_id: int
    name: str
    total: int = 0
    over: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def beyond(self) -> int:
        """How many are not shown."""
        return self.total - len(self.cards)


def columns(
    session: Session, reading: Reader, asked: Mapping[str, str], pages: Mapping[int, int],
    at: datetime,
) -> list[Column]:  # fmt: skip
    """The columns that have cards, and 未派单 always; ``pages`` says how many pages of each."""
    found = session.execute(_CARDS, _values(asked, pages, at)).all()
    names = dict(session.exec(select(Unit.id, Unit.name)).all())
    rows = {
        row.order.key: row
        for row in rows_of(session, list({one.order_id for one in found}), reading)
    }
    parts = _by_id(session, OrderUnit, [one.part_id for one in found])
    clocks = _by_id(session, WorkOrderClock, [one.clock_id for one in found])
    shown = {NOBODY: Column(NOBODY, "未派单")}
    for one in found:
        column = shown.setdefault(one.unit_id, Column(one.unit_id, names.get(one.unit_id, "")))
        column.total, column.over = one.cards, one.over
        card = Card(rows[one.order_id], parts.get(one.part_id), clocks.get(one.clock_id))
        column.cards.append(card)
    return sorted(shown.values(), key=lambda column: (column.unit_id != NOBODY, column.name))


def _values(asked: Mapping[str, str], pages: Mapping[int, int], at: datetime) -> dict[str, Any]:
    many = ", ".join(f'"{unit}": {number}' for unit, number in pages.items())
    return {
        "with_them": [state.value for state in WITH_THEM],
        "handling": [state.value for state in HANDLING],
        "unassigned": [State.RECEIVED.value, *(state.value for state in HANDLING)],
        "platform": asked.get("platform", ""), "kind": asked.get("kind", ""),
        "right_only": ClockKind.RETURN_BY.value, "at": at, "page": PAGE, "pages": f"{{{many}}}",
    }  # fmt: skip


def _by_id(session: Session, table: Any, keys: list[int | None]) -> dict[int | None, Any]:
    wanted = [key for key in keys if key is not None]
    return {row.id: row for row in session.exec(select(table).where(col(table.id).in_(wanted)))}
