"""The voice line from its settings: doors open, heart beating, until somebody asks it to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import structlog
from redis import Redis

from hotline.errors import NotStarted
from hotline.processes.reasons import reason
from hotline.settings import Settings
from hotline.voice_line import Health
from ivr.admission import Admission
from ivr.gate import Gate
from ivr.media.line import Tap
from ivr.media.transport import CallInfo
from ivr.persons.office import Office
from ivr.recording import Recorder
from ivr.server import Converse, Doors, VoiceLine

log = structlog.get_logger(__name__)


def doors(site: Settings) -> Doors:
    """Where this site listens. Pages of its public address may call, and those of this host."""
    public = urlsplit(site.public_url or "")
    origins = (f"{public.scheme}://{public.netloc}",) if public.netloc else ()
    return Doors(
        site.ivr_host, site.ivr_audiosocket_port, site.ivr_agi_port, site.ivr_ws_port, origins
    )


async def serve(
    site: Settings,
    converse: Converse,
    health: Callable[[], Health],
    *,
    listen: Doors | None = None,
    opened: Callable[[VoiceLine], None] = lambda _: None,
    office: Office | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second one hurries the end. Raises NotStarted when a door
    is taken. With an ``office`` browsers' callers wait here for one of ours."""
    recorder = Recorder(site.data_dir.absolute() / "recordings") if site.recording_days else None
    line = VoiceLine(
        converse, Admission(site.ivr_calls), _tap(recorder), health,
        gate=Gate(open_calls=site.demo), office=office, pbx_stays=site.ivr_person == "desk",
    )  # fmt: skip
    stop, hurry = asyncio.Event(), asyncio.Event()
    _hear_signals(stop, hurry)
    await _open(line, site, listen)
    redis = Redis.from_url(site.redis, socket_timeout=5)
    beating = asyncio.gather(line.beat(redis), *([office.run(redis)] if office else []))
    opened(line)
    try:
        await stop.wait()
        await _drain(line, site.ivr_drain_seconds, hurry)
    finally:
        await line.close()
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        if recorder is not None:
            recorder.close()
    log.info("voice_line_stopped")


async def _open(line: VoiceLine, site: Settings, listen: Doors | None) -> None:
    try:
        await line.open(listen or doors(site))
    except OSError as error:
        raise NotStarted(
            f"语音线路不能监听 {site.ivr_host}：{reason(error)}。"
            "请停止占用端口的程序，或改 HOTLINE_IVR_*_PORT。"
        ) from None


def _tap(recorder: Recorder | None) -> Callable[[CallInfo], Tap | None]:
    return recorder.tap if recorder is not None else lambda _: None


async def _drain(line: VoiceLine, seconds: float, hurry: asyncio.Event) -> None:
    draining = asyncio.ensure_future(line.drain(seconds))
    hurried = asyncio.ensure_future(hurry.wait())
    await asyncio.wait({draining, hurried}, return_when=asyncio.FIRST_COMPLETED)
    if not draining.done():
        draining.cancel()
        with suppress(asyncio.CancelledError):
            await draining
        await line.drain(0)
    hurried.cancel()


def _hear_signals(stop: asyncio.Event, hurry: asyncio.Event) -> None:
    def hear() -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, hear)
