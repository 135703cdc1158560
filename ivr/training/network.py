"""The network, as arrays: what it computes, and the same folded into layers Kaldi can read.

40 cepstra -> convolution of 3 frames -> convolution of 3 that keeps every third -> some more of 3
kept frames each, with their input added -> a narrower layer -> two outputs a sound. Each
convolution is followed by ReLU and batch normalisation, in this order.

Parameters are a dictionary of arrays: ``mean``, ``std``; for each layer NAME (``c0``, ``c1``, …,
``narrow``): ``NAME.weight`` (outputs, inputs, frames), ``NAME.bias``, and of the normalisation
``NAME.scale``, ``.shift``, ``.mean``, ``.var``; ``out.weight``, ``out.bias``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ivr.training import features, phones
from ivr.training.kaldi import Layer

WIDTH, NARROW, DEPTH = 320, 192, 6
BYPASS = 0.7
KEPT = 3  # every third frame
EPSILON = 1e-5
Floats = NDArray[np.float64]
Parameters = Mapping[str, Floats]


def shapes(
    width: int = WIDTH, narrow: int = NARROW, depth: int = DEPTH
) -> dict[str, tuple[int, ...]]:
    """(outputs, inputs, frames) of every layer with weights, in order."""
    inputs = features.COEFFICIENTS
    layers: dict[str, tuple[int, ...]] = {"c0": (width, inputs, 3), "c1": (width, width, 3)}
    layers |= {f"c{number + 2}": (width, width, 3) for number in range(depth)}
    return layers | {"narrow": (narrow, width, 1), "out": (phones.OUTPUTS, narrow, 1)}


def depth(parameters: Parameters) -> int:
    """How many layers with a bypass there are."""
    return sum(name.startswith("c") and name.endswith(".bias") for name in parameters) - 2


def edge(depth_: int) -> int:
    """Frames on either side that an output looks at."""
    return 2 + KEPT * depth_


def random_parameters(seed: int, **sizes: int) -> dict[str, Floats]:
    """A network that has learnt nothing, for tests and as the beginning."""
    rng = np.random.default_rng(seed)
    made: dict[str, Floats] = {
        "mean": np.zeros(features.COEFFICIENTS),
        "std": np.ones(features.COEFFICIENTS),
    }
    for name, shape in shapes(**sizes).items():
        made[f"{name}.weight"] = rng.normal(0, (2 / (shape[1] * shape[2])) ** 0.5, shape)
        made[f"{name}.bias"] = np.zeros(shape[0])
        if name != "out":
            made |= {f"{name}.{part}": np.ones(shape[0]) for part in ("scale", "var")}
            made |= {f"{name}.{part}": np.zeros(shape[0]) for part in ("shift", "mean")}
    return made


def folded(parameters: Parameters) -> list[Layer]:
    """The same network in affine layers: normalisation moved into scales and the next bias."""
    carried: Floats = -parameters["mean"]  # a constant still to be added to the layer's input
    layers = []
    for number in range(depth(parameters) + 2):
        name, bypass = f"c{number}", BYPASS if number >= 2 else 0.0
        weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
        if number == 0:
            weight = weight / parameters["std"][None, :, None]
        scale, shift = _normalisation(parameters, name)
        offsets = (-1, 0, 1) if number < 2 else (-KEPT, 0, KEPT)
        bias = bias + weight.sum(axis=2) @ carried
        layers.append(Layer(offsets, _flat(weight), bias, scale=scale, bypass=bypass))
        carried = shift + bypass * carried if bypass else shift
    weight, bias = parameters["narrow.weight"], parameters["narrow.bias"]
    scale, shift = _normalisation(parameters, "narrow")
    layers.append(Layer((0,), _flat(weight), bias + weight.sum(axis=2) @ carried, scale=scale))
    weight = parameters["out.weight"]
    bias = parameters["out.bias"] + weight.sum(axis=2) @ shift
    return [*layers, Layer((0,), _flat(weight), bias, relu=False)]


def _normalisation(parameters: Parameters, name: str) -> tuple[Floats, Floats]:
    scale = parameters[f"{name}.scale"] / np.sqrt(parameters[f"{name}.var"] + EPSILON)
    return scale, parameters[f"{name}.shift"] - scale * parameters[f"{name}.mean"]


def _flat(weight: Floats) -> Floats:
    """(outputs, inputs, frames) as outputs by frames after each other."""
    return np.concatenate([weight[:, :, frame] for frame in range(weight.shape[2])], axis=1)


def outputs(layers: list[Layer], cepstra: Floats) -> Floats:
    """What Kaldi computes: a row for every third frame. Beyond both ends the last frame stands."""
    reach = sum(max(layer.offsets) for layer in layers)
    current = np.pad(cepstra, ((reach, reach), (0, 0)), mode="edge")
    for layer in layers:
        current = _layer(layer, current)
    return current[::KEPT]


def _layer(layer: Layer, inputs: Floats) -> Floats:
    margin = max(layer.offsets)
    count = len(inputs) - 2 * margin
    shifted = [inputs[margin + offset : margin + offset + count] for offset in layer.offsets]
    made = np.concatenate(shifted, axis=1) @ layer.weights.T + layer.bias
    made = np.maximum(made, 0) if layer.relu else made
    made = made * layer.scale if layer.scale is not None else made
    return np.asarray(made + layer.bypass * shifted[len(shifted) // 2] if layer.bypass else made)
