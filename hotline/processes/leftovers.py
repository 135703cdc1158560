"""Servers that a killed `hotline up` left behind in a directory."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

WAIT_SECONDS = 15


def stop_leftovers(directory: Path, program: str) -> int:
    """Stop every ``program`` that still works in ``directory``; the count of those found.

    Only called by the holder of the data directory's lock, so they belong to nobody. They are
    told by their working directory and name, not by a pid file, whose number may by now be
    somebody else's.
    """
    found = list(_working_in(directory, program))
    for process in found:
        _signal(process, signal.SIGINT)
    _, alive = psutil.wait_procs(found, WAIT_SECONDS if found else 0)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, 5 if alive else 0)
    return len(found)


def _working_in(directory: Path, program: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.name() == program and Path(process.cwd()) == directory:
                parent = process.parent()
                if parent is None or parent.name() != program:  # the postmaster, not a backend
                    yield process
        except psutil.Error:
            continue


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
