"""Recorded pieces: one zip of short Ogg files, and an index that says which text is which.

``index.json`` maps a text to its file; slow readings stand under ``slow/``. What a site has
recorded itself lies in its data directory and wins over what was shipped.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import structlog

from ivr.media.transport import RATE

log = structlog.get_logger(__name__)
SHIPPED = Path(__file__).parents[1] / "voices" / "main.zip"
INDEX = "index.json"
SLOW = "slow/"


class Clips:
    """Every recorded piece of these archives, the later ones first; decoded when first said."""

    def __init__(self, archives: Iterable[Path]) -> None:
        self._archives = [found for path in archives if (found := _open(path)) is not None]
        self._decoded: dict[str, bytes] = {}

    def sound(self, text: str, *, slow: bool = False) -> bytes | None:
        """PCM of 8 kHz, or None when nobody has recorded this."""
        key = (SLOW if slow else "") + text
        if key not in self._decoded:
            read = self._read(key)
            if read is None:
                return None
            self._decoded[key] = read
        return self._decoded[key]

    def __contains__(self, text: str) -> bool:
        return any(text in index for _, index in self._archives)

    def _read(self, key: str) -> bytes | None:
        for archive, index in reversed(self._archives):
            if key in index:
                return decoded(archive.read(index[key]))
        return None


def _open(path: Path) -> tuple[zipfile.ZipFile, dict[str, str]] | None:
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
    """PCM of an Ogg or WAV file of 8 kHz, one channel. Raises ValueError for any other."""
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(file), dtype="int16")
    if rate != RATE or samples.ndim != 1:
        raise ValueError("a recording has one channel of 8 kHz")
    return bytes(np.asarray(samples, dtype="<i2").tobytes())


def write(path: Path, sounds: Iterable[tuple[str, bytes]]) -> int:
    """An archive of (key, PCM), whole or not at all; how many pieces."""
    import soundfile

    draft = path.with_name(f".{path.name}.draft")
    index: dict[str, str] = {}
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for number, (key, pcm) in enumerate(sounds):
            file = io.BytesIO()
            samples = np.frombuffer(pcm, "<i2")
            soundfile.write(file, samples, RATE, format="OGG", subtype="OPUS")
            index[key] = f"{number:05}.ogg"
            archive.writestr(index[key], file.getvalue())
        archive.writestr(INDEX, json.dumps(index, ensure_ascii=False, indent=0))
    draft.replace(path)
    return len(index)
