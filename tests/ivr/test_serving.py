"""The process: from settings to doors, and an orderly end when asked."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from hotline import settings, voice_line
from hotline.errors import NotStarted
from hotline.voice_line import Health
from ivr.hearing import Expects
from ivr.server import Doors
from ivr.serving import doors, serve
from ivr.turn import Turns
from tests.ivr.asterisk import Asterisk

pytestmark = pytest.mark.usefixtures("committed", "redis")
ANY = Doors(audiosocket=0, agi=0, browser=0)


async def patient(transport) -> None:
    """Wait for a key."""
    await Turns(transport).ask(Expects("x", no_input=3600))


@pytest.fixture
def site():
    """As set, but with a long time to drain."""
    return settings.current().model_copy(update={"ivr_drain_seconds": 3600})


def running(site):
    """The serving task, and the line once it is open."""
    opened = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(
        serve(site, patient, lambda: Health.OK, listen=ANY, opened=opened.set_result)
    )
    return task, opened


async def test_asked_twice_it_hands_the_callers_over_at_once(site, redis):
    serving, opened = running(site)
    line = await opened
    pbx = Asterisk(line.ports)
    calling = asyncio.ensure_future(pbx.call())
    while line.admission.inside < 1 or voice_line.health(redis) is not Health.OK:
        await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGTERM)
    while not line.admission.is_draining:
        await asyncio.sleep(0.02)
    assert not serving.done()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await calling == "queue"
    await serving
    assert voice_line.health(redis) is Health.DOWN
    uuid = pbx.variables["IVR_UUID"]
    assert list((site.data_dir.absolute() / "recordings").rglob(f"{uuid}.rec"))


async def test_a_door_that_is_taken_is_named(site):
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        with pytest.raises(NotStarted, match="HOTLINE_IVR_"):
            await serve(site, patient, lambda: Health.OK, listen=Doors(agi=port))


def test_a_public_address_is_an_origin(site):
    public = site.model_copy(update={"public_url": "https://hotline.example.cn/x"})
    assert doors(public).origins == ("https://hotline.example.cn",)
    assert doors(site).origins == ()
