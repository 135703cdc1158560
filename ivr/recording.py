"""Recordings of the voice line: both sides, encrypted, kept for so many days, read by few.

Left is the caller, right is us; A-law at 8 kHz (16 kB a second), as the telephone carried it.
A file lies at ``recordings/<day of the call>/<call's uid>.rec`` in the data directory.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import structlog
from sqlalchemy import text
from sqlmodel import Session

from hotline import audit, clock, sealed, settings
from hotline.calls.confidential import Reader, require_readable
from hotline.calls.models import Call
from hotline.calls.service import get_call
from hotline.db import transaction
from hotline.errors import Refused
from ivr.media import g711
from ivr.media.transport import RATE, CallInfo

log = structlog.get_logger(__name__)

PIECE_BYTES = RATE * 2  # a second of one side
HEAD_BYTES = 44  # of a WAV
DANGER_DAYS = 3 * 366  # calls with a danger alert: at least three years
_SAFE = re.compile(r"^[0-9A-Za-z-]{1,64}$")
_WITH_DANGER = text(
    "SELECT call_uid FROM call WHERE call_uid = ANY(:uids)"
    " AND EXISTS (SELECT FROM danger_alert WHERE call_id = call.id)"
)


def context(call_uid: str) -> str:
    """What a recording is bound to."""
    return f"recording:{call_uid}"


class Recorder:
    """Makes a tap for each call; one thread writes for all, so that no call waits for a disk."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")

    def tap(self, info: CallInfo) -> Recording:
        """Record this call from now on."""
        path = self._directory / clock.today().isoformat() / f"{info.uuid}.rec"
        return Recording(path, info.uuid, self._thread.submit)

    def close(self) -> None:
        """Finish what is to be written."""
        self._thread.shutdown()


class Recording:
    """One call: see ``Tap``. A disk that fails costs the recording, never the call."""

    def __init__(
        self, path: Path, call_uid: str, submit: Callable[[Callable[[], None]], object]
    ) -> None:
        self._path, self._uid, self._submit = path, call_uid, submit
        self._caller, self._us = bytearray(), bytearray()
        self._writer: sealed.Writer | None = None
        self._has_failed = False

    def heard(self, pcm: bytes) -> None:
        """A frame of the caller."""
        self._caller += pcm
        self._write_whole_seconds()

    def said(self, pcm: bytes) -> None:
        """Our frames."""
        self._us += pcm
        self._write_whole_seconds()

    def close(self) -> None:
        """The rest, and the end."""
        self._pass_on(max(len(self._caller), len(self._us)))
        self._submit(self._finish)

    def _write_whole_seconds(self) -> None:
        while min(len(self._caller), len(self._us)) >= PIECE_BYTES:
            self._pass_on(PIECE_BYTES)

    def _pass_on(self, length: int) -> None:
        caller = bytes(self._caller[:length]).ljust(length, b"\0")
        us = bytes(self._us[:length]).ljust(length, b"\0")
        del self._caller[:length], self._us[:length]
        self._submit(lambda: self._write(caller, us))

    def _write(self, caller: bytes, us: bytes) -> None:
        if self._has_failed or not caller:
            return
        try:
            self._writer = self._writer or sealed.Writer(self._path, context(self._uid))
            self._writer.write(g711.to_alaw(_interleaved(caller, us)))
        except OSError as error:
            self._has_failed = True
            log.error("recording_failed", call_uid=self._uid, error=error.strerror)

    def _finish(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _interleaved(left: bytes, right: bytes) -> bytes:
    both = np.empty((len(left) // 2, 2), "<i2")
    both[:, 0], both[:, 1] = np.frombuffer(left, "<i2"), np.frombuffer(right, "<i2")
    return both.tobytes()


def open_recording(session: Session, call_uid: str, reading: Reader) -> Iterator[bytes]:
    """A call's recording as a WAV (stereo, 16 bits), piece by piece. On record in the audit log.

    Raises Refused: 404 without call or recording, 403 for whoever does not supervise.
    """
    call = get_call(session, call_uid)
    if not reading.is_supervisor:
        raise Refused("recording_forbidden", "只有班长可以听录音。", 403)
    return read(session, call, reading)


def read(session: Session, call: Call, reading: Reader) -> Iterator[bytes]:
    """The same for who may hear a piece of it: the one who asks has seen to that."""
    require_readable(call, reading)
    path = _find(call.call_uid, clock.local(call.started_at).date())
    if path is None:
        raise Refused("recording_unknown", "这通来电没有录音，或已过保留期。", 404)
    audit.record(session, audit.Action.RECORD_READ, call.subject, detail={"recording": True})
    return _wav(path, call.call_uid)


def wav_length(call: Call) -> int:
    """Bytes of that WAV; 0 when there is none."""
    path = _find(call.call_uid, clock.local(call.started_at).date())
    return HEAD_BYTES + 2 * sealed.content_length(path) if path else 0


def has_recording(call: Call) -> bool:
    """Is there a recording of this call, still?"""
    return _find(call.call_uid, clock.local(call.started_at).date()) is not None


def _find(call_uid: str, day: date) -> Path | None:
    if not _SAFE.match(call_uid):
        return None
    days = (day, day + timedelta(days=1), day - timedelta(days=1))  # a call at midnight
    paths = (_directory() / each.isoformat() / f"{call_uid}.rec" for each in days)
    return next((path for path in paths if path.is_file()), None)


def _wav(path: Path, call_uid: str) -> Iterator[bytes]:
    length = 2 * sealed.content_length(path)
    yield struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", HEAD_BYTES - 8 + length, b"WAVE", b"fmt ", 16, 1, 2, RATE,
        RATE * 4, 4, 16, b"data", length,
    )  # fmt: skip
    for piece in sealed.read(path, context(call_uid)):
        yield g711.from_alaw(piece)


def sweep() -> int:
    """Delete recordings past their time; how many. A job; safe to run twice."""
    kept_days, deleted = settings.current().recording_days, 0
    for folder in sorted(_directory().glob("????-??-??")):
        age = (clock.today() - date.fromisoformat(folder.name)).days
        if age > kept_days:
            deleted += _clear(folder, keep_danger=age <= DANGER_DAYS)
    if deleted:
        log.info("recordings_deleted", count=deleted)
    return deleted


def _clear(folder: Path, *, keep_danger: bool) -> int:
    found = {path.stem: path for path in folder.glob("*.rec")}
    kept = _with_danger(list(found)) if keep_danger else set()
    for uid, path in found.items():
        if uid not in kept:
            path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
    return len(found.keys() - kept)


def _with_danger(uids: list[str]) -> set[str]:
    with transaction() as session:
        return set(session.execute(_WITH_DANGER, {"uids": uids}).scalars())


def _directory() -> Path:
    return settings.current().data_dir.absolute() / "recordings"
