"""The voice line's heart-beat in Redis: pages and probes see how it does."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

import structlog
from redis import Redis, RedisError

from hotline import voice_line
from hotline.voice_line import Beat

log = structlog.get_logger(__name__)


async def beat(redis: Redis, how_it_does: Callable[[], Beat]) -> None:
    """Show that this process lives, until cancelled. Redis being away is no reason to stop."""
    process = f"{socket.gethostname()}-{os.getpid()}"
    try:
        while True:
            await asyncio.to_thread(_beat, redis, process, how_it_does())
            await asyncio.sleep(voice_line.BEAT_SECONDS)
    finally:
        try:
            voice_line.leave(redis, process)
        except RedisError:
            log.warning("beat_not_taken_back")


def _beat(redis: Redis, process: str, said: Beat) -> None:
    try:
        voice_line.beat(redis, process, said)
    except RedisError as error:
        log.warning("beat_waits_for_redis", error=type(error).__name__)
