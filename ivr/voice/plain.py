"""A plain voice for what nobody has recorded: a new doctor's name, a site without recordings.

The synthesiser runs in a process of its own (``plain_process``): whatever happens in it, calls
go on, in silence at worst.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import threading
from collections import OrderedDict
from contextlib import suppress
from typing import IO

import structlog

log = structlog.get_logger(__name__)
MOST_KEPT = 2000
LENGTH = struct.Struct("<I")


class PlainVoice:
    """One synthesiser, started when it is first needed and again when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._kept: OrderedDict[tuple[str, bool], bytes] = OrderedDict()

    def sound(self, text: str, *, slow: bool = False) -> bytes:
        """PCM of 8 kHz; empty when it cannot be said."""
        key = (text, slow)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._said(text, slow=slow)
                if len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]

    def close(self) -> None:
        """Let the synthesiser end."""
        with self._lock:
            self._end()

    def _said(self, text: str, *, slow: bool) -> bytes:
        for _ in range(2):  # it may have died since the last time
            try:
                return self._ask(text, slow=slow)
            except (OSError, EOFError):
                self._end()
        log.error("plain_voice_silent")
        return b""

    def _ask(self, text: str, *, slow: bool) -> bytes:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "ivr.voice.plain_process"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        asked, answered = self._process.stdin, self._process.stdout
        if asked is None or answered is None:
            raise EOFError
        asked.write(json.dumps({"text": text, "slow": slow}).encode() + b"\n")
        asked.flush()
        length = LENGTH.unpack(_exactly(answered, LENGTH.size))[0]
        return _exactly(answered, length)

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        self._process = None


def _exactly(stream: IO[bytes], count: int) -> bytes:
    found = stream.read(count)
    if len(found) != count:
        raise EOFError
    return bytes(found)
