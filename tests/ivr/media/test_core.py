"""Frames on the wire, the outbox, the re-clocker, the schedule, the inbox: arithmetic."""

from __future__ import annotations

import asyncio
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.media import g711
from ivr.media.bounds import Bucket
from ivr.media.frames import AUDIO, AUDIO_HEADER, Frame, Garbled, Unpacker, packed
from ivr.media.inbox import MOST_AUDIO, MOST_KEYS, Inbox
from ivr.media.outbox import Outbox
from ivr.media.pacer import MOST_AT_ONCE, Schedule
from ivr.media.reclock import AHEAD_SECONDS, PATIENCE_SECONDS, Reclock
from ivr.media.resample import Resampler
from ivr.media.transport import SILENCE, Audio, Dtmf, Hangup, Reason
from ivr.media.vad import loudness
from tests.ivr.sounds import voice


def test_lengths_are_big_endian_and_audio_is_one_piece():
    assert packed(AUDIO, b"ab") == b"\x10\x00\x02ab"
    assert packed(AUDIO, bytes(320))[:3] == AUDIO_HEADER == b"\x10\x01\x40"


FRAMES = st.one_of(
    st.builds(Frame, st.just(AUDIO), st.binary(max_size=480).map(lambda b: b[: len(b) & ~1])),
    st.builds(Frame, st.just(0x03), st.sampled_from([b"1", b"#"])),
    st.builds(Frame, st.just(0x01), st.binary(min_size=16, max_size=16)),
)


@given(st.lists(FRAMES, max_size=20), st.randoms())
def test_frames_come_out_as_they_went_in_however_the_bytes_are_cut(frames, rng: random.Random):
    stream = b"".join(packed(frame.kind, frame.payload) for frame in frames)
    unpacker, found = Unpacker(), []
    while stream:
        cut = rng.randint(1, 700)
        found += unpacker.feed(stream[:cut])
        stream = stream[cut:]
    assert found == frames


@given(st.binary(max_size=400))
def test_garbage_is_garbled_or_waits_for_more(data):
    try:
        for frame in Unpacker().feed(data):
            assert frame.kind in {0, 1, 3, *range(0x10, 0x19), 0xFF}
    except Garbled:
        pass


@pytest.mark.parametrize(
    "header", [b"\x10\xff\xff", b"\x10\x00\x03", b"\x02\x00\x01", b"\x01\x00\x0f", b"\x03\x00\x02"]
)
def test_a_wrong_header_is_garbled_before_its_payload_comes(header):
    with pytest.raises(Garbled):
        list(Unpacker().feed(header))


@given(st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 9)), max_size=8), st.integers(0, 60))
def test_prompts_go_out_whole_in_order_or_are_counted_as_unheard(prompts, frames):
    outbox, expected = Outbox(), []
    for samples, mark in prompts:
        outbox.add(struct.pack("<h", mark) * samples, str(mark))
        pieces = -(-samples // 160)
        expected += [(mark, number == pieces - 1) for number in range(pieces)]
    out = [outbox.next_frame() for _ in range(frames)]
    for (frame, mark), (value, is_last) in zip(out, expected, strict=False):
        assert len(frame) == 320
        assert struct.unpack_from("<h", frame)[0] == value
        assert mark == (str(value) if is_last else "")
    assert all(one == (SILENCE, "") for one in out[len(expected) :])
    heard = sum(len(frame) // 2 for frame, _ in out[: len(expected)])
    total = sum(samples for samples, _ in prompts)
    assert outbox.flush() == pytest.approx(max(0, total - heard) / 8000, abs=len(prompts) * 0.02)
    assert outbox.is_empty
    assert outbox.flush() == 0


GAPS = st.lists(st.tuples(st.floats(0, 3), st.integers(0, 4000)), max_size=40)


@given(GAPS)
def test_time_passes_for_the_caller_as_for_us(arrivals):
    """However sound arrives: frames are whole, none is missing for long, none too many."""
    reclock, now, frames = Reclock(0.0), 0.0, 0
    for gap, samples in arrivals:
        now += gap
        got = [*reclock.take(bytes(samples * 2), now), *reclock.fill(now)]
        assert all(len(frame) == 320 for frame in got)
        frames += len(got)
        assert now - PATIENCE_SECONDS - 0.03 <= frames * 0.02 <= now + AHEAD_SECONDS + 0.05


def test_sound_that_keeps_time_passes_unchanged():
    sound = voice(2.0)
    reclock, out, now = Reclock(0.0), b"", 0.0
    for start in range(0, len(sound), 480):  # 30 ms pieces
        now += 0.03
        out += b"".join([*reclock.take(sound[start : start + 480], now), *reclock.fill(now)])
    assert sound.startswith(out)
    assert len(out) > len(sound) - 480


def test_a_held_key_is_silence():
    reclock = Reclock(0.0)
    list(reclock.take(bytes(320), 0.02))
    assert [frame for n in range(2, 15) for frame in reclock.fill(n * 0.02)] == [SILENCE] * 10


@given(st.lists(st.floats(0, 0.2), max_size=60))
def test_frames_go_out_on_absolute_deadlines_never_in_bursts(waits):
    schedule, now, slots = Schedule(0.0), 0.0, 0
    for wait in waits:
        now += wait
        sent, skipped = schedule.due(now)
        assert 0 <= sent <= MOST_AT_ONCE
        assert skipped == 0 or sent == MOST_AT_ONCE
        slots += sent + skipped
        assert slots * 0.02 <= now + 1e-6  # never ahead
        assert slots * 0.02 >= now - 0.02 - 1e-6  # and on the grid
        assert schedule.next_due > now


def test_nobody_fetching_costs_old_sound_but_no_key():
    inbox = Inbox()
    inbox.put(Dtmf("1", 0.0))
    for number in range(MOST_AUDIO + 100):
        inbox.put(Audio(SILENCE, float(number)))
    for _ in range(MOST_KEYS + 100):
        inbox.put(Dtmf("2", 1.0))
    inbox.put(Hangup(Reason.CALLER, 2.0))
    inbox.put(Dtmf("3", 3.0))

    async def read():
        return [event async for event in inbox.events()]

    events = asyncio.run(read())
    sound = [event.at for event in events if isinstance(event, Audio)]
    assert sound == [float(number) for number in range(100, MOST_AUDIO + 100)]
    assert len([event for event in events if isinstance(event, Dtmf)]) == MOST_KEYS
    assert events[0] == Dtmf("1", 0.0)
    assert events[-1] == Hangup(Reason.CALLER, 2.0)


def test_a_bucket_lets_bursts_pass_and_stops_floods():
    now = [0.0]
    bucket = Bucket(10.0, 40.0, lambda: now[0])
    assert sum(bucket.has_room() for _ in range(100)) == 40
    now[0] = 1.0
    assert sum(bucket.has_room() for _ in range(100)) == 10


# ITU-T G.711: bytes and the values they stand for (16-bit scale)
ALAW = {0xD5: 8, 0x55: -8, 0xAA: 32256, 0x2A: -32256, 0x80: 5504, 0xC5: 264}
MULAW = {0xFF: 0, 0x7F: 0, 0x80: 32124, 0x00: -32124, 0xEF: 132}


def test_g711_by_the_standard():
    for byte, value in ALAW.items():
        assert struct.unpack("<h", g711.from_alaw(bytes([byte])))[0] == value, hex(byte)
    for byte, value in MULAW.items():
        assert struct.unpack("<h", g711.from_mulaw(bytes([byte])))[0] == value, hex(byte)
    everything = bytes(range(256))
    assert g711.to_alaw(g711.from_alaw(everything)) == everything


@given(st.integers(-32768, 32767))
def test_alaw_is_within_half_a_step(value):
    again = struct.unpack("<h", g711.from_alaw(g711.to_alaw(struct.pack("<h", value))))[0]
    assert abs(again - value) <= max(8, abs(value) / 31)


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_other_rates_become_ours_in_pieces(rate):
    import numpy as np

    t = np.arange(rate) / rate
    tone = (np.sin(2 * np.pi * 440 * t) * 8000).astype("<i2").tobytes()
    stream = Resampler(rate)
    piece = rate // 50 * 2
    out = b"".join(stream.convert(tone[i : i + piece]) for i in range(0, len(tone), piece))
    assert len(out) / 2 == pytest.approx(8000, abs=80)
    assert loudness(out[1600:]) == pytest.approx(loudness(tone), abs=0.5)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(out, "<i2")[400:7400]))
    assert spectrum.argmax() * 8000 / 7000 == pytest.approx(440, abs=2)
