"""What one address or one connection may take of us. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

MOST_STRANGERS = 32


class Bucket:
    """Drips ``a_second`` and holds ``most``: what comes faster for long does not fit."""

    def __init__(
        self, a_second: float, most: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_second, self._most, self._clock = a_second, most, clock
        self._level, self._at = 0.0, clock()

    def has_room(self) -> bool:
        """Put one in, if it fits."""
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._at) * self._a_second)
        self._at = now
        if self._level + 1 > self._most:
            return False
        self._level += 1
        return True


class Stranger(Protocol):
    """A connection that has not said which call it is."""

    address: str

    def refuse(self, why: str) -> None:
        """Close it."""


class Strangers:
    """Connections without an identity. Real ones are strangers for milliseconds, so when there
    are too many from one address the oldest goes, and a real one always finds room."""

    def __init__(self, most: int = MOST_STRANGERS) -> None:
        self._most = most
        self._by_address: dict[str, list[Stranger]] = {}

    def add(self, stranger: Stranger) -> None:
        """One more."""
        waiting = self._by_address.setdefault(stranger.address, [])
        waiting.append(stranger)
        if len(waiting) > self._most:
            waiting[0].refuse("too_many_strangers")

    def remove(self, stranger: Stranger) -> None:
        """It has named itself, or is gone."""
        waiting = self._by_address.get(stranger.address, [])
        if stranger in waiting:
            waiting.remove(stranger)
        if not waiting:
            self._by_address.pop(stranger.address, None)
