"""Periodic work on figures. Each job is safe to run twice."""

from __future__ import annotations

from hotline.db import transaction
from hotline.statistics import returning, tallies


def take_in() -> None:
    """Take the changes of calls into the tallies, a bounded batch at a time."""
    while True:
        with transaction() as session:
            taken = tallies.take_in(session)
        if taken < tallies.BATCH:
            return


def keep_returns() -> None:
    """Count anew who called again: the days that still move, and those nobody has counted."""
    with transaction() as session:
        days = returning.to_keep(session)
    for day in days:
        with transaction() as session:
            returning.keep(session, day)
