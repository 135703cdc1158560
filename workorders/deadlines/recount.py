"""Reckoning anew after a rule or the calendar changed: what would change is shown first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from hotline import audit
from hotline.errors import Refused
from workorders import moving
from workorders.deadlines.clocks import pauses_of
from workorders.deadlines.ground import forget, ground, put
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.words import Story, why
from workorders.models import Order

STEP = 500


@dataclass(frozen=True)
class Change:
    """A running clock whose deadline, or the reason for it, would be another."""

    clock: WorkOrderClock
    order: Order
    story: Story

    @property
    def before(self) -> datetime:
        """When it is due as it stands."""
        return self.clock.due_at

    @property
    def after(self) -> datetime:
        """When it would be due."""
        return self.story.due.at

    @property
    def why(self) -> str:
        """Why it would be."""
        return why(self.story)


@dataclass(frozen=True)
class Recount:
    """Everything that would change, what breaks first on top."""

    changes: list[Change]

    @property
    def orders(self) -> int:
        """How many orders are touched."""
        return len({change.clock.order_id for change in self.changes})

    @property
    def earlier(self) -> int:
        """How many clocks would be due earlier."""
        return sum(change.after < change.before for change in self.changes)

    @property
    def later(self) -> int:
        """How many clocks would be due later."""
        return sum(change.after > change.before for change in self.changes)

    @property
    def digest(self) -> str:
        """What was seen: whoever confirms something else is asked to look again."""
        seen = (f"{one.clock.id} {one.clock.due_at} {one.why}" for one in self.changes)
        return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]


def preview(session: Session) -> Recount:
    """What reckoning every running clock anew would change; changes nothing."""
    return Recount(sorted(_changes(session), key=lambda change: (change.after, change.clock.key)))


def _changes(session: Session) -> Iterator[Change]:
    forget(session)
    known, last = ground(session), 0
    while found := _some(session, last):
        pauses = pauses_of(session, (clock for clock, _ in found))
        for clock, order in found:
            rule = known.choose(order, clock.kind, clock.started_at)
            story = known.of_clock(clock, rule or known.rule_of(clock), pauses[clock.key])
            if story is not None and _differs(clock, story):
                yield Change(clock, order, story)
        last = found[-1][0].key


def _some(session: Session, last: int) -> list[tuple[WorkOrderClock, Order]]:
    query = (
        select(WorkOrderClock, Order)
        .join(Order, col(Order.id) == col(WorkOrderClock.order_id))
        .where(col(WorkOrderClock.stopped_at).is_(None), col(WorkOrderClock.id) > last)
        .order_by(col(WorkOrderClock.id))
        .limit(STEP)
    )
    return [(clock, order) for clock, order in session.exec(query)]


def _differs(clock: WorkOrderClock, story: Story) -> bool:
    """The sentence says everything: the deadline, the rule, the days, what is provisional."""
    return clock.explanation.get("why") != why(story) or clock.due_at != story.due.at


def apply(session: Session, digest: str, at: datetime) -> Recount:
    """Do what was previewed. Raises Refused when it is no longer what would happen."""
    timed = select(WorkOrderClock.order_id).where(col(WorkOrderClock.stopped_at).is_(None))
    orders = select(Order.id).where(col(Order.id).in_(timed)).order_by(col(Order.id))
    session.exec(orders.with_for_update()).all()
    found = preview(session)
    if found.digest != digest:
        raise Refused(
            "recount_changed", "要改变的工单与刚才看到的不同了，请再核对一遍后确认。", 409
        )
    for change in found.changes:
        put(change.clock, change.story, at)
        session.add(change.clock)
    detail = {"changes": len(found.changes), "orders": found.orders}
    audit.record(session, audit.Action.RECORD_CHANGED, "deadlines", detail=detail)
    moving.tell(session)
    session.flush()
    return found
