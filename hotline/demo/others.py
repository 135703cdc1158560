"""Made-up data of features this package does not know: found by path, if they are installed."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

from sqlmodel import Session

# Each has ``load.prepare(progress) -> how many`` and ``remove.remove(session)``.
FEATURES = ("workorders.demo",)


def load(progress: Any) -> int:
    """Bring the others up to now; how much was added."""
    return sum(int(module.prepare(progress)) for module in _modules("load"))


def remove(session: Session) -> None:
    """Take theirs away; before calls go, because theirs may hang on them."""
    for module in _modules("remove"):
        module.remove(session)


def _modules(part: str) -> list[Any]:
    paths = [f"{feature}.{part}" for feature in FEATURES if _is_there(feature)]
    return [importlib.import_module(path) for path in paths]


def _is_there(feature: str) -> bool:
    try:
        return find_spec(feature) is not None
    except ModuleNotFoundError:
        return False
