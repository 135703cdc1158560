"""Recognisers for tests: they hear what the test says, and keep what they were given."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.hearing import Expects, Heard


@dataclass
class Utterance:
    """One utterance; at a pause ``settles`` on it, if that is given."""

    heard: Heard
    settles: Heard | None = None
    sound: bytearray = field(default_factory=bytearray)
    cancelled: bool = False
    never: bool = False

    paused: int = 0
    settled: Heard | None = None

    def feed(self, pcm: bytes) -> None:
        """Keep it."""
        self.sound += pcm
        self.settled = None

    def pause(self) -> None:
        """Say what was heard."""
        self.paused += 1
        self.settled = self.settles

    async def finish(self) -> Heard:
        """The text."""
        if self.never:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return self.heard

    def cancel(self) -> None:
        """Remember it."""
        self.cancelled = True


class Scripted:
    """Hears these texts, one an utterance; then nothing."""

    def __init__(self, *utterances: str | Utterance) -> None:
        self._coming: Iterable[str | Utterance] = iter(utterances)
        self.utterances: list[Utterance] = []
        self.asked: list[Expects] = []

    def listen(self, expects: Expects) -> Utterance:
        """The next one."""
        self.asked.append(expects)
        coming = next(self._coming, "")
        made = coming if isinstance(coming, Utterance) else Utterance(Heard(coming))
        self.utterances.append(made)
        return made
