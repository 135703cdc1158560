"""Both sides beside each other: what the platform named of a day, what we have of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import case, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from hotline.clock import day_bounds
from workorders.exchange import rules
from workorders.exchange.models import Outgoing
from workorders.exchange.reconciling_models import (
    Reconciliation,
    ReconciliationDifference,
    ReconciliationLine,
)
from workorders.exchange.reconciling_rules import Found, Kind, Ours, Outcome, Theirs, compare
from workorders.exchange.rules import OutgoingState
from workorders.models import Order, Platform
from workorders.platforms import mapping
from workorders.platforms.adapter import DigestLine
from workorders.platforms.wire import LONGEST_NO, Unreadable

AT_ONCE = 500


def store_lines(
    session: Session, run: Reconciliation, items: Iterable[DigestLine | Unreadable]
) -> None:
    """Keep a page of the digest. A number named twice counts once, with its newest version."""
    newest: dict[str, DigestLine] = {}
    for item in items:
        if isinstance(item, Unreadable):
            session.add(_unreadable(run, item))
        elif item.no not in newest or newest[item.no].version <= item.version:
            newest[item.no] = item
    if not newest:
        return
    new = insert(ReconciliationLine).values([
        {"reconciliation_id": run.key, "remote_no": one.no, "status": one.status,
         "version": one.version}
        for one in newest.values()
    ])  # fmt: skip
    session.execute(
        new.on_conflict_do_update(
            index_elements=["reconciliation_id", "remote_no"],
            set_={"status": new.excluded.status, "version": new.excluded.version},
            where=col(ReconciliationLine.version) <= new.excluded.version,
        )
    )


def _unreadable(run: Reconciliation, item: Unreadable) -> ReconciliationDifference:
    return ReconciliationDifference(
        reconciliation_id=run.key, kind=Kind.UNREADABLE, outcome=Outcome.TO_CHECK,
        remote_no=item.no[:LONGEST_NO] if item.no else None, words=item.reason[:300],
    )  # fmt: skip


def count_lines(session: Session, run: Reconciliation) -> int:
    """How many orders the platform has named so far."""
    query = select(func.count()).select_from(ReconciliationLine)
    return session.exec(query.where(ReconciliationLine.reconciliation_id == run.key)).one()


def write_differences(session: Session, run: Reconciliation, source: Platform) -> None:
    """Compare number by number; what differs becomes rows, both sides are counted."""
    known = mapping.from_column(source.mapping)
    run.theirs = count_lines(session, run)
    run.ours = session.exec(select(func.count()).select_from(Order).where(*_of_day(run))).one()
    for theirs, ours in _pairs(session, run):
        if (found := compare(theirs, ours, known, run.started_at)) is not None:
            session.add(_difference(run, found, theirs, ours))
    session.add(run)


def _difference(
    run: Reconciliation, found: Found, theirs: Theirs | None, ours: Ours | None
) -> ReconciliationDifference:
    return ReconciliationDifference(
        reconciliation_id=run.key, kind=found.kind, outcome=found.outcome,
        remote_no=theirs.no if theirs else ours.no if ours else None,
        their_status=theirs.status if theirs else None,
        their_version=theirs.version if theirs else None,
        our_state=ours.state.value if ours else None,
        our_status=ours.status if ours else None,
        our_version=ours.version if ours else None,
        words=ours.waiting.label if ours and ours.waiting and found.kind is Kind.NOT_DELIVERED
        else None,
    )  # fmt: skip


def _of_day(run: Reconciliation) -> list[Any]:
    """Our orders of that day: those the platform dispatched on it. What came after the platform
    was asked it could not name."""
    start, end = day_bounds(run.day)
    dispatched = func.coalesce(Order.dispatched_at, Order.received_at)
    return [
        Order.platform == run.platform,
        dispatched >= start,
        dispatched < end,
        Order.received_at < run.started_at,
    ]


def _pairs(session: Session, run: Reconciliation) -> Iterator[tuple[Theirs | None, Ours | None]]:
    named: set[str] = set()
    query = select(ReconciliationLine).where(ReconciliationLine.reconciliation_id == run.key)
    lines = session.exec(query.order_by(ReconciliationLine.remote_no)).all()
    for start in range(0, len(lines), AT_ONCE):
        batch = lines[start : start + AT_ONCE]
        numbers = [line.remote_no for line in batch]
        ours = _ours(session, [Order.platform == run.platform, col(Order.remote_no).in_(numbers)])
        named.update(numbers)
        for line in batch:
            yield Theirs(line.remote_no, line.status, line.version), ours.get(line.remote_no)
    for no, our in sorted(_ours(session, _of_day(run)).items()):
        if no not in named:
            yield None, our


_GRAVEST = case((col(Outgoing.state) == OutgoingState.DUE, 0), else_=1)


_OUR_COLUMNS: tuple[Any, ...] = (
    Order.id, Order.remote_no, Order.state, Order.remote_status, Order.remote_version,
    Order.remote_at,
)  # fmt: skip


def _ours(session: Session, wanted: list[Any]) -> dict[str, Ours]:
    query = sqlalchemy.select(*_OUR_COLUMNS).where(*wanted)
    rows = session.execute(query).all()
    waiting = _waiting(session, [row[0] for row in rows])
    return {row[1]: Ours(*row, *waiting.get(row[0], (None, None))) for row in rows}


def _waiting(
    session: Session, orders: list[int]
) -> dict[int, tuple[OutgoingState, datetime | None]]:
    """Of each order: the gravest state of what was not delivered, and since when it waits."""
    query = (
        select(Outgoing.order_id, func.max(_GRAVEST), func.min(Outgoing.created_at))
        .where(col(Outgoing.order_id).in_(orders), col(Outgoing.state).in_(rules.WAITING))
        .group_by(col(Outgoing.order_id))
    )
    return {
        order: (OutgoingState.GIVEN_UP if gravest else OutgoingState.DUE, since)
        for order, gravest, since in session.execute(query)
    }
