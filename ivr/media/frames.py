"""AudioSocket on the wire: kind (1 byte), length (2, big-endian), payload. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

END, IDENTITY, KEY, AUDIO, ERROR = 0x00, 0x01, 0x03, 0x10, 0xFF
# Sound at other rates, from Asterisk's channel driver.
RATES = {
    0x10: 8000, 0x11: 12000, 0x12: 16000, 0x13: 24000, 0x14: 32000,
    0x15: 44100, 0x16: 48000, 0x17: 96000, 0x18: 192000,
}  # fmt: skip
HEADER_BYTES = 3
LONGEST_SECONDS = 0.5


class Garbled(Exception):
    """These bytes are not AudioSocket."""


@dataclass(frozen=True)
class Frame:
    """One message."""

    kind: int
    payload: bytes = b""

    @property
    def uuid(self) -> UUID:
        """The identity it carries."""
        return UUID(bytes=self.payload)


def packed(kind: int, payload: bytes = b"") -> bytes:
    """Header and payload as one piece: sent apart, they end the call."""
    return bytes((kind,)) + len(payload).to_bytes(2, "big") + payload


AUDIO_HEADER = packed(AUDIO, bytes(320))[:HEADER_BYTES]


class Unpacker:
    """Bytes in any pieces to messages. Raises Garbled at the first that cannot be one."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The messages that are whole with these bytes."""
        self._rest += data
        start = 0
        try:
            while len(self._rest) - start >= HEADER_BYTES:
                kind = self._rest[start]
                length = int.from_bytes(self._rest[start + 1 : start + HEADER_BYTES], "big")
                _require_sound(kind, length)
                end = start + HEADER_BYTES + length
                if end > len(self._rest):
                    return
                payload = bytes(self._rest[start + HEADER_BYTES : end])
                start = end
                yield Frame(kind, payload)
        finally:
            del self._rest[:start]


def _require_sound(kind: int, length: int) -> None:
    """Judge by the header alone, so that nobody makes us wait for 64 KB of nonsense."""
    if kind in RATES:
        fits = length % 2 == 0 and length <= RATES[kind] * 2 * LONGEST_SECONDS
    elif kind == IDENTITY:
        fits = length == 16
    elif kind == KEY:
        fits = length == 1
    else:
        fits = kind in {END, ERROR} and length <= 64
    if not fits:
        raise Garbled(f"kind {kind:#04x} with {length} bytes")
