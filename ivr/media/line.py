"""The half of a call that all doors share: pacing out, re-clocking in, events, the recording."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.media.inbox import Inbox
from ivr.media.outbox import Outbox
from ivr.media.pacer import Pacer
from ivr.media.reclock import Reclock
from ivr.media.transport import SILENCE, Audio, CallInfo, Dtmf, Event, Hangup, Played, Reason

MOST_BEHIND = 10  # frames: 0.2 s
KEYS = frozenset("0123456789*#ABCD")


class Wire(Protocol):
    """What a door can say to the other end. Nothing waits."""

    def send_frame(self, pcm: bytes) -> bool:
        """20 ms of sound; False when the other end takes no more."""

    def send_mark(self, mark: str) -> None:
        """What was played under this mark is out."""

    def send_flush(self) -> None:
        """Drop what you have not played."""

    def send_turn(self, turn: Mapping[str, Any]) -> None:
        """Show this."""

    def send_news(self, kind: str, said: Mapping[str, Any]) -> None:
        """Show how the call stands: ``asking``, ``waiting``, ``talking``, ``held``."""

    def close(self, ending: Ending) -> None:
        """Say good-bye, as this door does, and close."""


class Tap(Protocol):
    """Hears both sides."""

    def heard(self, pcm: bytes) -> None:
        """A frame of the caller."""

    def said(self, pcm: bytes) -> None:
        """Our frames."""

    def close(self) -> None:
        """The call is over."""


@dataclass(frozen=True)
class Ending:
    """How a call left us: the PBX is told when it asks, the records too."""

    reason: Reason
    target: str = ""
    cause: str = ""


class Line:
    """A transport over a wire. ``on_end`` is called once, when the call is over. A call that
    ``stays`` is not ended by a transfer: it waits for one of ours, in the queue ``waits_in``."""

    def __init__(
        self,
        info: CallInfo,
        wire: Wire,
        pacer: Pacer,
        on_end: Callable[[Ending], None],
        *,
        stays: bool = False,
    ) -> None:
        self.info = info
        self.stays = stays
        self.waits_in: str | None = None
        self.goes_on = False  # a PBX takes the caller back when we cannot go on
        self.tap: Tap | None = None
        self.reads: Callable[[], None] | None = None  # how the door fetches what has come
        self.ending: Ending | None = None
        self.began = pacer.now
        self._wire = wire
        self._pacer = pacer
        self._on_end = on_end
        self._outbox = Outbox()
        self._inbox = Inbox()
        self._reclock = Reclock(pacer.now)
        self._listens = False

    @property
    def now(self) -> float:
        """The clock of the events."""
        return self._pacer.now

    def open(self) -> None:
        """Begin to send."""
        self.began = self.now
        self._pacer.join(self)

    # What the dialogue does

    def events(self) -> AsyncIterator[Event]:
        """See ``Transport``."""
        return self._inbox.events()

    def play(self, pcm: bytes, mark: str = "") -> None:
        """See ``Transport``."""
        self._outbox.add(pcm, mark)

    def flush(self) -> float:
        """See ``Transport``."""
        if self.ending is None and not self._outbox.is_empty:
            self._wire.send_flush()
        return self._outbox.flush()

    def show(self, turn: Mapping[str, Any]) -> None:
        """See ``Transport``."""
        if self.ending is None:
            self._wire.send_turn(turn)

    def tell(self, kind: str, **said: Any) -> None:
        """See ``Transport``."""
        if self.ending is None:
            self._wire.send_news(kind, said)

    def transfer(self, target: str = "") -> None:
        """See ``Transport``."""
        if not self.stays:
            self.end(Ending(Reason.TRANSFERRED, target))
        elif self.waits_in is None:
            self.waits_in = target

    def hangup(self, cause: str = "") -> None:
        """See ``Transport``."""
        self.end(Ending(Reason.ENDED, cause=cause))

    # Two people

    @property
    def is_silent(self) -> bool:
        """Is nothing left to say?"""
        return self._outbox.is_empty

    def pass_on(self, frame: bytes) -> None:
        """20 ms from somebody at another line; what has fallen behind is dropped."""
        self._outbox.add(frame)
        self._outbox.keep_newest(MOST_BEHIND)

    # What the door brings

    def heard(self, pcm: bytes) -> None:
        """Sound from the caller, in any length."""
        now = self.now
        for frame in self._reclock.take(pcm, now):
            self._hear(frame, now)

    def pressed(self, digit: str) -> None:
        """A key."""
        self._inbox.put(Dtmf(digit, self.now))

    def end(self, ending: Ending) -> None:
        """The call is over, whoever ended it. The first ending stands."""
        if self.ending is not None:
            return
        self.ending = ending
        self._pacer.leave(self)
        self._wire.close(ending)
        self._inbox.put(Hangup(ending.reason, self.now))
        if self.tap is not None:
            self.tap.close()
        self._on_end(ending)

    # What the pacer does

    def tick(self, now: float) -> None:
        """See ``Paced``."""
        # Every other time: two frames at once cost much less than one and one.
        self._listens = not self._listens
        if self._listens and self.reads is not None:
            self.reads()
            now = self.now
        if self.ending is not None:  # by what was read
            return
        frame, mark = self._outbox.next_frame()
        if not self._wire.send_frame(frame):
            self.end(Ending(Reason.LOST))
            return
        if self.tap is not None:
            self.tap.said(frame)
        if mark:
            self._wire.send_mark(mark)
            self._inbox.put(Played(mark, now))
        if self._listens:
            for silence in self._reclock.fill(now):
                self._hear(silence, now)

    def skip(self, frames: int) -> None:
        """See ``Paced``."""
        if self.tap is not None:
            self.tap.said(SILENCE * frames)

    def fail(self) -> None:
        """See ``Paced``."""
        self.end(Ending(Reason.FAULT))

    def _hear(self, frame: bytes, now: float) -> None:
        if self.tap is not None:
            self.tap.heard(frame)
        self._inbox.put(Audio(frame, now))
