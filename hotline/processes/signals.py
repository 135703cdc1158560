"""Being asked to stop: the first signal ends the work, the second hurries the end."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Self


class Stopped(BaseException):
    """Someone asked this process to stop (Ctrl-C, SIGTERM, the terminal closed)."""


class Signals:
    """Within this block the first signal raises Stopped; later ones set ``hurry``."""

    def __init__(self) -> None:
        self.stopping = False
        self.hurry = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def _hear(self, _: int, __: FrameType | None) -> None:
        if self.stopping:
            self.hurry = True
            return
        self.stopping = True
        raise Stopped
