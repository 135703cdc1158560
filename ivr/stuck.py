"""A process that is stuck is worse than one that is gone: its callers hear nothing, Asterisk waits
for it without end, and new callers wait with them. So it ends itself: the connections break, the
dialplan goes on to a person, and whoever started the process starts it again."""

from __future__ import annotations

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

STUCK_SECONDS = 15.0
LOOKS = 5  # as often in that time we show that we live


@asynccontextmanager
async def ends_itself(seconds: float = STUCK_SECONDS) -> AsyncIterator[None]:
    """Meanwhile, a loop that does nothing for so long ends the process: every thread's place is
    written to standard error, status 1. A thread of C watches, which needs nothing of Python."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    showing = asyncio.ensure_future(_show_life(seconds))
    try:
        yield
    finally:
        showing.cancel()
        faulthandler.cancel_dump_traceback_later()


async def _show_life(seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds / LOOKS)
        faulthandler.dump_traceback_later(seconds, exit=True)
