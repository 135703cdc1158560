"""A process that does one of our jobs and dies at a line of it, so that a test can try them all.

``python -m tests.workorders.exchange.killed``: reads lines ``JOB PLATFORM LINE`` and forks; the
child runs the job and ends without a word when it comes to the LINE-th line of our code (0: runs
to its end and says how many lines there were). Answers ``died``, or ``lines N``.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

from hotline import db, settings
from hotline.clock import today
from workorders.exchange import jobs, reconciling_jobs

ROOT = Path(db.__file__).parents[1]
OURS = (
    str(ROOT / "workorders"),
    str(ROOT / "hotline" / "db.py"),
    str(ROOT / "hotline" / "queues.py"),
)
DIED = 9


class Fuse:
    """Counts lines of our code and ends the process at one of them."""

    def __init__(self, line: int) -> None:
        self.line, self.count = line, 0

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        """As ``sys.settrace`` wants it."""
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            self.count += 1
            if self.count == self.line:
                os._exit(DIED)
        return self.trace


def run(job: str, platform: str, line: int) -> int:
    """In a fork: do the job under a fuse."""
    fuse = Fuse(line)
    sys.settrace(fuse.trace)
    if job == "reconcile":
        reconciling_jobs.run(platform, str(today() - timedelta(days=1)))
    else:
        getattr(jobs, job)(platform)
    sys.settrace(None)
    return fuse.count


def main() -> None:
    """Serve until there is nothing more to do."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    _ = settings.current().secrets
    for request in sys.stdin:
        job, platform, line = request.split()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, str(run(job, platform, int(line))).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        said = os.read(reading, 20).decode()
        os.close(reading)
        died = os.waitstatus_to_exitcode(status) == DIED
        print("died" if died else f"lines {said or -1}", flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
