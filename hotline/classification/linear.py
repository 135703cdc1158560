"""A linear model over character n-grams, in plain Python.

A text is the set of its known n-grams, scaled to length one; a class scores bias plus the sum
of weights. Only n-grams seen in several examples are known, so no sentence can be read back.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from math import exp, sqrt
from pathlib import Path


@dataclass(frozen=True)
class LinearModel:
    """``weights`` holds, for each known n-gram, one weight per class."""

    classes: tuple[str, ...]
    longest: int
    bias: tuple[float, ...]
    weights: dict[str, tuple[float, ...]]

    def known(self, text: str) -> list[str]:
        """The known n-grams of ``text``, each once, in order of first appearance."""
        grams = (
            text[start : start + size]
            for size in range(1, self.longest + 1)
            for start in range(len(text) - size + 1)
        )
        return [gram for gram in dict.fromkeys(grams) if gram in self.weights]

    def logits(self, text: str) -> list[float]:
        """One score per class, on the log-odds scale."""
        grams = self.known(text)
        scale = 1 / sqrt(len(grams)) if grams else 0.0
        rows = [self.weights[gram] for gram in grams]
        return [
            bias + scale * sum(row[index] for row in rows) for index, bias in enumerate(self.bias)
        ]

    def words(self, text: str, index: int, most: int = 3) -> tuple[str, ...]:
        """The n-grams that spoke most for class ``index``, without parts of one another."""
        ranked = sorted(self.known(text), key=lambda gram: -self.weights[gram][index])
        chosen: list[str] = []
        for gram in ranked[:20]:
            if len(chosen) < most and _stands_alone(gram, chosen, self.weights[gram][index]):
                chosen.append(gram)
        return tuple(chosen)


def _stands_alone(gram: str, chosen: list[str], weight: float) -> bool:
    overlaps = any(gram in other or other in gram for other in chosen)
    return weight > 0 and len(gram) > 1 and gram.isalnum() and not overlaps


def logistic(logit: float) -> float:
    """Log-odds to probability, safe for any float."""
    return 1 / (1 + exp(-max(-60.0, min(60.0, logit))))


def softmax(logits: list[float]) -> list[float]:
    """Log scores to shares that sum to one."""
    highest = max(logits)
    shares = [exp(logit - highest) for logit in logits]
    return [share / sum(shares) for share in shares]


@cache
def load(path: Path) -> LinearModel:
    """The model kept at ``path`` (gzipped JSON). Read once a process."""
    kept = json.loads(gzip.decompress(path.read_bytes()))
    weights = {gram: tuple(row) for gram, row in kept["weights"].items()}
    return LinearModel(tuple(kept["classes"]), kept["longest"], tuple(kept["bias"]), weights)


def save(model: LinearModel, path: Path) -> None:
    """Write ``model`` to ``path``; the same model gives the same bytes."""
    kept = {
        "classes": model.classes,
        "longest": model.longest,
        "bias": model.bias,
        "weights": dict(sorted(model.weights.items())),
    }
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
