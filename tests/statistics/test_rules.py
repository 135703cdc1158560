"""What metrics are made of, and how they are written."""

from dataclasses import fields

import pytest

from hotline.statistics.models import MEASURES
from hotline.statistics.rules import (
    HOW,
    RULE,
    Measured,
    Tally,
    change,
    occupancy,
    of_tally,
    satisfaction,
    shown_count,
    together,
)

DAY = Tally(
    calls=100, offered=80, answered=60, in_time=54, abandoned_ivr=10, abandoned_queue=12,
    abandoned_ringing=8, short_abandons=7, short_offered=5, transferred=6, handled=50,
    waited_ms=600_500, talk_seconds=9000, hold_seconds=500, wrapped_ms=500_000,
)  # fmt: skip


def test_a_tally_has_what_the_tables_have() -> None:
    assert tuple(each.name for each in fields(Tally)) == MEASURES


def test_metrics_say_what_they_are_made_of() -> None:
    found = {metric.what: metric for metric in of_tally(DAY)}
    parts = {what: (metric.numerator, metric.denominator) for what, metric in found.items()}
    assert parts == {
        Measured.CONNECTED: (60, 75),
        Measured.IN_TIME: (54, 75),
        Measured.SPEED: (600.5, 60),
        Measured.HANDLING: (10_000, 50),
        Measured.LOST_IVR: (10, 100),
        Measured.LOST_QUEUE: (12, 80),
        Measured.LOST_RINGING: (8, 80),
        Measured.TRANSFERRED: (6, 60),
    }
    assert found[Measured.HANDLING].value == 200
    assert {metric.rule for metric in found.values()} == {RULE}


def test_every_metric_says_how_it_is_counted() -> None:
    assert set(HOW) == set(Measured)


def test_nothing_to_divide_by_is_no_nought() -> None:
    assert all(metric.value is None for metric in of_tally(Tally()))


def test_tallies_add_up() -> None:
    assert together([DAY, DAY, Tally()]) == DAY + DAY
    assert (DAY + DAY).waited_ms == 1_201_000


def test_occupancy_leaves_breaks_out() -> None:
    assert occupancy(3000, 1000).value == 0.75
    assert occupancy(0, 0).value is None


def test_satisfaction_is_three_grades_of_five() -> None:
    grades = {"very_satisfied": 5, "satisfied": 3, "fairly_satisfied": 1, "dissatisfied": 1}
    assert satisfaction(grades).value == 0.9
    assert satisfaction({}).value is None
    with pytest.raises(KeyError):
        satisfaction({"fine": 1})


@pytest.mark.parametrize(
    ("count", "is_crisis", "said"),
    [(0, True, "0"), (1, True, "少于 5"), (4, True, "少于 5"), (5, True, "5"), (1, False, "1"),
     (1234, True, "1,234")],
)  # fmt: skip
def test_few_crisis_calls_are_not_counted_out(count: int, is_crisis: bool, said: str) -> None:
    assert shown_count(count, is_crisis=is_crisis) == said


def test_change_wants_something_to_compare_with() -> None:
    assert change(110, 100) == pytest.approx(0.1)
    assert change(1, 0) is None
    assert change(None, 3) is None
