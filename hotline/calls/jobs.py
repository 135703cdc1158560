"""Periodic work on calls. Each job is safe to run twice."""

from __future__ import annotations

from hotline.calls import sweep
from hotline.db import transaction


def sweep_stale() -> None:
    """Close calls whose end never came, a bounded batch at a time."""
    while True:
        with transaction() as session:
            if sweep.sweep_stale(session) < sweep.BATCH:
                return
