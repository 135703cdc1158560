"""Fetching what has come, on a real connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager

import pytest

from ivr.media.fetch import MOST_BYTES, fetched


@asynccontextmanager
async def ends():
    """(our transport, which does not read by itself, and the other side's socket)"""
    ours, theirs = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    transport.pause_reading()
    try:
        yield transport, theirs
    finally:
        transport.abort()
        theirs.close()
        await asyncio.sleep(0)


async def test_what_has_come_is_there_and_nothing_is_waited_for():
    async with ends() as (transport, theirs):
        assert fetched(transport) is None
        theirs.sendall(b"abc")
        theirs.sendall(b"d")
        assert (fetched(transport), fetched(transport)) == (b"abcd", None)


async def test_a_flood_is_taken_in_pieces():
    async with ends() as (transport, theirs):
        theirs.sendall(bytes(MOST_BYTES + 5))
        assert [len(fetched(transport) or b"") for _ in range(3)] == [MOST_BYTES, 5, 0]


async def test_the_other_side_closes():
    async with ends() as (transport, theirs):
        theirs.close()
        assert fetched(transport) == b""


async def test_after_the_end_nothing_is_read():
    async with ends() as (transport, theirs):
        theirs.sendall(b"late")
        transport.close()
        assert fetched(transport) is None


async def test_a_connection_that_breaks_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    transport.pause_reading()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()  # a reset
    with pytest.raises(ConnectionResetError):
        fetched(transport)
    transport.abort()
    await asyncio.sleep(0)
