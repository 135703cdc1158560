"""The platform's memory on disk: one JSON line for every change, folded again at the start."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any


class Store:
    """A file of JSON lines; without a path nothing is kept."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: TextIOWrapper | None = None
        self._lock = threading.Lock()

    def lines(self) -> Iterator[dict[str, Any]]:
        """What was kept, oldest first. A line that was never finished is none."""
        if self._path is None or not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                yield json.loads(line)
            except ValueError:  # killed while it was written
                continue

    def add(self, line: dict[str, Any]) -> None:
        """Keep one change; it survives this process."""
        if self._path is None:
            return
        with self._lock:
            if self._file is None:
                self._file = self._opened(self._path)
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    @staticmethod
    def _opened(path: Path) -> TextIOWrapper:
        path.parent.mkdir(parents=True, exist_ok=True)
        # invented people, but nobody else's business either
        door = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        file = os.fdopen(door, "a", encoding="utf-8")
        if file.tell():
            file.write("\n")  # whatever was left unfinished ends here
        return file
