"""The whole way, small: invented speech, examples, a network that learns, a model Vosk loads.

Needs torch, which only those who train install.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import vosk
from click.testing import CliRunner

from ivr.speech.models import EMBEDDED_PATH
from ivr.training import evaluate, examples, learning, network, pack, telephone
from ivr.training.batches import together
from ivr.training.cli import steps
from ivr.training.examples import Example
from ivr.training.objective import loss
from ivr.training.order import order
from ivr.training.teaching import Course, Teaching, start
from tests.ivr.training import voices

torch = pytest.importorskip("torch")

WORDS = ("眼科", "内科", "人工", "取消")
SMALL = {"width": 48, "narrow": 32, "depth": 2}
COURSE = Course(epochs=30, averaged=20, rate=4e-3, last_rate=4e-4, frames=2500, seed=3)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    folder = tmp_path_factory.mktemp("speech")
    utterances = [*((word,) for word in WORDS), *zip(WORDS, WORDS[1:] + WORDS[:1], strict=True)]
    voices.record(folder, utterances * 2)
    examples.make(folder, folder / "made", 6, 3, lambda _: None)
    return list(examples.read(sorted((folder / "made").glob("*.npz"))))


def test_torch_computes_what_kaldi_will(taught: list[Example]) -> None:
    parameters = start(taught, None, 3, **SMALL)
    values = learning.begin(parameters, 1, "cpu")
    batch = together(taught[:3], skipped=1)
    y, guessed = learning.outputs(values, torch.from_numpy(batch.cepstra))
    assert guessed.shape == (*y.shape[:2], 60)
    for row, each in enumerate(taught[:3]):
        wanted = network.outputs(network.folded(parameters), each.cepstra[1:].astype(np.float64))
        assert len(wanted) == batch.lengths[row]
        assert y[row, : len(wanted)].detach().numpy() == pytest.approx(wanted, abs=1e-4)


def test_the_objective_goes_back_through_the_network(taught: list[Example]) -> None:
    """The derivative torch passes on is the one that numpy found."""
    values = learning.begin(start(taught, None, 3, **SMALL), 1, "cpu")
    batch, counted = together(taught[:2]), order([each.said for each in taught])
    made = learning.losses(values, batch, counted)
    made["order"].backward()
    y, _ = learning.outputs(values, torch.from_numpy(batch.cepstra))
    total = loss(y.detach().double().numpy(), batch.lengths, batch.said, counted)
    frames = batch.lengths.sum()
    assert float(made["order"].detach()) == pytest.approx(total.logs.sum() / frames)
    assert values["out.bias"].grad.numpy() == pytest.approx(
        total.passed.sum(axis=(0, 1)) / frames, abs=1e-6
    )


def test_what_was_cut_short_ends_with_the_same_network(
    taught: list[Example], tmp_path: Path
) -> None:
    course = Course(epochs=1, frames=1500, averaged=3, seed=4)
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    begun = start(taught, None, 4, **SMALL)
    whole = Teaching(course, taught, begun, tmp_path / "whole")
    assert whole.run(lambda _: None)
    assert not Teaching(course, taught, begun, tmp_path / "cut").run(lambda _: None, 3)
    cut = Teaching(course, taught, begun, tmp_path / "cut")
    assert cut.done == 3
    assert cut.run(lambda _: None)
    for name, array in whole.parameters.items():
        assert cut.parameters[name] == pytest.approx(array, abs=1e-6), name
    with pytest.raises(ValueError, match="begun otherwise"):
        Teaching(Course(epochs=2, seed=4), taught, begun, tmp_path / "cut")


def test_the_outcome_is_the_average_of_late_steps(taught: list[Example], tmp_path: Path) -> None:
    begun = start(taught, None, 4, **SMALL)
    found = {}
    for steps_ in (1, 2, 3):
        folder = tmp_path / str(steps_)
        folder.mkdir()
        last = Teaching(Course(frames=1500, seed=4), taught, begun, folder)
        last.run(lambda _: None, steps_)
        found[steps_] = last.parameters["out.bias"]
    (tmp_path / "averaged").mkdir()
    averaged = Teaching(
        Course(frames=1500, averaged=2, seed=4), taught, begun, tmp_path / "averaged"
    )
    averaged.run(lambda _: None, 3)
    wanted = ((found[1] + found[2]) / 2 + found[3]) / 2
    assert averaged.parameters["out.bias"] == pytest.approx(wanted, abs=1e-7)
    assert abs(wanted - found[3]).max() > 1e-5


def test_a_known_network_is_the_same_before_it_is_taught_further(taught: list[Example]) -> None:
    values = learning.begin(start(taught, EMBEDDED_PATH, 3), 1, "cpu")
    again = learning.begin(start(taught, EMBEDDED_PATH, 9), 1, "cpu")
    cepstra = torch.from_numpy(together(taught[:1]).cepstra)
    one, other = (learning.outputs(each, cepstra)[0].detach().numpy() for each in (values, again))
    assert one == pytest.approx(other, abs=1e-3)


def _clip(folder: Path, words: tuple[str, ...]) -> None:
    samples, _ = voices.spoken(words)
    pcm = telephone.plain(samples, voices.RATE).samples.astype("<i2").tobytes()
    with wave.open(str(folder / f"{''.join(words)}.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(pcm)


def test_a_little_speech_makes_a_model_that_hears_it(taught: list[Example], tmp_path: Path) -> None:
    begun = start(taught, None, 3, **SMALL)
    teaching = Teaching(COURSE, taught, begun, tmp_path)
    untaught = teaching.measured()
    said: list[str] = []
    assert teaching.run(said.append)
    assert "min left" in said[0]
    assert teaching.measured()[0] < untaught[0] / 4
    np.savez(tmp_path / "network.npz", **teaching.parameters)
    asked = ["pack", "--work", str(tmp_path), "--version", "try", "--graphs", str(EMBEDDED_PATH)]
    done = CliRunner().invoke(steps, asked)
    assert done.exit_code == 0, done.output
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(tmp_path / "model"))
    narrowed = evaluate.grammar(WORDS, lambda word: model.vosk_model_find_word(word) >= 0)
    for word in WORDS:
        _clip(tmp_path, (word,))
        heard = evaluate.decode(model, evaluate.samples(tmp_path / f"{word}.wav"), narrowed)
        assert heard.text == word
    assert pack.layout.version(tmp_path / "model") == "try"
