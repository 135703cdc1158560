"""Warnings before a deadline, escalation after it: each once, however often this runs."""

from __future__ import annotations

from datetime import datetime

from hotline.clock import now
from hotline.db import transaction
from workorders.deadlines import watching


def warn_and_escalate() -> None:
    """Mark what is due soon, and bring what is overdue before the supervisors."""
    at = now()
    _warn(at)
    _escalate(at)


def _warn(at: datetime) -> None:
    warned = watching.BATCH
    while warned == watching.BATCH:
        with transaction() as session:
            warned = watching.warn(session, at)


def _escalate(at: datetime) -> None:
    """An order a transaction: who works on one waits for that one alone."""
    with transaction() as session:
        orders = watching.overdue_orders(session, at)
    for order_id in orders:
        with transaction() as session:
            watching.escalate(session, order_id, at)
