"""Work that takes its time and waits for nobody: thinking and speaking, beside the event loop.

The loop sends a frame of every call each 20 ms: what holds it up for longer is heard by everybody.
What waits for the database has other threads (``asyncio.to_thread``), so that an outage leaves
nobody in silence.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TypeVar

T = TypeVar("T")
_THREADS = ThreadPoolExecutor(os.cpu_count() or 1, "aside")


async def aside(work: Callable[..., T], *given: object) -> T:
    """What ``work`` gives; the log knows whose it is there too."""
    call = partial(copy_context().run, work, *given)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, call)
