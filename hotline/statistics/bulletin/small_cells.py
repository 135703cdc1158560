"""Breakdowns so fine that a number may point to a person: what is not shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.statistics.bulletin.rules import LEAST_SHOWN

RULE = "small-cells-1"
HIDDEN = f"<{LEAST_SHOWN}"


def small(counts: Sequence[int]) -> list[int | None]:
    """The counts with those from 1 to 4 hidden, where no total is shown."""
    return [None if 0 < count < LEAST_SHOWN else count for count in counts]


def suppressed(counts: Sequence[int]) -> list[int | None]:
    """The counts with those from 1 to 4 hidden; None is hidden.

    Their total is shown somewhere, so one hidden cell alone could be reckoned from the others: the
    smallest of the others goes with it.
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < LEAST_SHOWN}
    if len(hidden) == 1:
        others = [place for place, count in enumerate(counts) if count >= LEAST_SHOWN]
        if others:
            hidden.add(min(others, key=lambda place: counts[place]))
    return [None if place in hidden else count for place, count in enumerate(counts)]
