"""Sound that comes in any pieces, or not at all, made into one frame every 20 ms. Pure.

No sound arrives while a key is held (180 to 280 ms), nor from a telephone that sends no silence:
the gap is filled, so that time passes for whoever waits for the end of speech.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.media.transport import FRAME_BYTES, FRAME_SECONDS, SILENCE

PATIENCE_SECONDS = 0.06  # sound may be so late before silence takes its place
AHEAD_SECONDS = 1.0  # what was held up may come at once; more than this is no telephone


class Reclock:
    """One direction of one call, beginning at an instant."""

    def __init__(self, at: float) -> None:
        self._covered_until = at
        self._rest = bytearray()
        self.dropped_bytes = 0

    def take(self, pcm: bytes, now: float) -> Iterator[bytes]:
        """Sound that came in; the frames that are whole with it."""
        room = (now + AHEAD_SECONDS - self._covered_until) / FRAME_SECONDS * FRAME_BYTES
        keep = max(0, int(room) & ~1)
        self.dropped_bytes += max(0, len(pcm) - keep)
        self._rest += pcm[:keep]
        while len(self._rest) >= FRAME_BYTES:
            frame = bytes(self._rest[:FRAME_BYTES])
            del self._rest[:FRAME_BYTES]
            self._covered_until += FRAME_SECONDS
            yield frame

    def fill(self, now: float) -> Iterator[bytes]:
        """The frames in place of what should have come by now and did not."""
        while self._covered_until < now - PATIENCE_SECONDS - 1e-9:
            self._covered_until += FRAME_SECONDS
            frame = bytes(self._rest).ljust(FRAME_BYTES, b"\0") if self._rest else SILENCE
            self._rest.clear()
            yield frame
