"""What is thrown away by itself: kept answers to repeated requests, a week after them.

Audit lines and sign-ins stay: they are evidence. Personal records have rules of their own.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from hotline.clock import now
from hotline.db import changed, transaction

KEPT = timedelta(days=7)
BATCH = 5000
_DELETE = text(
    "DELETE FROM idempotency_key WHERE id IN"
    " (SELECT id FROM idempotency_key WHERE created_at < :before LIMIT :batch)"
)


def forget_answers() -> None:
    """Delete idempotency keys older than a week, in small transactions."""
    deleted = BATCH
    while deleted == BATCH:
        with transaction() as session:
            deleted = changed(session, _DELETE, {"before": now() - KEPT, "batch": BATCH})
