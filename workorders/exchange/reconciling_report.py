"""The difference report: explained line by line, signed by a supervisor, then never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from hotline import audit, live, phone
from hotline.clock import now
from hotline.errors import Refused
from workorders.actors import Actor
from workorders.exchange.reconciling_models import Reconciliation, ReconciliationDifference
from workorders.exchange.reconciling_rules import RunState
from workorders.models import Order
from workorders.rules import Origin

LONGEST, LONGEST_SIGNED = 500, 300
MOST_SHOWN = 2_000


@dataclass(frozen=True)
class Line:
    """A difference, and our order as it stands now, if it is with us by now."""

    difference: ReconciliationDifference
    order: Order | None


def get(session: Session, run_id: int, *, lock: bool = False) -> Reconciliation:
    """A run. Raises Refused 404."""
    run = session.get(Reconciliation, run_id, with_for_update=lock, populate_existing=True)
    if run is None:
        raise Refused("reconciliation_unknown", "没有这份对账报告，请从列表重新打开。", 404)
    return run


def differences(session: Session, run: Reconciliation) -> list[ReconciliationDifference]:
    """All differences of a run, as they were found."""
    query = select(ReconciliationDifference).where(
        ReconciliationDifference.reconciliation_id == run.key
    )
    return list(session.exec(query.order_by(col(ReconciliationDifference.id))))


def lines(session: Session, run: Reconciliation) -> list[Line]:
    """The differences with our orders, up to 2,000."""
    rows = differences(session, run)[:MOST_SHOWN]
    numbers = [row.remote_no for row in rows if row.remote_no]
    query = select(Order).where(Order.platform == run.platform, col(Order.remote_no).in_(numbers))
    orders = {order.remote_no: order for order in session.exec(query)}
    return [Line(row, orders.get(row.remote_no)) for row in rows]


def unexplained(session: Session, run: Reconciliation) -> int:
    """How many differences nobody has explained."""
    query = select(func.count()).select_from(ReconciliationDifference)
    return session.exec(query.where(
        ReconciliationDifference.reconciliation_id == run.key,
        col(ReconciliationDifference.explanation).is_(None),
    )).one()  # fmt: skip


def seen(rows: Collection[ReconciliationDifference]) -> str:
    """What a reader had before their eyes: what is signed must be what was read."""
    said = "|".join(f"{row.id} {row.kind} {row.outcome} {row.explanation}" for row in rows)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def explain(
    session: Session, run_id: int, words: str, actor: Actor, *, only: int | None = None
) -> int:
    """Write why: of one difference, or of all that nobody has explained yet; how many.

    Raises Refused for a signed report, an unfinished one, words that are missing.
    """
    run = _open(session, run_id, actor)
    said = _required(words, "explanation", LONGEST)
    rows = [
        row for row in differences(session, run)
        if (row.id == only if only is not None else row.explanation is None)
    ]  # fmt: skip
    if not rows:
        raise Refused("nothing_to_explain", "没有要说明的差异，请刷新页面。", 409)
    for row in rows:
        row.explanation, row.explained_at = said, now()
        row.explained_by, row.explained_by_name = actor.person_id, actor.name
        session.add(row)
    detail = {"explained": len(rows)}
    audit.record(session, audit.Action.RECORD_CHANGED, run.subject, reason=said[:200],
                 detail=detail)  # fmt: skip
    live.publish(session, "orders", "reconciled", {})
    return len(rows)


def sign(session: Session, run_id: int, words: str, read: str, actor: Actor) -> Reconciliation:
    """A supervisor's second look. Raises Refused when a difference is unexplained, or the report
    is not what was read (``read``: what ``seen`` said of it)."""
    run = _open(session, run_id, actor)
    if left := unexplained(session, run):
        raise Refused("unexplained", f"还有 {left} 处差异没有说明，说明后才能签字。", 409)
    if seen(differences(session, run)) != read:
        raise Refused("report_changed", "报告在您打开后有变化，请重新看过再签字。", 409)
    said = phone.redact(words.strip())
    if len(said) > LONGEST_SIGNED or "\x00" in said:
        told = f"签字意见不超过 {LONGEST_SIGNED} 字。"
        raise Refused("words_too_long", told, fields={"words": told})
    run.signed_at, run.signed_words = now(), said or None
    run.signed_by, run.signed_by_name = actor.person_id, actor.name
    session.add(run)
    detail = {"signed": run.number, "differences": run.differences}
    audit.record(session, audit.Action.RECORD_CHANGED, run.subject, detail=detail)
    live.publish(session, "orders", "reconciled", {})
    return run


def _open(session: Session, run_id: int, actor: Actor) -> Reconciliation:
    if actor.origin is not Origin.PERSON or not actor.leads:
        raise Refused("not_for_you", "对账报告由班长说明和签字。", 403)
    run = get(session, run_id, lock=True)
    if run.signed_at is not None:
        raise Refused("report_signed", "报告已签字，不再修改；需要时可重新对账，另编一号。", 409)
    if run.state is not RunState.DONE:
        raise Refused("report_unfinished", "对账还没有完成，完成后再说明和签字。", 409)
    return run


def _required(words: str, field: str, most: int) -> str:
    said = phone.redact(words.strip())
    if not said or len(said) > most or "\x00" in said:
        told = f"请填写差异的原因和处理（不超过 {most} 字）。"
        raise Refused("words_needed", told, fields={field: told})
    return said


def stop(session: Session, run_id: int) -> None:
    """Ask a comparison that is under way to stop."""
    run = get(session, run_id, lock=True)
    if run.state is not RunState.DONE and run.ended_at is None:
        run.is_to_stop = True
        session.add(run)
