"""A voice line for tests: on free ports, with a conversation of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.admission import Admission
from ivr.gate import Gate
from ivr.media.line import Ending
from ivr.media.transport import CallInfo
from ivr.server import Converse, Doors, VoiceLine


class Unwritten:
    """A book in which nothing is kept; ``torn``, nothing can be written."""

    def __init__(self, *, torn: bool = False) -> None:
        self._torn = torn

    def began(self, info: CallInfo) -> None:
        """A call has come."""
        if self._torn:
            raise OSError(info.uuid)

    def entered(self, uuid: str) -> None:
        """We have answered."""

    def queued(self, uuid: str, queue: str) -> None:
        """It waits."""

    def left(self, uuid: str, ending: Ending) -> None:
        """We have done."""

    def handed_over(self, uuid: str, queue: str) -> None:
        """It waits for one of ours."""

    def gone(self, uuid: str, ending: Ending) -> None:
        """Nobody waits any more."""

    def ringing(self, uuid: str, agent: str, channel: str) -> None:
        """A telephone rings."""

    def answered(self, uuid: str, agent: str, channel: str) -> None:
        """Somebody has picked up."""

    def ended(self, uuid: str, cause: str, agent: str = "", spoke: float = 0.0) -> None:
        """It is over."""


@asynccontextmanager
async def voice_line(converse: Converse, most: int = 20, **options) -> AsyncIterator[VoiceLine]:
    """Open; closed again afterwards."""
    line = VoiceLine(converse, Admission(most), **{"gate": Gate(open_calls=True)} | options)
    await line.open(Doors(audiosocket=0, agi=0, browser=0))
    try:
        yield line
    finally:
        await line.close()
