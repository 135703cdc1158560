"""Words, numbers and sentences of booking by telephone."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue import dates
from ivr.dialogue.numbers import integer
from ivr.training import texts, words
from ivr.training.errors import edits, plain, score


@given(st.integers(1, 99))
def test_the_dialogue_reads_the_numbers_we_write(number: int) -> None:
    assert integer(words.numeral(number)) == number


def test_numbers_we_do_not_write() -> None:
    for number in (0, 100, -3):
        with pytest.raises(ValueError, match="not 1 to 99"):
            words.numeral(number)


@pytest.mark.parametrize(
    "day", [*words.lists()["relative_days"], *((w,) for w in words.weekdays())]
)
def test_the_dialogue_understands_the_days_we_teach(day: words.Phrase) -> None:
    assert dates.find("".join(day), date(2026, 11, 21)) is not None


def test_the_same_seed_says_the_same() -> None:
    said = list(islice(texts.sentences(3), 200))
    assert said == list(islice(texts.sentences(3), 200))
    assert said != list(islice(texts.sentences(4), 200))
    assert all(sentence and all(word for word in sentence) for sentence in said)


def test_every_list_comes_up() -> None:
    said = {word for sentence in islice(texts.sentences(1), 20_000) for word in sentence}
    for name in ("departments", "commands", "hospitals", "nicknames", "titles", "closings"):
        missing = {word for phrase in words.lists()[name] for word in phrase} - said
        assert not missing, name
    assert {"十四号", "五月", "礼拜一", "九点", texts.PAUSE} <= said


def test_a_turn_listens_for_whole_phrases() -> None:
    assert "南京鼓楼医院" in words.phrases("hospital")
    assert {"二月十八号下午", "明天", "下周三上午"} <= set(words.phrases("date"))
    assert not any(" " in one for kind in ("department", "command") for one in words.phrases(kind))


@given(st.text("一二三四", max_size=9), st.text("一二三四", max_size=9))
def test_edits_count_both_ways(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))
    assert (edits(one, other) == 0) == (one == other)


def test_a_score() -> None:
    made = score([("心内科", "新内科"), ("幺二零", "一二零"), ("眼科。", "眼")])
    assert made.clips == 3
    assert made.characters == pytest.approx(2 / 8)
    assert made.syllables == pytest.approx(1 / 8)
    assert made.right == pytest.approx(2 / 3)
    assert plain("A，幺！") == "一"
    assert score([]).characters == 0
