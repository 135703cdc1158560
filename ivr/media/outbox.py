"""What is to be said, cut to frames. Pure."""

from __future__ import annotations

from collections import deque

from ivr.media.transport import FRAME_BYTES, SILENCE, seconds_of


class Outbox:
    """Prompts in their order; silence between and after them."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[bytes, str]] = deque()
        self._offset = 0  # of what is out, in the first one

    @property
    def is_empty(self) -> bool:
        """Is there nothing left to say?"""
        return not self._waiting

    def add(self, pcm: bytes, mark: str = "") -> None:
        """Say this too. Nothing at all with a mark: the mark comes when it is its turn."""
        if pcm or mark:
            self._waiting.append((pcm or SILENCE, mark))

    def next_frame(self) -> tuple[bytes, str]:
        """The next 20 ms, and the mark that is reached with them (empty: none)."""
        if not self._waiting:
            return SILENCE, ""
        pcm, mark = self._waiting[0]
        frame = pcm[self._offset : self._offset + FRAME_BYTES]
        self._offset += FRAME_BYTES
        if self._offset < len(pcm):
            return frame, ""
        self._waiting.popleft()
        self._offset = 0
        return frame.ljust(FRAME_BYTES, b"\0"), mark

    def keep_newest(self, pieces: int) -> None:
        """Drop the oldest until so many pieces are left."""
        while len(self._waiting) > pieces:
            self._waiting.popleft()
            self._offset = 0

    def flush(self) -> float:
        """Drop it all; how many seconds were not out."""
        unheard = sum(seconds_of(pcm) for pcm, _ in self._waiting) - self._offset / 16000
        self._waiting.clear()
        self._offset = 0
        return max(unheard, 0.0)
