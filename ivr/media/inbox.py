"""Events on their way to the one who reads them. Whoever brings them never waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from ivr.media.transport import Audio, Dtmf, Event, Hangup

MOST_AUDIO = 500  # ten seconds
MOST_KEYS = 64


class Inbox:
    """A queue that forgets the oldest sound when nobody fetches it, and ends with a hang-up."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._audio = 0
        self._keys = 0
        self._waiting: asyncio.Future[None] | None = None
        self.is_closed = False

    def put(self, event: Event) -> None:
        """Add an event; after a hang-up nothing is added."""
        if self.is_closed or not self._has_room(event):
            return
        self._events.append(event)
        self.is_closed = isinstance(event, Hangup)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _has_room(self, event: Event) -> bool:
        if isinstance(event, Audio):
            self._audio += 1
            if self._audio > MOST_AUDIO:
                self._forget_oldest_audio()
        elif isinstance(event, Dtmf):
            if self._keys >= MOST_KEYS:
                return False
            self._keys += 1
        return True

    def _forget_oldest_audio(self) -> None:
        for index, event in enumerate(self._events):
            if isinstance(event, Audio):
                del self._events[index]
                self._audio -= 1
                return

    async def events(self) -> AsyncIterator[Event]:
        """All events, to the hang-up."""
        while True:
            while not self._events:
                self._waiting = asyncio.get_running_loop().create_future()
                await self._waiting
            event = self._events.popleft()
            if isinstance(event, Audio):
                self._audio -= 1
            elif isinstance(event, Dtmf):
                self._keys -= 1
            yield event
            if isinstance(event, Hangup):
                return
