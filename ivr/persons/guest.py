"""One caller between the dialogue and the end: waits with music, speaks with an agent, is on hold.

Nothing here waits for a database: ``Office`` says how the call stands.
"""

from __future__ import annotations

from enum import Enum, auto

from ivr.callbook import CALL_BACK
from ivr.media.line import Line
from ivr.media.transport import Audio, Dtmf, Played, Reason
from ivr.persons.music import music

CALL_BACK_KEY = "1"
ELSEWHERE, BY_CALLER = "elsewhere", "caller"  # why a page no longer speaks with the caller
EVERY_SECONDS = 30.0  # between two announcements
NEWS_AFTER_SECONDS = 10.0  # a better place is said at once, but not on top of the last one
PATIENCE_SECONDS = 3.0  # an agent's page that loads anew is back by then
_KEPT = "kept"


class Standing(Enum):
    """How a call stands in the records."""

    WAITING = auto()
    TALKING = auto()
    HELD = auto()


class Guest:
    """A caller in our hands. ``kept`` is what he hears who wants to be called back."""

    def __init__(self, line: Line, queue: str, kept: bytes = b"") -> None:
        self.line = line
        self.queue = queue
        self.since = line.now
        self.standing = Standing.WAITING
        self.place = 0  # 1 is the next
        self.announcement = b""
        self.agent: Line | None = None
        self.wants_call_back = False
        self._kept = kept
        self._due = 0.0
        self._said_at = -EVERY_SECONDS
        self._alone_since = line.now

    @property
    def can_be_called(self) -> bool:
        """Is there a number to call back?"""
        return bool(self._kept)

    @property
    def is_together(self) -> bool:
        """Do the two hear each other?"""
        return self.standing is Standing.TALKING and self.agent is not None

    @property
    def alone_for(self) -> float:
        """Seconds in which nobody's page was there, though an agent has answered."""
        is_alone = self.standing is not Standing.WAITING and self.agent is None
        return self.line.now - self._alone_since if is_alone else 0.0

    # From outside

    def stands(self, standing: Standing, agent: str = "") -> None:
        """What the records say; ``agent`` is how the caller hears of who answered."""
        if standing is self.standing:
            return
        self.standing, self._alone_since = standing, self.line.now
        if standing is Standing.WAITING and self.agent is not None:  # passed on to a colleague
            self.agent.hangup(ELSEWHERE)
        self.line.flush()
        self._tell(agent)

    def moved_to(self, place: int, announcement: bytes) -> None:
        """The caller's place in the queue, and the words for it."""
        if place == self.place:
            return
        self.place, self.announcement = place, announcement
        self._due = max(self.line.now, self._said_at + NEWS_AFTER_SECONDS)
        self._tell()

    def joined(self, agent: Line, name: str = "") -> None:
        """The agent's page is on the line; it takes the place of an earlier one."""
        before, self.agent = self.agent, agent
        if before is not None:
            before.hangup(ELSEWHERE)
        if self.standing is Standing.TALKING:
            self.line.flush()
        self._tell(name)

    def left(self, agent: Line) -> None:
        """That page is gone; the call is not."""
        if self.agent is agent:
            self.agent, self._alone_since = None, self.line.now

    def heard_from_agent(self, pcm: bytes) -> None:
        """What the agent says."""
        if self.is_together:
            self.line.pass_on(pcm)

    def _tell(self, agent: str = "") -> None:
        if self.standing is Standing.WAITING:
            self.line.tell("waiting", position=self.place, call_back=self.can_be_called)
        elif self.standing is Standing.HELD:
            self._tell_both("held")
        elif self.agent is not None:
            self._tell_both("talking", agent=agent)

    def _tell_both(self, news: str, **said: str) -> None:
        self.line.tell(news, **said)
        if self.agent is not None:
            self.agent.tell(news)

    # The call itself

    async def attend(self) -> None:
        """To the end."""
        async for event in self.line.events():
            if isinstance(event, Audio):
                self._hear(event)
            elif isinstance(event, Dtmf):
                self._key(event.digit)
            elif isinstance(event, Played) and event.mark == _KEPT:
                self.line.hangup(CALL_BACK)
        if self.agent is not None:
            ending = self.line.ending
            by_us = ending is not None and ending.reason is Reason.ENDED
            self.agent.hangup(ending.cause if ending and by_us else BY_CALLER)

    def _hear(self, event: Audio) -> None:
        if self.is_together and self.agent is not None:
            self.agent.pass_on(event.pcm)
        elif not self.wants_call_back:
            self._play_on(event.at)

    def _play_on(self, now: float) -> None:
        if self.standing is Standing.TALKING and now - self._alone_since < PATIENCE_SECONDS:
            return
        is_waiting = self.standing is Standing.WAITING
        if is_waiting and self.announcement and now >= self._due:
            self.line.flush()
            self.line.play(self.announcement)
            self._said_at, self._due = now, now + EVERY_SECONDS
        elif self.line.is_silent:
            self.line.play(music())

    def _key(self, digit: str) -> None:
        if self.standing is not Standing.WAITING or self.wants_call_back:
            return
        if digit == CALL_BACK_KEY and self.can_be_called:
            self.wants_call_back = True
            self.line.flush()
            self.line.play(self._kept, _KEPT)
        else:
            self._due = 0.0  # any other key: where am I?
