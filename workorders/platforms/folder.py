"""The drop folder of a platform: what may be taken, and where things go, on a disk shared with
others who are not careful. No personal data leaves in errors or logs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hotline import clock
from workorders.platforms.adapter import NoAnswer, Trouble

LARGEST_FILE = 50 * 1024 * 1024
ORDERS = {".csv", ".json", ".jsonl"}
NEEDED = ("in", "out")
_CLOCK = ".hotline-clock"


@dataclass(frozen=True)
class Dropped:
    """A file somebody finished writing: its path, content, and the SHA-256 of it in hex."""

    path: Path
    data: bytes
    sha256: str

    @property
    def name(self) -> str:
        """As the platform called it."""
        return self.path.name


@dataclass(frozen=True)
class Folder:
    """``in/`` and ``out/`` must be there: a share that is not mounted must not look empty.

    A file counts as finished ``settle_seconds`` after it was last written, or at once when
    ``NAME.done`` lies beside it. Taken files are deleted after ``keep_days``.
    """

    root: Path
    settle_seconds: float = 30
    keep_days: int = 30
    largest_file: int = LARGEST_FILE

    @contextmanager
    def open(self) -> Iterator[None]:
        """Work in it. Raises NoAnswer when it is not there, full or not ours to write."""
        missing = [name for name in NEEDED if not (self.root / name).is_dir()]
        if missing:
            where = f"交换目录 {self.root} 里没有 {'、'.join(missing)}"
            raise NoAnswer(Trouble.FOLDER, f"{where}：请确认共享目录已挂载，或先建立。")
        try:
            yield
        except OSError as error:
            words = f"交换目录 {self.root} 读写失败：{error.strerror}。"
            raise NoAnswer(Trouble.FOLDER, words) from None

    def ready(self, within: str = "in") -> list[Path]:
        """The finished files, oldest first."""
        place = self.root / within
        if not place.is_dir():
            return []
        settled = self._now(place) - self.settle_seconds
        found = [
            (entry.stat().st_mtime_ns, entry.name)
            for entry in os.scandir(place)
            if self._is_order_file(entry)
            and (entry.stat().st_mtime <= settled or _marker(Path(entry.path)).exists())
        ]
        return [place / name for _, name in sorted(found)]

    def read(self, path: Path) -> Dropped | None:
        """A file's content; None when somebody has taken it away meanwhile."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        return Dropped(path, data, hashlib.sha256(data).hexdigest())

    def take(self, file: Dropped) -> None:
        """Its orders are stored: it leaves ``in/``."""
        self._move(file.path, "taken", _named(file.sha256, file.name))

    def refuse(self, path: Path, digest: str, reason: str) -> None:
        """It cannot be read: it goes to ``bad/``, beside a text that says why."""
        name = _named(digest, path.name)
        (self.root / "bad").mkdir(exist_ok=True)
        # the reason first: killed in between, all of it is done again
        self.write("bad", f"{name}.txt", f"{reason}\n".encode())
        self._move(path, "bad", name)

    def write(self, within: str, name: str, data: bytes) -> None:
        """Whole or not at all, whatever happens meanwhile."""
        path = self.root / within / name
        draft = path.with_name(f".{name}.tmp")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def tidy(self) -> None:
        """Delete what was taken long ago: it holds names and numbers."""
        place = self.root / "taken"
        if not place.is_dir():
            return
        before = clock.now().timestamp() - timedelta(days=self.keep_days).total_seconds()
        for entry in os.scandir(place):
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < before:
                Path(entry.path).unlink(missing_ok=True)

    def _move(self, path: Path, within: str, name: str) -> None:
        place = self.root / within
        place.mkdir(exist_ok=True)
        with suppress(FileNotFoundError, PermissionError):
            os.utime(path)  # when it was taken: tidy() counts from here
        with suppress(FileNotFoundError):
            path.replace(place / name)
        _marker(path).unlink(missing_ok=True)

    def _is_order_file(self, entry: os.DirEntry[str]) -> bool:
        is_hidden = entry.name.startswith((".", "~"))
        return (
            not is_hidden
            and Path(entry.name).suffix.lower() in ORDERS
            and entry.is_file(follow_symlinks=False)
        )

    @staticmethod
    def _now(place: Path) -> float:
        """The time by the clock that stamps the files, which may be another machine's."""
        probe = place / _CLOCK
        probe.write_bytes(b"")
        os.utime(probe)
        return probe.stat().st_mtime


def prepare(root: Path) -> Folder:
    """Make the folders of a new platform."""
    for name in (*NEEDED, "taken", "bad", "answers", "digest"):
        (root / name).mkdir(parents=True, exist_ok=True)
    return Folder(root)


def _named(digest: str, name: str) -> str:
    """A name no other content has, short enough for any disk."""
    stem = os.fsencode(name)[-200:].decode(errors="ignore")
    return f"{digest[:8]}-{stem}"


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.done")
