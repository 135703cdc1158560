"""Start a program that ends when this process ends, and stop it again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")
LOG_BYTES = 20_000_000
Process = subprocess.Popen[bytes]


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
    dying: signal.Signals = signal.SIGTERM,
) -> Process:
    """Start ``command`` in a session of its own, so that Ctrl-C reaches only us.

    Its output is appended to ``log``, or goes where ours goes. ``dying`` is sent to it when
    this process dies. ``user`` is a uid to become (root only).
    """
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(  # noqa: S603 - our own programs
            _tethered(command, user, dying),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    finally:
        if output:
            output.close()


def run(
    command: Sequence[str | Path], *, cwd: Path, user: int | None = None, text: str = ""
) -> None:
    """Run a program to its end, ``text`` on its input. Raises CalledProcessError with output."""
    subprocess.run(  # noqa: S603 - our own programs
        _tethered(command, user, signal.SIGKILL),
        input=text.encode(),
        cwd=cwd,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _tethered(command: Sequence[str | Path], user: int | None, dying: signal.Signals) -> list[str]:
    tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), str(int(dying))]
    return [*tether, "-" if user is None else str(user), *map(str, command)]


def ended_within(process: Process, seconds: float) -> bool:
    """Whether the process has ended, waiting for it so long."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def trim(log: Path, limit: int = LOG_BYTES) -> None:
    """Move a log that has grown past ``limit`` bytes to ``.1``; writers append and go on."""
    try:
        if log.stat().st_size > limit:
            log.with_name(log.name + ".1").write_bytes(log.read_bytes())
            os.truncate(log, 0)
    except FileNotFoundError:
        pass


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log, to show why something failed."""
    try:
        return last_words(log.read_bytes()[-16000:], count)
    except OSError:
        return ""


def last_words(output: bytes, count: int = 5) -> str:
    """The last lines of what a program said. A traceback says at its end what matters."""
    lines = output.decode(errors="replace").strip().splitlines()[-count:]
    return "\n".join(f"    {line if len(line) < 400 else '…' + line[-400:]}" for line in lines)
