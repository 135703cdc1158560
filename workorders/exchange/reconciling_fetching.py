"""What the platform has and we have not, or only in an older version, is fetched and applied."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from hotline.clock import now
from hotline.db import transaction
from workorders.exchange import applying, health, inbox, lost
from workorders.exchange.models import Exchange, Incoming
from workorders.exchange.reconciling_models import Reconciliation, ReconciliationDifference
from workorders.exchange.reconciling_rules import Outcome
from workorders.exchange.rules import IncomingState, Via
from workorders.models import Order, Platform
from workorders.platforms import adapter as ways
from workorders.platforms.adapter import Adapter, NoAnswer, Trouble
from workorders.platforms.wire import RemoteOrder, Unreadable

MOST_FAILURES = 5  # in a row: then the rest is left for the next pull, or a person
LEFT = "平台连续没有应答，没有再试；可在平台恢复后重新对账。"
_ITS_OWN = (Trouble.NOT_FOUND, Trouble.REFUSED)  # says no to this order, and is there
_BECAME = {
    IncomingState.APPLIED: Outcome.FETCHED,
    IncomingState.OLDER: Outcome.FETCHED,
    IncomingState.PARKED: Outcome.STUCK,
    IncomingState.UNREADABLE: Outcome.STUCK,
    IncomingState.DISMISSED: Outcome.NOT_FETCHED,
    IncomingState.DUE: Outcome.NOT_FETCHED,
}


def pending(session: Session, run: Reconciliation) -> list[tuple[int, str]]:
    """(id, number) of what is still to be fetched."""
    query = select(ReconciliationDifference).where(
        ReconciliationDifference.reconciliation_id == run.key,
        ReconciliationDifference.outcome == Outcome.TO_FETCH,
    )
    rows = session.exec(query.order_by(col(ReconciliationDifference.id)))
    return [(row.key, row.remote_no or "") for row in rows]


def count(session: Session, run: Reconciliation) -> int:
    """How many differences the report has."""
    query = select(func.count()).select_from(ReconciliationDifference)
    return session.exec(query.where(ReconciliationDifference.reconciliation_id == run.key)).one()


class Fetcher:
    """Asks for one order after another, until the platform no longer answers."""

    def __init__(self, platform: Platform, adapter: Adapter, kept: list[ways.Exchange]) -> None:
        self._platform, self._adapter, self._kept = platform, adapter, kept
        self._failures = 0

    def fetch(self, difference_id: int, no: str) -> None:
        """Fetch and apply one order; what came of it stands at its difference."""
        if self._failures >= MOST_FAILURES:
            _settle(difference_id, Outcome.NOT_FETCHED, LEFT)
            return
        self._kept.clear()
        try:
            item: RemoteOrder | Unreadable = self._adapter.order(no)
        except Unreadable as why:
            item = why
        except NoAnswer as none:
            self._failures = 0 if none.trouble in _ITS_OWN else self._failures + 1
            self._keep(none.trouble.value, none.message)
            _settle(difference_id, Outcome.NOT_FETCHED, none.message)
            return
        self._failures = 0
        self._keep("fetched", None)
        _settle(difference_id, *self._take_in(item))

    def _take_in(self, item: RemoteOrder | Unreadable) -> tuple[Outcome, str | None]:
        arrived = inbox.from_item(item)
        with transaction() as session:
            inbox.store(session, self._platform, [arrived], Via.RECONCILED, now())
            row = _row(session, self._platform, arrived.digest)
            _once_more(session, row)
        applying.apply([row.key])  # leaves what is settled, or in another's hands, as it is
        with transaction() as session:
            row = _row(session, self._platform, arrived.digest)
            waits = "已取回，稍后自动处理。" if row.state is IncomingState.DUE else None
            return _BECAME[row.state], waits or row.reason

    def _keep(self, outcome: str, error: str | None) -> None:
        last = self._kept[-1] if self._kept else None
        with transaction() as session:
            session.add(Exchange(
                platform=self._platform.code, what="order", at=last.at if last else now(),
                milliseconds=round(last.seconds * 1000) if last else 0, outcome=outcome[:20],
                status=last.status if last else None,
                error=health.said(error) if error else None, is_demo=self._platform.is_demo,
            ))  # fmt: skip


def _row(session: Session, platform: Platform, digest: bytes) -> Incoming:
    query = select(Incoming).where(Incoming.platform == platform.code, Incoming.digest == digest)
    return session.exec(query.options(lost.NO_RAW)).one()


def _once_more(session: Session, row: Incoming) -> None:
    """What came before and was applied, and is not to be seen at our order all the same."""
    if row.state not in (IncomingState.APPLIED, IncomingState.OLDER):
        return
    query = select(Order.remote_version).where(
        Order.platform == row.platform, Order.remote_no == row.remote_no
    )
    have = session.exec(query).first()
    if have is None or have < (row.version or 0):
        row.state, row.next_attempt_at = IncomingState.DUE, now()
        session.add(row)


def _settle(difference_id: int, outcome: Outcome, words: str | None) -> None:
    with transaction() as session:
        row = session.get_one(ReconciliationDifference, difference_id, with_for_update=True)
        row.outcome = outcome
        row.words = health.said(words) if words else None
        run = session.get_one(Reconciliation, row.reconciliation_id)
        run.heard_at = now()
