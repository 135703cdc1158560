"""A stand-in for Asterisk: what its dialplan does, by FastAGI and AudioSocket, and no more."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from uuid import UUID

from ivr.media.frames import AUDIO, END, IDENTITY, KEY, Unpacker, packed
from ivr.media.transport import SILENCE


@dataclass
class Asterisk:
    """One call. ``variables`` are the channel's, ``heard`` what the caller heard."""

    ports: dict[str, int]
    caller: str = "13800001111"
    called: str = "12320"
    variables: dict[str, str] = field(default_factory=dict)
    heard: bytearray = field(default_factory=bytearray)
    arrivals: list[float] = field(default_factory=list)
    ended_by_us: bool = False  # the voice line sent its end

    async def agi(
        self, script: str, *arguments: str, channel: str = "PJSIP/trunk-00000001"
    ) -> None:
        """AGI(agi://…/script,arguments) on a channel: sets variables as told."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports["agi"])
        env = {
            "agi_network": "yes",
            "agi_network_script": script,
            "agi_request": f"agi://127.0.0.1/{script}",
            "agi_channel": channel,
            "agi_callerid": self.caller,
            "agi_extension": self.called,
            "agi_uniqueid": f"1763600400.{int(channel[-8:], 16)}",
            **{f"agi_arg_{n}": text for n, text in enumerate(arguments, 1)},
        }
        writer.write("".join(f"{k}: {v}\n" for k, v in env.items()).encode() + b"\n")
        while line := (await reader.readline()).decode().strip():
            verb, what, name, *value = line.split(" ", 3)
            if (verb, what) == ("SET", "VARIABLE"):
                self.variables[name] = value[0].strip('"')
                writer.write(b"200 result=1\n")
            elif (verb, what) == ("GET", "VARIABLE"):
                found = self.variables.get(name)
                writer.write(f"200 result=1 ({found})\n".encode() if found else b"200 result=0\n")
        writer.close()
        await writer.wait_closed()

    async def media(self, *deeds: bytes | str | float | asyncio.Event) -> str:
        """TryExec(AudioSocket(…)): sound, keys ("5"), pauses; then listens to the end, or hangs
        up on "hangup", or the connection breaks on "break". The status for TRYSTATUS."""
        self.ended_by_us = False
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports["audiosocket"])
        writer.write(packed(IDENTITY, UUID(self.variables["IVR_UUID"]).bytes))
        listening = asyncio.ensure_future(self._listen(reader))
        for deed in deeds:
            await self._do(writer, deed)
        if "break" in deeds:
            now_or_never = struct.pack("ii", 1, 0)  # closed so, the connection is reset
            socket_of(writer).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now_or_never)
            writer.transport.abort()
        elif "hangup" in deeds:
            writer.write_eof()  # closed with sound unread, the connection would be reset
        await listening
        writer.close()
        return "SUCCESS" if self.ended_by_us else "FAILED"

    async def _do(
        self, writer: asyncio.StreamWriter, deed: bytes | str | float | asyncio.Event
    ) -> None:
        if isinstance(deed, asyncio.Event):
            await deed.wait()
            return
        if isinstance(deed, str):
            for key in deed if deed not in ("hangup", "break") else "":
                writer.write(packed(KEY, key.encode()))
            return
        sound = deed if isinstance(deed, bytes) else SILENCE * round(deed * 50)
        for start in range(0, len(sound), 320):
            if writer.is_closing():
                return
            writer.write(packed(AUDIO, sound[start : start + 320]))
            await asyncio.sleep(0.02)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        unpacker = Unpacker()
        try:
            while data := await reader.read(4096):
                for frame in unpacker.feed(data):
                    if frame.kind == AUDIO:
                        self.heard += frame.payload
                        self.arrivals.append(asyncio.get_running_loop().time())
                    self.ended_by_us |= frame.kind == END
        except ConnectionError:
            pass

    async def queue(self, script: str, channel: str) -> None:
        """A telephone of the queue: it is `ringing`, or `answered`."""
        await self.agi(script, self.variables["IVR_UUID"], channel, channel=channel)

    async def call(self, *deeds: bytes | str | float) -> str:
        """The whole dialplan of docs/asterisk; where the call goes on: queue, or hangup."""
        await self.agi("start")
        if self.variables.get("IVR_NEXT") != "queue":
            await self.agi("next", await self.media(*deeds))
        await self.agi("end", "16")
        return self.variables["IVR_NEXT"]


def socket_of(writer: asyncio.StreamWriter) -> socket.socket:
    """The socket below."""
    found: socket.socket = writer.get_extra_info("socket")
    return found
