"""A doorbell that many press at once: it rings once a moment, and always for the last of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)
Ring = Callable[[str], object]


class Doorbell:
    """Rings at once, then is quiet for a moment (seconds); what is pressed in the quiet rings
    together at its end, from a thread of its own. By the clock alone: a process that was forked
    off in a quiet moment rings again after it."""

    def __init__(self, ring: Ring, quiet: float) -> None:
        self.ring = ring
        self.quiet = quiet
        self.lock = threading.Lock()
        self.next_at: dict[str, float] = {}  # when a message rang last, or will

    def press(self, message: str) -> None:
        """Somebody has something to say. Errors of a ring at once are the presser's."""
        wait = self._wait(message)
        if wait == 0:
            self.ring(message)
        elif wait is not None:
            threading.Timer(wait, self._ring_later, [message]).start()

    def _ring_later(self, message: str) -> None:
        try:
            self.ring(message)
        except Exception:  # nobody waits for it, and whoever looks again by themselves will see
            log.warning("doorbell_failed", exc_info=True)

    def _wait(self, message: str) -> float | None:
        """Seconds until it is to ring, None when somebody's ring that is to come does for all."""
        with self.lock:
            at = time.monotonic()
            last = self.next_at.get(message, 0.0)
            if last > at:
                return None
            self.next_at[message] = max(at, last + self.quiet)
            return self.next_at[message] - at
