"""What who waits is told."""

from __future__ import annotations

import pytest

from ivr.dialogue.prompts import fixed_pieces
from ivr.persons import words


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (1, "下一个就是您"),
        (2, "您前面还有一位"),
        (3, "还有两位"),
        (10, "还有九位"),
        (11, "人比较多"),
    ],
)
def test_the_place_is_said(place, said):
    assert said in "".join(words.announcement(place, "hotline", can_be_called=False))


def test_a_call_back_is_offered_to_whom_we_can_call():
    assert "按1" in "".join(words.announcement(1, "hotline", can_be_called=True))
    assert "按1" not in "".join(words.announcement(1, "hotline", can_be_called=False))


def test_in_a_crisis_nobody_is_counted_or_sent_away():
    said = "".join(words.announcement(4, "crisis", can_be_called=True))
    assert "请不要挂断" in said
    assert "按1" not in said
    assert "前面" not in said


def test_all_of_it_is_recorded_ahead():
    recorded = {piece.strip("，。？") for piece in fixed_pieces()}
    for place in range(1, 12):
        for piece in (*words.announcement(place, "hotline", can_be_called=True), *words.kept()):
            assert piece.strip("，。？") in recorded
