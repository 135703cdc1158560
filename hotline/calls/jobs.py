"""Periodic work on calls. Each job is safe to run twice."""

from __future__ import annotations

from hotline.calls import sweep, voice_sweep
from hotline.db import transaction


def sweep_stale() -> None:
    """Close calls whose end never came, a bounded batch at a time; free who hung on them."""
    while True:
        with transaction() as session:
            closed = sweep.sweep_stale(session)
            sweep.free_stranded(session)
            cut_off = voice_sweep.finish_cut_off(session)
            booked = voice_sweep.sort_booked(session)
        if max(closed, cut_off, booked) < sweep.BATCH:
            return
