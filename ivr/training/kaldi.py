"""Write Kaldi's ``final.mdl``: transitions and an nnet3 network, in its binary form.

Written from the format alone. A token is followed by a blank; a number is preceded by its size in
bytes; matrices go out in 16 bits (``CM2``), which lost nothing on the prototype and halves it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ivr.training import phones

LOOP = 0.5  # probability of staying; the network knows the durations
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """An affine layer over ``offsets`` (frames), then ReLU if ``relu``, then ``scale`` if given,
    then ``bypass`` times the layer's own input added. ``weights``: outputs by (offsets x inputs).
    """

    offsets: tuple[int, ...]
    weights: Floats
    bias: Floats
    relu: bool = True
    scale: Floats | None = None
    bypass: float = 0.0


class Writer:
    """Kaldi's binary form, piece by piece."""

    def __init__(self) -> None:
        self.out = bytearray(b"\0B")

    def tokens(self, *names: str) -> None:
        """``<Name> `` each."""
        for name in names:
            self.out += name.encode() + b" "

    def ints(self, *numbers: int) -> None:
        """32 bits each."""
        for number in numbers:
            self.out += struct.pack("<bi", 4, number)

    def single(self, number: float) -> None:
        """32 bits."""
        self.out += struct.pack("<bf", 4, number)

    def doubles(self, *numbers: float) -> None:
        """64 bits each."""
        for number in numbers:
            self.out += struct.pack("<bd", 8, number)

    def int_list(self, numbers: Sequence[int]) -> None:
        """A vector of integers: the size in bytes once, then count and all of them."""
        self.out += struct.pack("<bi", 4, len(numbers)) + np.asarray(numbers, "<i4").tobytes()

    def vector(self, numbers: ArrayLike) -> None:
        """A vector of 32-bit floats."""
        raw = np.asarray(numbers, "<f4")
        self.tokens("FV")
        self.ints(len(raw))
        self.out += raw.tobytes()

    def matrix(self, rows: Floats) -> None:
        """A compressed matrix: 16 bits between its smallest and its largest number."""
        least, span = float(rows.min()), float(rows.max() - rows.min()) or 1.0
        self.tokens("CM2")
        self.out += struct.pack("<ffii", least, span, *rows.shape)
        self.out += np.round((rows - least) / span * 65535).astype("<u2").tobytes()


def model(layers: Sequence[Layer], inputs: int) -> bytes:
    """The whole file for a network from ``inputs`` features to ``phones.OUTPUTS`` outputs."""
    writer = Writer()
    _transitions(writer)
    writer.tokens("<Nnet3>")
    nodes, components = _graph(layers, inputs)
    writer.out += ("\n" + "\n".join(nodes) + "\n\n").encode()
    writer.tokens("<NumComponents>")
    writer.ints(len(components))
    for component in components:
        component.write(writer)
    writer.tokens("</Nnet3>", "<LeftContext>")
    writer.ints(0)  # both are computed anew when it is read
    writer.tokens("<RightContext>")
    writer.ints(0)
    writer.tokens("<Priors>")
    writer.vector([])
    return bytes(writer.out)


def _transitions(writer: Writer) -> None:
    """One topology for all phones: enter with one output of the network, stay with another."""
    everyone = range(1, phones.PHONES + 1)
    writer.tokens("<TransitionModel>", "<Topology>")
    writer.int_list(list(everyone))
    writer.int_list([-1] + [0] * phones.PHONES)
    writer.ints(-1, 1, 2, 0, 1, 2)  # loops with outputs of their own; one entry of two states
    for target, chance in ((0, LOOP), (1, 1 - LOOP)):
        writer.ints(target)
        writer.single(chance)
    writer.ints(-1, -1, 0)  # the end
    writer.tokens("</Topology>", "<Tuples>")
    writer.ints(phones.PHONES)
    for phone in everyone:
        sound = phones.sound_of(phone)
        writer.ints(phone, 0, 2 * sound, 2 * sound + 1)
    writer.tokens("</Tuples>", "<LogProbs>")
    writer.vector([0.0] + [log(LOOP), log(1 - LOOP)] * phones.PHONES)
    writer.tokens("</LogProbs>", "</TransitionModel>")


@dataclass(frozen=True)
class _Component:
    name: str
    kind: str
    layer: Layer

    def write(self, writer: Writer) -> None:
        writer.tokens("<ComponentName>", self.name, f"<{self.kind}>")
        getattr(self, f"_{self.kind}")(writer)
        writer.tokens(f"</{self.kind}>")

    def _FixedAffineComponent(self, writer: Writer) -> None:  # noqa: N802 - Kaldi's name
        writer.tokens("<LinearParams>")
        writer.matrix(self.layer.weights)
        writer.tokens("<BiasParams>")
        writer.vector(self.layer.bias)

    def _RectifiedLinearComponent(self, writer: Writer) -> None:  # noqa: N802 - Kaldi's name
        self._statistics(writer)
        writer.tokens("<OderivRms>")
        writer.vector([])
        for name in ("<OderivCount>", "<NumDimsSelfRepaired>", "<NumDimsProcessed>"):
            writer.tokens(name)
            writer.doubles(0.0)

    def _FixedScaleComponent(self, writer: Writer) -> None:  # noqa: N802 - Kaldi's name
        writer.tokens("<Scales>")
        writer.vector(self.layer.scale if self.layer.scale is not None else [])

    def _NoOpComponent(self, writer: Writer) -> None:  # noqa: N802 - Kaldi's name
        self._statistics(writer)

    def _statistics(self, writer: Writer) -> None:
        """What training in Kaldi would have counted: nothing."""
        writer.tokens("<Dim>")
        writer.ints(len(self.layer.bias))
        for name in ("<ValueAvg>", "<DerivAvg>"):
            writer.tokens(name)
            writer.vector([])
        writer.tokens("<Count>")
        writer.doubles(0.0)


def _graph(layers: Sequence[Layer], inputs: int) -> tuple[list[str], list[_Component]]:
    """The network's nodes as Kaldi's text, and the components they use."""
    nodes, components = [f"input-node name=input dim={inputs}"], []
    current = "input"
    for number, layer in enumerate(layers):
        whole = current
        for kind, source in _steps(layer, current):
            name = f"{kind[:-9].lower()}{number}"
            came = source.format(here=current, whole=whole)
            nodes.append(f"component-node name={name} component={name} input={came}")
            components.append(_Component(name, kind, layer))
            current = name
    nodes.append(f"output-node name=output input={current} objective=linear")
    return nodes, components


def _steps(layer: Layer, before: str) -> Iterable[tuple[str, str]]:
    """(component, its input) of one layer; {here} is the node before, {whole} the layer's input."""
    shifted = [before if offset == 0 else f"Offset({before}, {offset})" for offset in layer.offsets]
    yield "FixedAffineComponent", f"Append({', '.join(shifted)})" if shifted[1:] else shifted[0]
    if layer.relu:
        yield "RectifiedLinearComponent", "{here}"
    if layer.scale is not None:
        yield "FixedScaleComponent", "{here}"
    if layer.bypass:
        yield "NoOpComponent", f"Sum(Scale({layer.bypass}, {{whole}}), {{here}})"
