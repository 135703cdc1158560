"""A run of a comparison: begun, begun anew, asked for."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from hotline import live
from hotline.clock import now, today
from hotline.errors import Refused
from workorders.exchange.reconciling_models import (
    Reconciliation,
    ReconciliationDifference,
    ReconciliationLine,
)
from workorders.exchange.reconciling_rules import Outcome, RunState
from workorders.models import Platform
from workorders.rules import SELF

DAYS_KNOWN = 731


def require_past(day: date) -> None:
    """Refuse a day that is not over, and one that no platform remembers."""
    if not today() - timedelta(days=DAYS_KNOWN) <= day < today():
        words = "只能对今天以前、两年以内的日期对账。"
        raise Refused("day_not_over", words, fields={"day": words})


def active(session: Session, code: str) -> Platform:
    """A platform we exchange with. Raises Refused."""
    row = session.get(Platform, code)
    if row is None or not row.is_active or code == SELF:
        words = "请选择一个启用的平台。"
        raise Refused("platform_unknown", words, fields={"platform": words})
    return row


def begin(
    session: Session, platform: Platform, day: date, *, by: str, again: bool
) -> Reconciliation | None:
    """The run to work on: the unfinished one of that day, or a new one."""
    run = last(session, platform.code, day)
    if run is not None and run.state is RunState.DONE and not again:
        return None
    if run is None or run.state is RunState.DONE:
        run = Reconciliation(platform=platform.code, day=day, number=run.number + 1 if run else 1,
                             is_demo=platform.is_demo)  # fmt: skip
    if _has_to_fetch(session, run):
        run.state, run.ended_at = RunState.FETCHING, None
    else:
        _forget(session, run)
        run.state, run.started_at, run.ended_at, run.started_by = RunState.READING, now(), None, by
    run.heard_at, run.error, run.is_to_stop = now(), None, False
    session.add(run)
    session.flush()
    tell(session)
    return run


def last(session: Session, platform: str, day: date) -> Reconciliation | None:
    """The newest run of that day, locked."""
    query = select(Reconciliation).where(
        Reconciliation.platform == platform, Reconciliation.day == day
    )
    newest = query.order_by(col(Reconciliation.number).desc()).limit(1)
    return session.exec(newest.with_for_update()).first()


def _has_to_fetch(session: Session, run: Reconciliation) -> bool:
    """Whether both sides were compared already: what was fetched since must stay written."""
    if run.id is None:
        return False
    query = select(ReconciliationDifference.id).where(
        ReconciliationDifference.reconciliation_id == run.key,
        ReconciliationDifference.outcome == Outcome.TO_FETCH,
    )
    return session.exec(query.limit(1)).first() is not None


def _forget(session: Session, run: Reconciliation) -> None:
    if run.id is None:
        return
    for table in (ReconciliationLine, ReconciliationDifference):
        session.execute(delete(table).where(col(table.reconciliation_id) == run.key))
    run.theirs = run.ours = run.differences = 0


def tell(session: Session) -> None:
    """Who looks at reports looks again."""
    live.publish(session, "orders", "reconciled", {})
