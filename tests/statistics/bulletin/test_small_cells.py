"""What is too small to show, and what goes with it so that it cannot be reckoned."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.statistics.bulletin.small_cells import suppressed


def test_small_ones_are_hidden_and_a_lone_one_takes_its_smallest_neighbour():
    assert suppressed([9, 3, 7, 0]) == [9, None, None, 0]
    assert suppressed([9, 3, 2, 7]) == [9, None, None, 7]
    assert suppressed([3]) == [None]


@given(st.lists(st.integers(0, 60), max_size=12))
def test_nothing_small_is_shown_and_no_hidden_one_stands_alone(counts):
    shown = suppressed(counts)
    assert all(one is None or one == 0 or one >= 5 for one in shown)
    hidden = [place for place, one in enumerate(shown) if one is None]
    if len(hidden) == 1:
        assert all(one == 0 for place, one in enumerate(counts) if place != hidden[0])
