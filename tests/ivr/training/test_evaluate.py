"""The evaluation over the clips in this tree: a worse model or recogniser fails here."""

from __future__ import annotations

from pathlib import Path

import pytest
import vosk

from ivr.speech.models import EMBEDDED_PATH
from ivr.training import evaluate
from tests.ivr.speech.clips import FOLDER


@pytest.fixture(scope="module")
def model() -> vosk.Model:
    vosk.SetLogLevel(-1)
    return vosk.Model(str(EMBEDDED_PATH))


def test_every_clip_is_right_with_the_whole_grammar_of_its_turn(model: vosk.Model) -> None:
    lines: list[str] = []
    evaluate.narrowed(model, list(evaluate.clips(FOLDER)), lines.append)
    totals = [line.split(",")[0].split()[1:] for line in lines if line.startswith("grammar")]
    right = {line[0]: (int(line[1]), int(line[3])) for line in totals}
    assert right.keys() == set(evaluate.KINDS.values())
    assert sum(done for done, _ in right.values()) >= 11
    assert sum(all_ for _, all_ in right.values()) == 12


def test_free_text_is_nearly_right(model: vosk.Model) -> None:
    lines: list[str] = []
    evaluate.free(model, list(evaluate.clips(FOLDER)), lines.append)
    assert {line.split()[1] for line in lines[:-1]} == set(evaluate.KINDS.values())
    for line in lines[:-1]:
        assert float(line.split("SER")[1].split("%")[0]) <= 25, line


def test_names_are_not_taken_for_commands(model: vosk.Model) -> None:
    lines: list[str] = []
    evaluate.foreign(model, list(evaluate.clips(FOLDER)), lines.append)
    assert lines[0].startswith("foreign  5 names")


def test_a_clip_of_another_rate_is_refused(tmp_path: Path) -> None:
    sound = (FOLDER / "date-1-yunyang.wav").read_bytes()
    (tmp_path / "wide.wav").write_bytes(sound[:24] + (16000).to_bytes(4, "little") + sound[28:])
    with pytest.raises(ValueError, match="not 8 kHz"):
        evaluate.samples(tmp_path / "wide.wav")
