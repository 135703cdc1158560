"""What has come on a connection, fetched when we want it: its transport does not read by itself.

One waking for all calls every 20 ms costs a third of one for each frame of each call.
"""

from __future__ import annotations

import asyncio
import os

MOST_BYTES = 16_384  # at once: a second of sound


def fetched(transport: asyncio.Transport) -> bytes | None:
    """Bytes; none of them when the other side has closed, None when nothing has come.

    Raises OSError when the connection is broken.
    """
    if transport.is_closing():  # the number of its file may be another's soon
        return None
    try:
        return os.read(transport.get_extra_info("socket").fileno(), MOST_BYTES)
    except BlockingIOError:
        return None
