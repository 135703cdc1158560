"""Periodic work on figures. Each job is safe to run twice."""

from __future__ import annotations

from hotline.db import transaction
from hotline.statistics import tallies


def take_in() -> None:
    """Take the changes of calls into the tallies, a bounded batch at a time."""
    while True:
        with transaction() as session:
            taken = tallies.take_in(session)
        if taken < tallies.BATCH:
            return
