"""Who may come in: as many calls as there is room for, and only those announced before.

AudioSocket knows no password: a UUID that was issued a few seconds ago, and is good once, is the
only proof there can be. What became of a call is kept until the PBX has asked. All of this is in
one process's memory: a PBX sends a call's media to where it asked for the UUID, and when that
process is gone the default is the queue.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid4

from ivr.media.line import Ending
from ivr.media.transport import CallInfo, Reason

KEEP_SECONDS = 3600.0


class Next(StrEnum):
    """What the PBX does after the voice line."""

    QUEUE = "queue"
    HANGUP = "hangup"


@dataclass(frozen=True)
class Way:
    """Where a call goes on. ``queue`` is empty for the site's default; ``is_told``: the records
    have it already."""

    next: Next = Next.QUEUE
    queue: str = ""
    is_told: bool = True


@dataclass
class _Known:
    info: CallInfo
    since: float
    is_in: bool = False
    way: Way | None = None


class Admission:
    """The gate of one process. ``most`` calls at once, tickets good for ``seconds``."""

    def __init__(
        self, most: int, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = most
        self.is_draining = False
        self._seconds = seconds
        self._clock = clock
        self._known: dict[str, _Known] = {}

    @property
    def inside(self) -> int:
        """Calls being served."""
        return sum(call.is_in for call in self._known.values())

    @property
    def has_room(self) -> bool:
        """Would another call be let in?"""
        return not self.is_draining and self._taken() < self.most

    def announce(
        self, caller: str | None, called: str | None, pbx_uid: str | None = None
    ) -> CallInfo | None:
        """A ticket for a call that is coming, or None when it must go to the queue."""
        self._forget()
        if not self.has_room:
            return None
        info = CallInfo(str(uuid4()), caller, called, pbx_uid)
        self._known[info.uuid] = _Known(info, self._clock())
        return info

    def enter(self, uuid: UUID) -> CallInfo | None:
        """Let the call with this ticket in; None for tickets unknown, used or too old."""
        call = self._known.get(str(uuid))
        if call is None or call.is_in or call.way or not self._is_fresh(call):
            return None
        call.is_in = True
        return call.info

    def leave(self, uuid: str, ending: Ending) -> None:
        """The call is over for us; remember where it goes."""
        call = self._known.get(uuid)
        if call is None:
            return
        call.is_in, call.since = False, self._clock()
        ended = ending.reason in {Reason.ENDED, Reason.CALLER}
        is_told = ending.reason is Reason.TRANSFERRED
        call.way = Way(Next.HANGUP) if ended else Way(Next.QUEUE, ending.target, is_told)

    def way_of(self, uuid: str) -> Way | None:
        """Where the call goes on; None when it was never here."""
        call = self._known.get(uuid)
        return call.way if call else None

    def withdraw(self, uuid: str) -> bool:
        """Take back a ticket that was not used; whether there was one."""
        call = self._known.get(uuid)
        if call is None or call.is_in or call.way is not None:
            return False
        del self._known[uuid]
        return True

    def _taken(self) -> int:
        return sum(
            call.is_in or (call.way is None and self._is_fresh(call))
            for call in self._known.values()
        )

    def _is_fresh(self, call: _Known) -> bool:
        return self._clock() - call.since <= self._seconds

    def _forget(self) -> None:
        now = self._clock()
        for uuid, call in list(self._known.items()):
            if not call.is_in and now - call.since > KEEP_SECONDS:
                del self._known[uuid]
