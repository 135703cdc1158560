"""Archives as the makers of models offer them, made from the embedded model."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ivr.speech.models import EMBEDDED_PATH

TOP = "vosk-model-small-cn-0.22"


def archive(target: Path, *, without: str = "", **changed: bytes) -> Path:
    """A zip of the embedded model under one folder. ``changed``: file names, ``/`` as ``__``."""
    exchanged = {name.replace("__", "/"): data for name, data in changed.items()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(EMBEDDED_PATH.rglob("*")):
            name = str(path.relative_to(EMBEDDED_PATH))
            if path.is_file() and name not in {without, "model.json"}:
                packed.writestr(f"{TOP}/{name}", exchanged.get(name) or path.read_bytes())
    return target
