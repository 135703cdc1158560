"""Erlang C: who waits when so many answer. Pure.

Callers come at random, are served in any order of length, wait without limit: so the staff it
asks for is rather too many than too few. By the recurrence B(n) = aB(n-1) / (n + aB(n-1)) of the
Erlang B loss, which neither overflows nor loses digits [ITU-T E.501; Cooper, Queueing Theory].
Why not a library: docs/decisions/0018-tallies.md.
"""

from __future__ import annotations

from math import ceil, exp

MOST_AGENTS = 2000


def waits(agents: int, load: float) -> float:
    """The probability that a caller has to wait, with ``load`` in Erlang (calls at a time)."""
    if load >= agents:
        return 1.0
    lost = 1.0
    for number in range(1, agents + 1):
        lost = load * lost / (number + load * lost)
    return agents * lost / (agents - load * (1 - lost))


def answered_within(seconds: float, agents: int, load: float, handling_seconds: float) -> float:
    """The share of callers answered within so many seconds."""
    if load >= agents:
        return 0.0
    return 1 - waits(agents, load) * exp(-(agents - load) * seconds / handling_seconds)


def agents_needed(
    calls_an_hour: float, handling_seconds: float, seconds: float = 15, share: float = 0.95
) -> int:
    """The fewest who answer that share in time; one at least, for somebody is always there."""
    load = calls_an_hour * handling_seconds / 3600
    for agents in range(max(1, ceil(load)), MOST_AGENTS):
        if answered_within(seconds, agents, load, handling_seconds) >= share:
            return agents
    raise ValueError("more calls than any hall could answer")


def on_the_roster(agents: int, away: float) -> int:
    """How many to put on the roster when each is away for a share of the shift."""
    return ceil(agents / (1 - away) - 1e-9)
