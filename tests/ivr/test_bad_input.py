"""Whatever comes to a door: that connection is closed, and a call beside it goes on unharmed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ivr.hearing import Digits, Expects
from ivr.media import audiosocket, websocket
from ivr.media.frames import AUDIO, IDENTITY, KEY, packed
from ivr.turn import Turns
from tests.ivr.asterisk import Asterisk
from tests.ivr.lines import Unwritten, voice_line


async def wait_for_one(transport) -> None:
    """Stay until 1 is pressed; other keys change nothing."""
    turns = Turns(transport)
    while turns.gone is None:
        if await turns.ask(Expects("x", no_input=60)) == Digits("1"):
            transport.hangup()


@asynccontextmanager
async def beside_a_call() -> AsyncIterator[dict[str, int]]:
    """A line with a call under way, which must end as its caller wants."""
    async with voice_line(wait_for_one, book=Unwritten()) as line:
        neighbour = Asterisk(line.ports)
        await neighbour.agi("start")
        talking = asyncio.ensure_future(neighbour.media())
        while line.admission.inside < 1:
            await asyncio.sleep(0.01)
        yield line.ports
        async with asyncio.timeout(5):
            while line.admission.inside > 1:
                await asyncio.sleep(0.01)
        assert line.admission.inside == 1
        heard = len(neighbour.heard)
        while len(neighbour.heard) < heard + 960:
            await asyncio.sleep(0.01)
        line._lines[neighbour.variables["IVR_UUID"]].pressed("1")
        assert await talking == "SUCCESS"


async def closed(reader: asyncio.StreamReader, seconds: float = 5.0) -> bytes:
    """What came until the other side closed."""
    async with asyncio.timeout(seconds):
        try:
            return await reader.read(-1)
        except ConnectionError:
            return b""


async def ticket(ports: dict[str, int]) -> bytes:
    """The first frame of a call that was announced."""
    pbx = Asterisk(ports)
    await pbx.agi("start")
    return packed(IDENTITY, UUID(pbx.variables["IVR_UUID"]).bytes)


STRANGE = {
    "garbage": os.urandom(5000),
    "a web browser": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown uuid": packed(IDENTITY, uuid4().bytes),
    "half a uuid": packed(IDENTITY, bytes(8)),
    "sound first": packed(AUDIO, bytes(320)),
}
WRONG = {
    "a wrong kind": b"\x77\x00\x00",
    "half a sample": packed(AUDIO, bytes(321)),
    "a frame of 64 KB": packed(AUDIO, bytes(65000)),
    "two keys in one": packed(KEY, b"12"),
    "no such key": packed(KEY, b"\x00"),
    "a second identity": packed(IDENTITY, bytes(16)),
    "a flood of empty frames": packed(AUDIO) * 5000,
}


@pytest.mark.parametrize("name", [*STRANGE, *WRONG])
async def test_nonsense_on_audiosocket(name):
    async with beside_a_call() as ports:
        sent = STRANGE.get(name) or await ticket(ports) + WRONG[name]
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["audiosocket"])
        writer.write(sent)
        await closed(reader)
        writer.close()


async def test_half_a_frame_and_then_silence(monkeypatch):
    monkeypatch.setattr(audiosocket, "IDENTITY_SECONDS", 0.2)
    async with beside_a_call() as ports:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["audiosocket"])
        writer.write(packed(IDENTITY, bytes(16))[:7])
        await closed(reader)
        writer.close()


async def test_half_a_frame_and_then_nothing_at_all():
    """The caller hung up in the middle of a frame."""
    async with beside_a_call() as ports:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["audiosocket"])
        writer.write(await ticket(ports) + packed(AUDIO, bytes(320))[:100])
        await reader.readexactly(323)
        writer.close()
        await closed(reader)


async def test_two_hundred_idle_sockets_and_a_call_still_gets_in():
    async with beside_a_call() as ports:
        opened = [
            await asyncio.open_connection("127.0.0.1", ports["audiosocket"]) for _ in range(200)
        ]
        pbx = Asterisk(ports)
        await pbx.agi("start")
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["audiosocket"])
        writer.write(packed(IDENTITY, UUID(pbx.variables["IVR_UUID"]).bytes))
        assert (await reader.readexactly(3)).hex() == "100140"
        writer.close()
        for idle, _ in opened:
            assert await closed(idle) == b""
        for _, idle in opened:
            idle.close()


async def test_one_who_takes_nothing_is_let_go():
    """Frames nobody reads pile up to a limit, not in memory without end."""
    async with voice_line(wait_for_one, book=Unwritten()) as line:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.ports["audiosocket"])
        writer.write(await ticket(line.ports))
        await reader.readexactly(323)
        (call,) = line._lines.values()
        out = call._wire._out
        out.get_write_buffer_size = lambda: audiosocket.UNREAD_BYTES + 1
        await closed(reader)
        writer.close()
        assert line.admission.inside == 0


TALKS = {
    "garbage": os.urandom(3000),
    "an endless line": b"agi_x: " + b"y" * 100_000,
    "lines without end": b"agi_x: y\n" * 1000,
    "no script": b"agi_request: agi://x/\n\n",
    "an unknown script": b"agi_network_script: drop\n\n",
    "a caller that is no number": b'agi_network_script: start\nagi_callerid: \xff\x00"\n\nno\n',
    "a hang-up at once": b"agi_network_script: next\n\nHANGUP\nHANGUP\n",
}


@pytest.mark.parametrize("name", TALKS)
async def test_nonsense_on_fastagi(name):
    async with beside_a_call() as ports:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["agi"])
        writer.write(TALKS[name])
        writer.write_eof()
        await closed(reader)
        writer.close()


MESSAGES = {
    "sound before start": ([bytes(320)], 1002),
    "no JSON": (["{"], 1002),
    "no object": (["[" * 900], 1002),
    "keys before start": (['{"type": "dtmf", "digit": "1"}'], 1002),
    "a start that is no text": (['{"type": "start", "caller": {}}'], 1002),
    "a long text": (['"' + "x" * 2000 + '"'], 1009),
    "half a sample": (['{"type": "start"}', bytes(321)], 1002),
    "a frame of 64 KB": (['{"type": "start"}', bytes(65000)], 1009),
    "no such key": (['{"type": "start"}', '{"type": "dtmf", "digit": "x"}'], 1002),
    "a second start": (['{"type": "start"}', '{"type": "start"}'], 1002),
    "a flood of keys": (['{"type": "start"}', *['{"type": "dtmf", "digit": "2"}'] * 100], 1008),
    "a flood of frames": (['{"type": "start"}', *[bytes(2)] * 3000], 1008),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_nonsense_from_a_browser(name):
    messages, code = MESSAGES[name]
    async with beside_a_call() as ports:
        browser = await connect(f"ws://127.0.0.1:{ports['browser']}/call")
        try:
            for message in messages:
                await browser.send(message)
            async with asyncio.timeout(5):
                async for _ in browser:
                    pass
        except ConnectionClosed:
            pass
        assert browser.close_code == code
        await asyncio.sleep(0.05)


async def test_a_browser_that_says_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(websocket, "START_SECONDS", 0.1)
    async with beside_a_call() as ports:
        door = f"ws://127.0.0.1:{ports['browser']}/call"
        async with connect(door) as browser:
            assert [json.loads(message) async for message in browser] == []
