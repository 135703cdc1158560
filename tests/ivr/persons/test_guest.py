"""One caller who waits: music, place, call-back, an agent who comes and goes."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from ivr.callbook import CALL_BACK
from ivr.media.line import MOST_BEHIND, Ending, Line
from ivr.media.transport import FRAME_BYTES, SILENCE, CallInfo, Reason
from ivr.persons.guest import ELSEWHERE, Guest, Standing
from ivr.persons.music import music

PLACE, KEPT = b"\x01\x10" * 800, b"\x02\x20" * 320
VOICE = b"\x03\x30" * (FRAME_BYTES // 2)


class Clock:
    """Time, as a pacer gives it."""

    now = 0.0

    def join(self, call) -> None: ...

    def leave(self, call) -> None: ...


class Screen:
    """The other end of a line: what it heard and was told."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.news = []
        self.ending = None

    def send_frame(self, pcm) -> bool:
        self.heard += pcm
        return True

    def send_mark(self, mark) -> None: ...

    def send_flush(self) -> None: ...

    def send_turn(self, turn) -> None: ...

    def send_news(self, kind, said) -> None:
        self.news.append((kind, said))

    def close(self, ending) -> None:
        self.ending = ending


class Call:
    """A line in virtual time."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.screen = clock, Screen()
        self.line = Line(CallInfo("u"), self.screen, clock, lambda _: None, stays=True)


async def pass_time(seconds: float, *calls: Call, says: bytes = b"") -> None:
    for _ in range(round(seconds / 0.02)):
        calls[0].clock.now += 0.02
        for call in calls:
            if says:
                call.line.heard(says)
            if call.line.ending is None:
                call.line.tick(call.clock.now)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def waiting(clock: Clock, kept: bytes = KEPT) -> tuple[Call, Guest, asyncio.Task[None]]:
    call = Call(clock)
    guest = Guest(call.line, "hotline", kept)
    return call, guest, asyncio.ensure_future(guest.attend())


def is_in(sound: bytes, heard: bytearray) -> bool:
    return sound in bytes(heard)


async def test_music_until_something_is_to_be_said_then_music_again(clock):
    call, guest, attending = await waiting(clock)
    await pass_time(1, call)
    assert is_in(music()[:8000], call.screen.heard)
    guest.moved_to(2, PLACE)
    await pass_time(1, call)
    assert is_in(PLACE, call.screen.heard)
    assert call.screen.news[-1] == ("waiting", {"position": 2, "call_back": True})
    before = len(call.screen.heard)
    await pass_time(29, call)
    assert PLACE not in bytes(call.screen.heard[before:])
    await pass_time(2, call)
    assert PLACE in bytes(call.screen.heard[before:])
    attending.cancel()


async def test_a_better_place_does_not_follow_on_the_heels_of_the_last(clock):
    call, guest, attending = await waiting(clock)
    guest.moved_to(3, PLACE)
    await pass_time(1, call)
    before = len(call.screen.heard)
    guest.moved_to(2, KEPT)
    await pass_time(8, call)
    assert KEPT not in bytes(call.screen.heard[before:])
    await pass_time(3, call)
    assert KEPT in bytes(call.screen.heard[before:])
    attending.cancel()


async def test_one_is_called_back_for_a_key(clock):
    call, guest, attending = await waiting(clock)
    call.line.pressed("1")
    await pass_time(1, call)
    assert is_in(KEPT, call.screen.heard)
    assert call.screen.ending == Ending(Reason.ENDED, cause=CALL_BACK)
    assert guest.wants_call_back
    await asyncio.wait_for(attending, 1)


async def test_without_a_number_the_key_asks_for_the_place(clock):
    call, guest, attending = await waiting(clock, kept=b"")
    guest.moved_to(1, PLACE)
    await pass_time(1, call)
    before = len(call.screen.heard)
    call.line.pressed("1")
    await pass_time(0.5, call)
    assert PLACE in bytes(call.screen.heard[before:])
    assert call.screen.ending is None
    assert call.screen.news[-1][1]["call_back"] is False
    attending.cancel()


async def talking(clock: Clock):
    call, guest, attending = await waiting(clock)
    desk = Call(clock)
    guest.stands(Standing.TALKING)
    guest.joined(desk.line, "8001")
    return call, desk, guest, attending


async def test_the_two_hear_each_other_and_nothing_else(clock):
    call, desk, guest, attending = await talking(clock)
    assert call.screen.news[-1] == ("talking", {"agent": "8001"})
    await pass_time(0.5, call, desk)
    quiet = len(call.screen.heard)
    for _ in range(10):
        guest.heard_from_agent(VOICE)
        await pass_time(0.02, call, desk, says=VOICE[::-1])
    await pass_time(0.2, call, desk)
    assert bytes(call.screen.heard[:quiet]).count(VOICE) == 0
    assert bytes(call.screen.heard[quiet:]).count(VOICE) >= 9
    assert is_in(VOICE[::-1] * 5, desk.screen.heard)
    attending.cancel()


async def test_who_is_held_hears_music_and_is_not_heard(clock):
    call, desk, guest, attending = await talking(clock)
    guest.stands(Standing.HELD)
    before = len(call.screen.heard)
    for _ in range(50):
        guest.heard_from_agent(VOICE)
        await pass_time(0.02, call, desk, says=VOICE)
    assert VOICE not in bytes(call.screen.heard[before:])
    assert VOICE not in bytes(desk.screen.heard)
    assert music()[:8000] in bytes(call.screen.heard[before:])
    assert call.screen.news[-1] == ("held", {})
    attending.cancel()


async def test_a_page_that_loads_anew_is_missed_for_a_moment_only(clock):
    call, desk, guest, attending = await talking(clock)
    guest.left(desk.line)
    before = len(call.screen.heard)
    await pass_time(2.5, call)
    assert not np.any(np.frombuffer(bytes(call.screen.heard[before:]), "<i2"))
    await pass_time(2, call)
    assert music()[:8000] in bytes(call.screen.heard[before:])
    again = Call(clock)
    guest.joined(again.line)
    guest.heard_from_agent(VOICE)
    await pass_time(0.1, call, again)
    assert bytes(call.screen.heard[-5 * FRAME_BYTES :]).startswith(VOICE)
    attending.cancel()


async def test_a_second_page_takes_the_place_of_the_first(clock):
    _, desk, guest, attending = await talking(clock)
    second = Call(clock)
    guest.joined(second.line)
    assert desk.screen.ending == Ending(Reason.ENDED, cause=ELSEWHERE)
    guest.left(desk.line)
    assert guest.agent is second.line
    attending.cancel()


async def test_when_the_caller_is_gone_so_is_the_agents_line(clock):
    call, desk, _, attending = await talking(clock)
    call.line.end(Ending(Reason.CALLER))
    await asyncio.wait_for(attending, 1)
    assert desk.screen.ending == Ending(Reason.ENDED, cause="caller")


async def test_passed_on_to_a_colleague_one_hears_music_again(clock):
    call, desk, guest, attending = await talking(clock)
    guest.stands(Standing.WAITING)
    assert desk.screen.ending is not None
    await pass_time(1, call)
    assert is_in(music()[:8000], call.screen.heard)
    attending.cancel()


def test_what_has_fallen_behind_is_dropped(clock):
    call = Call(clock)
    for number in range(100):
        call.line.pass_on(number.to_bytes(2, "little") * (FRAME_BYTES // 2))
    call.line.tick(0.02)
    oldest = int.from_bytes(call.screen.heard[:2], "little")
    assert oldest == 100 - MOST_BEHIND


def test_the_music_is_quiet_and_has_no_seam():
    sound = np.frombuffer(music(), "<i2").astype(float) / 32768
    assert np.abs(sound).max() < 0.1
    assert np.sqrt((sound**2).mean()) > 0.005
    steps = np.abs(np.diff(np.concatenate([sound[-200:], sound[:200]])))
    assert steps[199] <= steps.max()
    assert steps.max() < 0.03
    assert SILENCE * 5 not in music()
