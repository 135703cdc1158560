"""Whether a model can be used: tried in a child process, and remembered while it stays the same."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from ivr.speech import layout

PATIENCE_SECONDS = 300  # the large model takes a while to read from a slow disk


class Verdicts:
    """What was found, kept in one file of the data directory."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def refusal(self, model: Path) -> str | None:
        """Why ``model`` cannot be used, in Chinese; None if it can."""
        if lacking := layout.missing(model):
            return f"缺少文件 {'、'.join(lacking)}"
        mark, known = fingerprint(model), self._known()
        if mark not in known:
            known[mark] = _tried(model)
            self._remember({mark: known[mark]})
        return known[mark]

    def _known(self) -> dict[str, str | None]:
        try:
            known = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _remember(self, found: dict[str, str | None]) -> None:
        """Add to the file, whole or not at all. Where nothing can be written, it is tried again."""
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(self._known() | found, ensure_ascii=False))
            draft.replace(self._file)


def fingerprint(model: Path) -> str:
    """Changes when a file of the model is exchanged: names, sizes and times."""
    files = sorted(path for path in model.rglob("*") if path.is_file())
    stats = [(str(p.relative_to(model)), p.stat().st_size, p.stat().st_mtime_ns) for p in files]
    return hashlib.sha256(repr((str(model.resolve()), stats)).encode()).hexdigest()


def _tried(model: Path) -> str | None:
    command = [sys.executable, "-m", "ivr.speech.probe", str(model.resolve())]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{PATIENCE_SECONDS} 秒内没有加载完"
    if done.returncode == 0:
        return None
    said = done.stderr.strip().splitlines()
    return said[-1][:200] if said else f"加载时进程异常退出（{done.returncode}）"
