"""A long export between its request and its download: what was asked and how far it is in Redis,
the workbook encrypted in the data directory. Both are gone after an hour, and so is the right to
it: whoever asked takes it away, nobody else."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hotline import queues, sealed, security, settings
from hotline.agents.rules import Role
from hotline.clock import now
from hotline.errors import Refused
from hotline.labels import Labelled
from workorders.confidential import Reader

KEPT_SECONDS, SILENT_SECONDS = 3600, 60
PIECE = 1 << 20
_CONTEXT = "work_order_export"


class Step(Labelled):
    """Where an export is."""

    WRITING = "writing", "正在导出"
    DONE = "done", "已完成"
    STOPPED = "stopped", "已停止，没有留下文件"
    FAILED = "failed", "没有完成，请重新导出"


@dataclass
class Export:
    """One export. ``asked`` are the conditions of the list; ``heard`` is the last sign of life, in
    seconds since 1970."""

    key: str
    asked: dict[str, str]
    person_id: int | None
    role: str
    step: Step = Step.WRITING
    done: int = 0
    total: int = 0
    heard: float = 0
    asked_for: list[str] = field(default_factory=list)

    @property
    def reading(self) -> Reader:
        """Who asked, as a reader of orders."""
        return Reader(self.person_id, Role(self.role))

    @property
    def is_over(self) -> bool:
        """Whether no job is at it."""
        return self.step is not Step.WRITING

    @property
    def words(self) -> str:
        """The step in words, for the progress line."""
        return self.step.label

    @property
    def is_silent(self) -> bool:
        """Whether its job has not been heard of for a minute: it died, or none has begun."""
        return not self.is_over and now().timestamp() - self.heard > SILENT_SECONDS

    @property
    def path(self) -> Path:
        """Where its workbook lies, encrypted."""
        return directory() / f"{self.key}.rec"


def begin(asked: dict[str, str], said: list[str], reading: Reader, total: int) -> Export:
    """Note what is to be exported."""
    role = reading.role or Role.AGENT
    export = Export(secrets.token_hex(16), asked, reading.person_id, role.value, total=total,
                    asked_for=said)  # fmt: skip
    save(export)
    return export


def save(export: Export) -> None:
    """Note how far it is. What was looked for may name somebody: it is encrypted."""
    export.heard = now().timestamp()
    kept = security.encrypt(_CONTEXT, json.dumps(asdict(export)))
    queues.connection().set(_place(export.key, "state"), kept, ex=KEPT_SECONDS)


def get(key: str, reading: Reader | None = None) -> Export:
    """How far it is, for who asked for it. Raises Refused 404."""
    kept = queues.connection().get(_place(key, "state"))
    export = _read(kept) if isinstance(kept, bytes) else None
    if export is None or (reading is not None and reading.person_id != export.person_id):
        raise Refused("export_unknown", "导出的文件只保留一小时，已经没有了，请重新导出。", 404)
    return export


def _read(kept: bytes) -> Export:
    state = json.loads(security.decrypt(_CONTEXT, kept))
    return Export(**state | {"step": Step(state["step"])})


def ask_to_stop(key: str) -> None:
    """Tell the job; it stops within some hundred rows."""
    queues.connection().set(_place(key, "stop"), b"1", ex=KEPT_SECONDS)


def is_to_stop(key: str) -> bool:
    """Whether somebody wants it to stop."""
    return bool(queues.connection().exists(_place(key, "stop")))


def seal(export: Export, written: Path) -> None:
    """Keep what was written, encrypted."""
    export.path.unlink(missing_ok=True)  # of a job that was killed and is done again
    with sealed.Writer(export.path, _context(export)) as file, written.open("rb") as plain:
        while piece := plain.read(PIECE):
            file.write(piece)


def content(export: Export) -> Iterator[bytes]:
    """The workbook, decrypted piece by piece. Raises Refused 404 when it is gone."""
    if export.step is not Step.DONE or not export.path.exists():
        raise Refused("export_unknown", "导出的文件只保留一小时，已经没有了，请重新导出。", 404)
    return sealed.read(export.path, _context(export))


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for what is being written; openpyxl keeps its pieces there too."""
    directory().mkdir(parents=True, exist_ok=True)
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="being-", dir=directory()) as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


def sweep() -> int:
    """Delete what is older than an hour, also what a killed job left half written; how many. A
    job; safe to run twice."""
    before = now().timestamp() - KEPT_SECONDS
    old = [path for path in directory().glob("*") if path.stat().st_mtime < before]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def directory() -> Path:
    """Where they lie."""
    return settings.current().data_dir.absolute() / "exports"


def _context(export: Export) -> str:
    return f"{_CONTEXT}:{export.key}"


def _place(key: str, part: str) -> str:
    return f"hotline:work-order-export:{key}:{part}"
