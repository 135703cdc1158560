"""A call without a network, in virtual time: for tests and for trying out a dialogue.

The clock moves by 20 ms with every ``Audio``; nothing waits for a real one. The caller does what
a script says, step by step.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from ivr.media.line import Ending
from ivr.media.outbox import Outbox
from ivr.media.transport import (
    FRAME_BYTES,
    FRAME_SECONDS,
    SILENCE,
    Audio,
    CallInfo,
    Dtmf,
    Event,
    Hangup,
    Played,
    Reason,
)


@dataclass(frozen=True)
class Pause:
    """Be silent for so long."""

    seconds: float


@dataclass(frozen=True)
class Say:
    """Make these sounds (PCM)."""

    pcm: bytes


@dataclass(frozen=True)
class Press:
    """Press these keys at once."""

    digits: str


@dataclass(frozen=True)
class HearOut:
    """Wait until something is played and has ended."""


@dataclass(frozen=True)
class HangUp:
    """End the call."""


Deed = Pause | Say | Press | HearOut | HangUp


@dataclass
class MemoryTransport:
    """See ``Transport``. ``heard`` keeps what the caller heard, ``turns`` what was shown,
    ``ending`` how we left. After the script the caller is silent for ``patience`` seconds,
    then hangs up."""

    script: Iterable[Deed] = ()
    info: CallInfo = field(default_factory=lambda: CallInfo("00000000-0000-4000-8000-000000000000"))
    patience: float = 60.0
    now: float = 0.0
    began: float = 0.0
    heard: bytearray = field(default_factory=bytearray)
    turns: list[Mapping[str, Any]] = field(default_factory=list)
    ending: Ending | None = None

    def __post_init__(self) -> None:
        self._outbox = Outbox()
        self._deeds = chain(self.script, [Pause(self.patience)])
        self._deed: Deed | None = None
        self._left = 0.0
        self._sound = b""
        self._has_heard = False

    def play(self, pcm: bytes, mark: str = "") -> None:
        """See ``Transport``."""
        self._outbox.add(pcm, mark)

    def flush(self) -> float:
        """See ``Transport``."""
        return self._outbox.flush()

    def show(self, turn: Mapping[str, Any]) -> None:
        """See ``Transport``."""
        self.turns.append(turn)

    def tell(self, kind: str, **said: Any) -> None:
        """See ``Transport``."""

    def transfer(self, target: str = "") -> None:
        """See ``Transport``."""
        self.ending = self.ending or Ending(Reason.TRANSFERRED, target)

    def hangup(self, cause: str = "") -> None:
        """See ``Transport``."""
        self.ending = self.ending or Ending(Reason.ENDED, cause=cause)

    async def events(self) -> AsyncIterator[Event]:
        """See ``Transport``."""
        while self.ending is None:
            for event in self._next_20_ms():
                yield event
        yield Hangup(self.ending.reason, self.now)

    def _next_20_ms(self) -> list[Event]:
        self.now += FRAME_SECONDS
        was_playing = not self._outbox.is_empty
        frame, mark = self._outbox.next_frame()
        self.heard += frame
        found: list[Event] = [Dtmf(digit, self.now) for digit in self._act(was_playing)]
        sound, self._sound = self._sound[:FRAME_BYTES], self._sound[FRAME_BYTES:]
        found.append(Audio(sound.ljust(FRAME_BYTES, b"\0") if sound else SILENCE, self.now))
        if mark:
            found.append(Played(mark, self.now))
        return found

    def _act(self, was_playing: bool) -> str:
        """Go on with the script; the keys pressed now."""
        if not self._is_done(was_playing):
            return ""
        self._deed = next(self._deeds, HangUp())
        if isinstance(self._deed, Press):
            return self._deed.digits
        if isinstance(self._deed, Say):
            self._sound = self._deed.pcm
        elif isinstance(self._deed, Pause):
            self._left = self._deed.seconds
        elif isinstance(self._deed, HearOut):
            self._has_heard = was_playing
        elif isinstance(self._deed, HangUp):
            self.ending = self.ending or Ending(Reason.CALLER)
        return ""

    def _is_done(self, was_playing: bool) -> bool:
        if isinstance(self._deed, Pause):
            self._left -= FRAME_SECONDS
            return self._left <= 0
        if isinstance(self._deed, HearOut):
            self._has_heard = self._has_heard or was_playing
            return self._has_heard and not was_playing
        return not self._sound
