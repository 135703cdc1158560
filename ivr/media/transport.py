"""A call as the dialogue sees it: the same for every door.

Sound is PCM, signed 16 bits little-endian, mono, 8,000 samples a second. A frame is 20 ms:
160 samples, 320 bytes. Instants (``at``) are seconds of the transport's own clock, which never
goes backwards; only differences mean anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

RATE = 8000
FRAME_SECONDS = 0.02
FRAME_BYTES = 320
SILENCE = bytes(FRAME_BYTES)


def seconds_of(pcm: bytes) -> float:
    """How long some PCM lasts."""
    return len(pcm) / 2 / RATE


@dataclass(frozen=True)
class CallInfo:
    """Who calls. ``uuid`` is the call's uid in the records too; numbers as the PBX wrote them,
    None when withheld; ``pbx_uid`` is what the PBX itself calls this call."""

    uuid: str
    caller: str | None = None
    called: str | None = None
    pbx_uid: str | None = None


class Reason(StrEnum):
    """Why a call left us."""

    CALLER = "caller"  # hung up
    TRANSFERRED = "transferred"  # by us, to a person
    ENDED = "ended"  # by us
    FAULT = "fault"  # the other side broke the protocol or reported an error
    LOST = "lost"  # the connection broke or went silent


@dataclass(frozen=True)
class Audio:
    """What the caller said during 20 ms; silence where nothing came."""

    pcm: bytes
    at: float


@dataclass(frozen=True)
class Dtmf:
    """One key: 0-9, *, #, A-D."""

    digit: str
    at: float


@dataclass(frozen=True)
class Played:
    """The last frame of what was played under this mark has gone out."""

    mark: str
    at: float


@dataclass(frozen=True)
class Hangup:
    """The call is over; nothing follows."""

    reason: Reason
    at: float


Event = Audio | Dtmf | Played | Hangup


class Transport(Protocol):
    """One call. Nothing here waits but the events."""

    @property
    def info(self) -> CallInfo:
        """Who calls."""

    @property
    def now(self) -> float:
        """The clock that ``at`` is read from, in seconds."""

    @property
    def began(self) -> float:
        """When the call came to us, by the same clock: a recording begins there."""

    def events(self) -> AsyncIterator[Event]:
        """What happens, in order, to one reader: an ``Audio`` every 20 ms without exception, so
        that time passes; at the end one ``Hangup``. Audio nobody fetches for ten seconds is
        dropped, keys and marks are not."""

    def play(self, pcm: bytes, mark: str = "") -> None:
        """Say this after what is already waiting; ``Played(mark)`` follows when it is out,
        unless the mark is empty or the sound is flushed. Any length; padded to frames."""

    def flush(self) -> float:
        """Drop what is not out yet, marks included; how many seconds of it were unheard."""

    def show(self, turn: Mapping[str, Any]) -> None:
        """Give one turn to the screen at the other end, if it has one (the browser's)."""

    def tell(self, kind: str, **said: Any) -> None:
        """Tell that screen how the call stands: ``asking`` with the ``prompt`` being said."""

    def transfer(self, target: str = "") -> None:
        """Hand the caller to a queue (its PBX name; empty: the site's default). What is not out
        yet is dropped: wait for ``Played`` first. Store what is to be kept before."""

    def hangup(self, cause: str = "") -> None:
        """End the call; as for ``transfer``. ``cause`` goes on record."""
