"""Who may come in by the browser's door: who shows a ticket that we gave just now."""

from __future__ import annotations

import time
from collections.abc import Callable

from hotline import voice_tickets
from hotline.voice_tickets import GOOD_SECONDS, Door, Ticket
from ivr.media.browser import DESK_PATH, Hello


class Gate:
    """Looks at tickets. ``open_calls``: whoever reaches the door may call without one, as in a
    demonstration; nobody speaks with a caller without one."""

    def __init__(
        self, *, open_calls: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._open_calls = open_calls
        self._clock = clock
        self._used: dict[str, float] = {}

    def admits(self, hello: Hello) -> Ticket | None:
        """The ticket that lets this one in, used from now on; None to be refused."""
        door = Door.DESK if hello.path == DESK_PATH else Door.CALL
        if hello.ticket is None:
            return Ticket(door, 0) if self._open_calls and door is Door.CALL else None
        ticket = voice_tickets.read(hello.ticket)
        if ticket is None or ticket.door is not door or not self._is_first(ticket.serial):
            return None
        return ticket

    def _is_first(self, serial: str) -> bool:
        now = self._clock()
        self._used = {known: at for known, at in self._used.items() if now - at <= GOOD_SECONDS + 1}
        is_first = serial not in self._used
        self._used[serial] = now
        return is_first
