"""The network in torch: the same as ``network.outputs`` computes, with what learning needs.

Values are torch tensors under the names ``network`` gives them; running means and variances of the
normalisations are among them. A second, narrow head guesses the sound of each frame: that steers
the first steps, and is left out of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ivr.training import network, objective, phones
from ivr.training.batches import UNLABELLED, Batch
from ivr.training.order import Order

DROPPED, SMOOTHED = 0.05, 0.05
LOUD_OUTPUTS = 5e-4  # the price of large outputs
STILL = ("mean", "std", ".mean", ".var")  # not learnt by steps
GUESS, GUESSED = "guess", "guessed"  # the second head's layers
Values = dict[str, Any]


def begin(parameters: network.Parameters, seed: int, device: str) -> Values:
    """Tensors of a network, with a new second head where it has none."""
    import torch

    width, inner = parameters["narrow.weight"].shape[1], len(parameters["narrow.bias"])
    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {
        f"{GUESS}.weight": rng.normal(0, (2 / width) ** 0.5, (inner, width, 1)),
        f"{GUESSED}.weight": rng.normal(0, (2 / inner) ** 0.5, (len(phones.SOUNDS), inner, 1)),
        f"{GUESSED}.bias": np.zeros(len(phones.SOUNDS)),
        **{f"{GUESS}.{part}": np.ones(inner) for part in ("scale", "var")},
        **{f"{GUESS}.{part}": np.zeros(inner) for part in ("bias", "shift", "mean")},
        **parameters,
    }
    return {
        name: torch.tensor(
            array, dtype=torch.float32, device=device, requires_grad=not name.endswith(STILL)
        )
        for name, array in made.items()
    }


def arrays(values: Values) -> dict[str, Any]:
    """The network's parameters, without the second head."""
    return {
        name: value.detach().cpu().numpy().astype(np.float64)
        for name, value in values.items()
        if not name.startswith((GUESS, GUESSED))
    }


def outputs(
    values: Values, cepstra: Any, *, learns: bool = False, steady: bool = False
) -> tuple[Any, Any]:
    """(utterances, kept frames, outputs) of the network and of the second head. ``steady``:
    normalise as before, do not look at the batch.
    """
    from torch.nn import functional

    depth, moving = network.depth(values), learns and not steady
    edge = network.edge(depth)
    here = ((cepstra - values["mean"]) / values["std"]).transpose(1, 2)
    here = functional.pad(here, (edge, edge), mode="replicate")
    for number in range(depth + 2):
        before, stride = here, network.KEPT if number == 1 else 1
        here = _layer(values, f"c{number}", here, moving=moving, stride=stride)
        if number >= 2:
            here = here + network.BYPASS * before[:, :, 1:-1]
        here = functional.dropout(here, DROPPED, training=learns)
    heads = []
    for inner, outer in (("narrow", "out"), (GUESS, GUESSED)):
        narrow = _layer(values, inner, here, moving=moving)
        made = functional.conv1d(narrow, values[f"{outer}.weight"], values[f"{outer}.bias"])
        heads.append(made.transpose(1, 2))
    return heads[0], heads[1]


def _layer(values: Values, name: str, here: Any, *, moving: bool, stride: int = 1) -> Any:
    from torch.nn import functional

    weight, bias = values[f"{name}.weight"], values[f"{name}.bias"]
    here = functional.relu(functional.conv1d(here, weight, bias, stride=stride))
    return functional.batch_norm(
        here,
        values[f"{name}.mean"],
        values[f"{name}.var"],
        values[f"{name}.scale"],
        values[f"{name}.shift"],
        training=moving,
        eps=network.EPSILON,
    )


def losses(values: Values, batch: Batch, order: Order, **how: bool) -> Mapping[str, Any]:
    """``order``: nats a frame that other sounds than the right ones are worth; ``guess``: the
    second head's cross-entropy; ``size``: the outputs' mean square. Tensors to derive.
    """
    import torch

    device = values["mean"].device
    y, guessed = outputs(values, torch.from_numpy(batch.cepstra).to(device), **how)
    total = objective.loss(y.detach().double().cpu().numpy(), batch.lengths, batch.said, order)
    frames = batch.lengths.sum()
    slope = torch.from_numpy(total.passed / frames).to(device, y.dtype)
    drawn = (y * slope).sum()  # its derivative is the objective's, its value is not
    guess = torch.nn.functional.cross_entropy(
        guessed.flatten(0, 1),
        torch.from_numpy(batch.labels).to(device).flatten(),
        ignore_index=UNLABELLED,
        label_smoothing=SMOOTHED,
    )
    return {
        "order": drawn - drawn.detach() + float(total.logs.sum() / frames),
        "guess": guess,
        "size": (y**2).mean(),
    }


def steadied(parameters: network.Parameters, cepstra: Any) -> dict[str, Any]:
    """The same network with its input brought to mean 0 and deviation 1 over ``cepstra``, which
    steps of one size need. The first layer takes the difference.
    """
    mean, std = cepstra.mean(axis=0), cepstra.std(axis=0)
    made, weight = dict(parameters), parameters["c0.weight"]
    shift = (mean - parameters["mean"]) / parameters["std"]
    made["c0.weight"] = weight * (std / parameters["std"])[None, :, None]
    made["c0.bias"] = parameters["c0.bias"] + weight.sum(axis=2) @ shift
    return made | {"mean": mean, "std": std}


def fresh(cepstra: Any, seed: int, **sizes: int) -> dict[str, Any]:
    """A network that has learnt nothing yet, for these cepstra (frames by 40)."""
    made = network.random_parameters(seed, **sizes)
    return made | {"mean": cepstra.mean(axis=0), "std": cepstra.std(axis=0)}
