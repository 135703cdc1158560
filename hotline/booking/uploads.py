"""A sheet uploaded in the console, between its check and its import: in Redis for an hour.

Sheets hold hospitals, clinics and rules, nothing of a patient's, and are not encrypted. One that
is lost is uploaded again: only a job writes rows, all of a sheet or none.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from redis import Redis

from hotline import queues
from hotline.booking.sheet import ImportReport
from hotline.clock import now
from hotline.errors import Refused
from hotline.labels import Labelled

KEPT_SECONDS = 3600
SILENT_SECONDS = 60
MOST_BYTES = 12 * 1024 * 1024
MOST_NAMED = 30


class Step(Labelled):
    """Where an upload is."""

    CHECKING = "checking", "正在检查"
    CHECKED = "checked", "已检查，未写入"
    WRITING = "writing", "正在导入"
    DONE = "done", "已导入"
    STOPPED = "stopped", "已停止，什么也没有写入"
    FAILED = "failed", "没有完成，什么也没有写入"


UNDER_WAY = (Step.CHECKING, Step.WRITING)


@dataclass
class Upload:
    """One file and how far it is. ``heard`` is the last sign of life, in seconds since 1970."""

    key: str
    name: str
    person_id: int | None
    person_name: str
    step: Step = Step.CHECKING
    done: int = 0
    total: int = 0
    heard: float = 0
    problem: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether no job is at it."""
        return self.step not in UNDER_WAY

    @property
    def words(self) -> str:
        """The step in words, for the progress line."""
        return self.step.label

    @property
    def is_silent(self) -> bool:
        """Whether its job has not been heard of for a minute: it died, or none has begun."""
        return not self.is_over and now().timestamp() - self.heard > SILENT_SECONDS

    @property
    def may_be_written(self) -> bool:
        """Whether the check found nothing wrong."""
        return self.step is Step.CHECKED and not self.found["faults"] and self.found["rows"] > 0


def keep(name: str, data: bytes, person_id: int | None, person_name: str) -> Upload:
    """Keep a file that is to be checked. Raises Refused on what is no sheet by its name or size."""
    if not name.lower().endswith((".csv", ".xlsx")):
        raise _bad("请选择 CSV 或 XLSX 文件；旧的 XLS 请用 Excel 另存为 XLSX。")
    if not data:
        raise _bad("文件是空的，请重新选择。")
    if len(data) > MOST_BYTES:
        raise _bad(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请按医院或日期分成几个文件。")
    upload = Upload(secrets.token_hex(8), name[-80:], person_id, person_name)
    _redis().set(_place(upload.key, "file"), data, ex=KEPT_SECONDS)
    save(upload)
    return upload


def _bad(sentence: str) -> Refused:
    return Refused("file_invalid", sentence, fields={"file": sentence})


def save(upload: Upload) -> None:
    """Note how far it is."""
    upload.heard = now().timestamp()
    _redis().set(_place(upload.key, "state"), json.dumps(asdict(upload)), ex=KEPT_SECONDS)


def get(key: str) -> Upload:
    """How far an upload is. Raises Refused upload_unknown."""
    kept = _redis().get(_place(key, "state"))
    if kept is None:
        raise Refused("upload_unknown", "上传的文件只保留一小时，已经没有了，请重新上传。", 404)
    state = json.loads(kept)
    return Upload(**state | {"step": Step(state["step"])})


def content(key: str) -> bytes:
    """The file. Raises Refused upload_unknown."""
    kept = _redis().get(_place(key, "file"))
    if kept is None:
        raise Refused("upload_unknown", "上传的文件只保留一小时，已经没有了，请重新上传。", 404)
    return cast(bytes, kept)  # the client decodes nothing


def ask_to_stop(key: str) -> None:
    """Tell the job; it stops within a thousand rows and leaves nothing behind."""
    _redis().set(_place(key, "stop"), b"1", ex=KEPT_SECONDS)


def is_to_stop(key: str) -> bool:
    """Whether somebody wants it to stop."""
    return bool(_redis().exists(_place(key, "stop")))


def told(report: ImportReport) -> dict[str, Any]:
    """A report as it is shown."""
    return {
        "kind": report.kind.label if report.kind else "",
        "encoding": report.encoding,
        "rows": report.rows,
        "new": report.accepted,
        "changed": report.duplicate,
        "faults": [[fault.row, fault.column, fault.message] for fault in report.faults],
        "notes": report.notes,
        "created": {
            what: [len(names), names[:MOST_NAMED]] for what, names in report.created.items()
        },
    }


def _place(key: str, part: str) -> str:
    return f"hotline:booking-import:{key}:{part}"


def _redis() -> Redis:
    return queues.connection()
