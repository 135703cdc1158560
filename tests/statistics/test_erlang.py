"""Erlang C beside published figures and beside the sums of its definition."""

from __future__ import annotations

from fractions import Fraction
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.statistics.erlang import agents_needed, answered_within, on_the_roster, waits


def by_definition(agents: int, load: float | Fraction) -> float | Fraction:
    """The textbook's quotient of sums."""
    last = load**agents / factorial(agents) * agents / (agents - load)
    return last / (sum(load**n / factorial(n) for n in range(agents)) + last)


@given(st.integers(1, 60), st.floats(0.01, 0.99))
def test_it_is_the_textbooks_quotient(agents: int, busy: float) -> None:
    load = agents * busy
    assert waits(agents, load) == pytest.approx(by_definition(agents, load), rel=1e-9)


# Published example: 0.2 calls a second of 240 s on average, 55 agents (48 Erlang).
def test_a_published_example() -> None:
    assert waits(55, 48) == pytest.approx(0.239, abs=0.0005)
    assert answered_within(15, 55, 48, 240) == pytest.approx(0.8457, abs=0.0005)
    assert waits(55, 48) * 240 / (55 - 48) == pytest.approx(8.2, abs=0.05)


# 200 calls an hour of 180 s are 10 Erlang; with 14 agents 17.4 % wait, 88.8 % are served in 20 s.
def test_another_published_example() -> None:
    assert waits(14, 10) == pytest.approx(0.174, abs=0.0005)
    assert answered_within(20, 14, 10, 180) == pytest.approx(0.888, abs=0.0005)
    assert agents_needed(200, 180, seconds=20, share=0.8) == 14


# With one server a caller waits as often as it is busy.
@pytest.mark.parametrize("load", [0.1, 0.5, 0.9])
def test_one_server(load: float) -> None:
    assert waits(1, load) == pytest.approx(load)


@given(st.floats(0, 3000), st.floats(10, 900))
def test_one_fewer_would_not_do(calls: float, handling: float) -> None:
    load = calls * handling / 3600
    found = agents_needed(calls, handling)
    assert answered_within(15, found, load, handling) >= 0.95
    assert found == 1 or answered_within(15, found - 1, load, handling) < 0.95


def test_somebody_is_there_at_night() -> None:
    assert agents_needed(0, 200) == 1


def test_more_than_one_can_serve_waits_for_ever() -> None:
    assert waits(3, 3) == 1
    assert answered_within(15, 3, 3.5, 100) == 0
    with pytest.raises(ValueError, match="more calls"):
        agents_needed(1e6, 900)


def test_a_large_hall_does_not_overflow() -> None:
    exact = by_definition(500, Fraction(450))
    assert waits(500, 450) == pytest.approx(float(exact), rel=1e-9)
    assert 0 < waits(1500, 1400) < exp(-2)


@pytest.mark.parametrize(("agents", "away", "said"), [(10, 0, 10), (17, 0.15, 20), (1, 0.3, 2)])
def test_breaks_want_more_people(agents: int, away: float, said: int) -> None:
    assert on_the_roster(agents, away) == said
