"""The evaluation over the clips in this tree: a worse model or recogniser fails here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.speech.models import EMBEDDED_PATH
from ivr.training import compare, evaluate
from ivr.training.evaluate import Measured
from tests.ivr.speech.clips import FOLDER


@pytest.fixture(scope="module")
def made() -> Measured:
    return evaluate.measured(EMBEDDED_PATH, list(evaluate.clips(FOLDER)))


def test_every_clip_is_right_with_the_whole_grammar_of_its_turn(made: Measured) -> None:
    assert made.narrowed.keys() == set(evaluate.KINDS.values())
    assert sum(each.right for each in made.narrowed.values()) >= 11
    assert sum(each.clips for each in made.narrowed.values()) == 12
    assert sum(len(each.misses) for each in made.narrowed.values()) <= 1


def test_free_text_is_nearly_right(made: Measured) -> None:
    assert made.free.keys() == set(evaluate.KINDS.values())
    assert all(score.syllables <= 0.25 for score in made.free.values()), made.free


def test_names_are_not_taken_for_commands(made: Measured) -> None:
    names, away, sure = made.foreign
    assert names == 5
    assert sure <= names - away


def test_the_report_says_it_all(made: Measured) -> None:
    lines: list[str] = []
    evaluate.report(made, lines.append)
    assert [line.split()[0] for line in lines if line[0] != " "] == (
        ["free"] * 4 + ["CPU"] + ["grammar"] * 4 + ["foreign"]
    )


def test_a_clip_of_another_rate_is_refused(tmp_path: Path) -> None:
    sound = (FOLDER / "date-1-yunyang.wav").read_bytes()
    (tmp_path / "wide.wav").write_bytes(sound[:24] + (16000).to_bytes(4, "little") + sound[28:])
    with pytest.raises(ValueError, match="not 8 kHz"):
        evaluate.samples(tmp_path / "wide.wav")


def _other(made: Measured, kind: str = "date", right: int = 0, wrong: float = 0.0) -> Measured:
    """With so many more clips of a kind right, and so many more characters wrong."""
    narrowed, free = made.narrowed[kind], made.free[kind]
    return replace(
        made,
        narrowed={**made.narrowed, kind: replace(narrowed, right=narrowed.right + right)},
        free={**made.free, kind: replace(free, characters=free.characters + wrong)},
    )


def test_only_a_better_model_may_take_the_place(made: Measured) -> None:
    assert compare.objections(made, made) == ["nothing is better"]
    assert compare.objections(made, _other(made, right=1)) == []
    assert compare.objections(made, _other(made, wrong=-0.1)) == []
    assert compare.objections(made, _other(made, right=-1, wrong=-0.1)) != []
    assert compare.objections(made, _other(made, right=1, wrong=0.1)) != []


def test_no_kind_may_fall_behind_for_another(made: Measured) -> None:
    traded = _other(_other(made, right=5), "hospital", right=-2)
    [why] = compare.objections(made, traded)
    assert why.startswith("hospital")
    assert compare.objections(made, _other(_other(made, right=5), "hospital", right=-1)) == []


def test_a_model_that_takes_more_names_for_commands_may_not(made: Measured) -> None:
    [why] = compare.objections(made, replace(_other(made, right=1), foreign=(5, 0, 5)))
    assert "taken for commands" in why
