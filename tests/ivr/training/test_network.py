"""The network folded for Kaldi computes what it computed, and Vosk reads what we write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import vosk
from numpy.typing import NDArray

from ivr.speech.models import EMBEDDED_PATH
from ivr.speech.probe import damaged
from ivr.training import kaldi, kaldi_reading, network, pack, phones
from tests.ivr.speech.clips import clip

Floats = NDArray[np.float64]
SMALL = {"width": 8, "narrow": 6, "depth": 2}


def _taught(seed: int) -> dict[str, Floats]:
    """A small network whose normalisations do something."""
    rng = np.random.default_rng(seed)
    made = network.random_parameters(seed, **SMALL)
    return {
        name: np.abs(array + rng.normal(0, 0.3, array.shape)) + 0.1
        if name.endswith((".var", "std", ".scale"))
        else array + rng.normal(0, 0.3, array.shape)
        for name, array in made.items()
    }


def _plainly(parameters: dict[str, Floats], cepstra: Floats) -> Floats:
    """The definition, frame by frame, without folding."""
    depth = network.depth(parameters)
    edge = network.edge(depth)
    x = np.pad(cepstra, ((edge, edge), (0, 0)), mode="edge")
    x = (x - parameters["mean"]) / parameters["std"]
    for number in range(depth + 2):
        y = _convolved(parameters, f"c{number}", x, every=3 if number == 1 else 1)
        x = y + network.BYPASS * x[1:-1] if number >= 2 else y
    x = _convolved(parameters, "narrow", x)
    return np.asarray(x @ parameters["out.weight"][:, :, 0].T + parameters["out.bias"])


def _convolved(parameters: dict[str, Floats], name: str, x: Floats, every: int = 1) -> Floats:
    weight = parameters[f"{name}.weight"]
    frames = range(0, len(x) - weight.shape[2] + 1, every)
    z = np.array([sum(weight[:, :, k] @ x[t + k] for k in range(weight.shape[2])) for t in frames])
    z = np.maximum(z + parameters[f"{name}.bias"], 0) - parameters[f"{name}.mean"]
    spread = np.sqrt(parameters[f"{name}.var"] + network.EPSILON)
    return np.asarray(z / spread * parameters[f"{name}.scale"] + parameters[f"{name}.shift"])


@pytest.mark.parametrize("frames", [1, 2, 3, 30, 31, 32])
def test_folding_changes_nothing(frames: int) -> None:
    parameters = _taught(5)
    cepstra = np.random.default_rng(frames).normal(0, 2, (frames, 40))
    made = network.outputs(network.folded(parameters), cepstra)
    assert made.shape == ((frames + 2) // 3, phones.OUTPUTS)
    assert made == pytest.approx(_plainly(parameters, cepstra), abs=1e-9)


def test_matrices_keep_16_bits() -> None:
    writer, rows = kaldi.Writer(), np.random.default_rng(1).normal(0, 1, (7, 5))
    writer.matrix(rows)
    assert writer.out[2:6] == b"CM2 "
    least, span = map(float, np.frombuffer(bytes(writer.out[6:14]), "<f4"))
    stored = np.frombuffer(bytes(writer.out[22:]), "<u2").reshape(7, 5)
    assert stored / 65535 * span + least == pytest.approx(rows, abs=span / 65535)
    writer.matrix(np.zeros((2, 2)))  # no span: still a matrix


def _with(tmp_path: Path, parameters: dict[str, Floats]) -> Path:
    target = tmp_path / "model"
    shutil.copytree(EMBEDDED_PATH / "graph", target / "graph")
    pack.acoustics(parameters, target)
    return target


def test_vosk_reads_a_network_we_wrote(tmp_path: Path) -> None:
    target = _with(tmp_path, _taught(2))
    assert (target / "conf" / "model.conf").read_text() == (
        EMBEDDED_PATH / "conf" / "model.conf"
    ).read_text()
    vosk.SetLogLevel(-1)
    recogniser = vosk.KaldiRecognizer(vosk.Model(str(target)), 8000)
    recogniser.AcceptWaveform(clip("眼科").pcm)
    assert "text" in json.loads(recogniser.FinalResult())


def test_a_network_that_hears_only_silence_is_silent_in_vosk(tmp_path: Path) -> None:
    """The outputs reach the decoder in the places we think: all weight on silence."""
    parameters = network.random_parameters(1, **SMALL)
    parameters["out.weight"] = np.zeros_like(parameters["out.weight"])
    parameters["out.bias"] = np.where(np.arange(phones.OUTPUTS) < 2, 0.0, -30.0)
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(_with(tmp_path, parameters)))
    recogniser = vosk.KaldiRecognizer(model, 8000)
    recogniser.AcceptWaveform(clip("眼科").pcm)
    assert json.loads(recogniser.FinalResult())["text"] == ""


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    parameters = _taught(4)
    target = _with(tmp_path, parameters)
    back = kaldi_reading.parameters(target / "am" / "final.mdl")
    cepstra = np.random.default_rng(1).normal(0, 2, (40, 40))
    made = network.outputs(network.folded(back), cepstra)
    wanted = network.outputs(network.folded(parameters), cepstra)
    assert made == pytest.approx(wanted, abs=2e-3 * np.abs(wanted).max())
    assert back.keys() == parameters.keys()


def test_the_shipped_network_can_be_taught_further() -> None:
    back = kaldi_reading.parameters(EMBEDDED_PATH / "am" / "final.mdl")
    shapes = {name: array.shape for name, array in back.items() if name.endswith(".weight")}
    assert shapes == {f"{name}.weight": shape for name, shape in network.shapes().items()}


def test_what_is_no_network_of_ours_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "final.mdl").write_bytes(b"\0B<TransitionModel> ")
    with pytest.raises(ValueError, match="no network of ours"):
        kaldi_reading.parameters(tmp_path / "final.mdl")


def test_a_manifest_vouches_for_every_file(tmp_path: Path) -> None:
    target = _with(tmp_path, _taught(2))
    pack.manifest(target, "test")
    assert damaged(target) == []
    (target / "conf" / "mfcc.conf").write_text("x")
    assert damaged(target) == ["conf/mfcc.conf"]
