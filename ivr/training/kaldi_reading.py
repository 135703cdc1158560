"""Read a ``final.mdl`` that ``kaldi`` wrote, to teach a model further without its arrays.

The normalisations are folded already: they come back as scales alone.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.training import features, network

Floats = NDArray[np.float64]
_MATRIX = re.compile(rb"<LinearParams> CM2 ")
_VECTOR = re.compile(rb"(<BiasParams>|<Scales>) FV \x04")


def parameters(path: Path) -> dict[str, Floats]:
    """The network's arrays. Raises ValueError for a network of another shape."""
    data = path.read_bytes()
    weights = [_matrix(data, found.end()) for found in _MATRIX.finditer(data)]
    vectors = [(found[1], _vector(data, found.end())) for found in _VECTOR.finditer(data)]
    biases = [vector for token, vector in vectors if token == b"<BiasParams>"]
    scales = [vector for token, vector in vectors if token == b"<Scales>"]
    names = list(network.shapes(depth=len(weights) - 4))
    if len(weights) != len(biases) or len(scales) != len(weights) - 1 or len(weights) < 4:
        raise ValueError(f"{path} is no network of ours")
    made: dict[str, Floats] = {
        "mean": np.zeros(features.COEFFICIENTS),
        "std": np.ones(features.COEFFICIENTS),
    }
    for name, weight, bias in zip(names, weights, biases, strict=True):
        frames = 3 if name.startswith("c") else 1
        made[f"{name}.weight"] = weight.reshape(len(bias), frames, -1).transpose(0, 2, 1)
        made[f"{name}.bias"] = bias
    for name, scale in zip(names, scales, strict=False):
        made[f"{name}.scale"] = scale
        made[f"{name}.shift"] = made[f"{name}.mean"] = np.zeros(len(scale))
        made[f"{name}.var"] = np.full(len(scale), 1 - network.EPSILON)
    return made


def _matrix(data: bytes, at: int) -> Floats:
    least, span, rows, columns = struct.unpack_from("<ffii", data, at)
    stored = np.frombuffer(data, "<u2", rows * columns, at + 16).reshape(rows, columns)
    return np.asarray(least + span * stored.astype(np.float64) / 65535)


def _vector(data: bytes, at: int) -> Floats:
    [count] = struct.unpack_from("<i", data, at)
    return np.frombuffer(data, "<f4", count, at + 4).astype(np.float64)
