"""Jobs for the tests of the worker."""

from __future__ import annotations

import time
from pathlib import Path


def touch(path: str | int = "") -> None:
    """Leave a mark."""
    Path(str(path)).touch()


def slowly(begun: str, done: str) -> None:
    """Take a while."""
    Path(begun).touch()
    time.sleep(1.5)
    Path(done).touch()


def fail(number: str) -> None:
    """Fail with something in the message that no log may show."""
    raise RuntimeError(f"来电 {number} 处理失败")
