"""Charts of the voice line's page, as the ``chart`` macro takes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Values = Mapping[str, Sequence[float]]


def bars(
    finding: str, x: Sequence[str], series: Values, unit: str, *, whole: bool = True
) -> dict[str, Any]:
    """Bars beside each other; ``whole``: only whole numbers make sense."""
    return _chart(finding, "bar", x, [_one(name, values) for name, values in series.items()],
                  unit, whole=whole)  # fmt: skip


def stacked(finding: str, x: Sequence[str], series: Values, unit: str = "通") -> dict[str, Any]:
    """Bars upon each other; what is nowhere is left out."""
    shown = [
        _one(name, values) | {"stack": "all"} for name, values in series.items() if any(values)
    ]
    return _chart(finding, "bar", x, shown, unit)


def lines(finding: str, x: Sequence[str], series: Values, unit: str) -> dict[str, Any]:
    """Lines of measured values."""
    drawn = [_one(name, values) for name, values in series.items()]
    return _chart(finding, "line", x, drawn, unit, whole=False)


def _one(name: str, values: Sequence[float]) -> dict[str, Any]:
    return {"name": name, "values": list(values)}


def _chart(
    finding: str,
    kind: str,
    x: Sequence[str],
    series: list[dict[str, Any]],
    unit: str,
    *,
    whole: bool = True,
) -> dict[str, Any]:
    spec = {"kind": kind, "x": list(x), "unit": unit, "series": series, "whole": whole}
    return {"finding": finding, "spec": spec}
