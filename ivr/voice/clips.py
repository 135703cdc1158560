"""Recorded pieces: one zip of short Ogg files, and an index that says which text is which.

``index.json`` maps a text to its file; slow readings stand under ``slow/``. What a site has
recorded itself lies in its data directory and wins over what was shipped.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import structlog

from ivr.media.transport import RATE

log = structlog.get_logger(__name__)
EDGE = RATE * 5 // 1000  # samples of a recording that fade in, and out
_VOICES = Path(__file__).parents[1] / "voices"
# What ships; apart, so that history does not keep all of it anew whenever an answer changes.
MAIN, SLOWLY, ANSWERS = (_VOICES / f"{name}.zip" for name in ("main", "slow", "answers"))
SHIPPED = (MAIN, SLOWLY, ANSWERS)
INDEX = "index.json"
SLOW = "slow/"
COMPRESSION = 0.98  # of libsndfile, 0 to 1: what Opus leaves of a bit rate


class Clips:
    """Every recorded piece of these archives, the later ones first; decoded when first said.

    An archive that is replaced while the line runs is read anew.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._lock = threading.Lock()  # calls speak on several threads
        self._seen: tuple[object, ...] = ()
        self._archives: list[_Archive] = []
        self._decoded: dict[str, bytes] = {}

    def sound(self, text: str, *, slow: bool = False) -> bytes | None:
        """PCM of 8 kHz, or None when nobody has recorded this."""
        key = (SLOW if slow else "") + text
        with self._lock:
            self._look()
            if key not in self._decoded:
                file = self.file(key)
                if file is None:
                    return None
                self._decoded[key] = decoded(file)
            return self._decoded[key]

    def file(self, key: str) -> bytes | None:
        """The Ogg file of a piece, or None."""
        self._look()
        for archive, index in reversed(self._archives):
            if key in index:
                return archive.read(index[key])
        return None

    def __contains__(self, key: str) -> bool:
        self._look()
        return any(key in index for _, index in self._archives)

    def _look(self) -> None:
        seen = tuple(_stamp(path) for path in self._paths)
        if seen != self._seen:
            self._archives = [found for path in self._paths if (found := _open(path)) is not None]
            self._decoded = {}
            self._seen = seen


_Archive = tuple[zipfile.ZipFile, dict[str, str]]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        there = path.stat()
    except OSError:
        return None
    return there.st_mtime_ns, there.st_size, there.st_ino


def _open(path: Path) -> _Archive | None:
    """A damaged archive is as good as none: the plain voice says everything then."""
    try:
        archive = zipfile.ZipFile(path)
        return archive, json.loads(archive.read(INDEX))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        log.exception("recordings_damaged", path=path.name)
        return None


def decoded(file: bytes) -> bytes:
    """PCM of an Ogg or WAV file of 8 kHz, one channel, that begins and ends at nothing: Opus
    leaves a little noise there. Raises ValueError for any other.
    """
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(file), dtype="int16")
    if rate != RATE or samples.ndim != 1:
        raise ValueError("a recording has one channel of 8 kHz")
    ends = np.ones(samples.size)
    rise = np.linspace(0, 1, min(EDGE, samples.size))
    ends[: rise.size] *= rise
    ends[ends.size - rise.size :] *= rise[::-1]
    return bytes((samples * ends).astype("<i2").tobytes())


def encoded(pcm: bytes) -> bytes:
    """An Ogg Opus file of about 11 kbit/s."""
    import soundfile

    file = io.BytesIO()
    samples = np.frombuffer(pcm, "<i2")
    soundfile.write(
        file, samples, RATE, format="OGG", subtype="OPUS", compression_level=COMPRESSION
    )
    return file.getvalue()


def write(path: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """An archive of (key, Ogg file), whole or not at all; how many pieces."""
    draft = path.with_name(f".{path.name}.draft")
    index: dict[str, str] = {}
    with zipfile.ZipFile(draft, "w") as archive:
        for number, (key, file) in enumerate(files):
            index[key] = f"{number:05}.ogg"
            # libsndfile pads each file with 700 bytes of nothing
            archive.writestr(zipfile.ZipInfo(index[key]), file, zipfile.ZIP_DEFLATED)
        listed = json.dumps(index, ensure_ascii=False, indent=0)
        archive.writestr(zipfile.ZipInfo(INDEX), listed, zipfile.ZIP_DEFLATED)
    draft.replace(path)
    return len(index)
