"""A caller made of files, against a line of the test's own."""

from __future__ import annotations

import asyncio
import struct
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline import settings
from hotline.calls.turns import record_turn
from hotline.db import transaction
from ivr.caller import Answer, FileCaller, Hearing, Manner
from ivr.hearing import Digits, Expects, Keys, Speech
from ivr.media import g711, wav
from ivr.media.transport import SILENCE
from ivr.media.vad import loudness
from ivr.say_to import say_to
from ivr.turn import Turns
from tests.ivr.lines import Unwritten, voice_line
from tests.ivr.recognisers import Scripted
from tests.ivr.sounds import frames, noise, quiet, voice

PROMPT = noise(0.6, level=0.1)


def write_wav(path: Path, pcm: bytes, rate: int = 8000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return path


def a_law(pcm: bytes) -> bytes:
    data = g711.to_alaw(pcm)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 6, 1, 8000, 8000, 1, 8)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_files_of_all_kinds_become_what_a_call_carries(tmp_path):
    said = voice(1.0)
    assert wav.read(write_wav(tmp_path / "a.wav", said)) == said
    both = b"".join(said[i : i + 2] * 2 for i in range(0, len(said), 2))
    assert wav.read(write_wav(tmp_path / "b.wav", both, channels=2)) == said
    faster = wav.read(write_wav(tmp_path / "c.wav", both, rate=16000))
    assert len(faster) == pytest.approx(len(said), abs=20)
    assert loudness(faster) == pytest.approx(loudness(said), abs=1)
    (tmp_path / "d.wav").write_bytes(a_law(said))
    assert loudness(wav.read(tmp_path / "d.wav")) == pytest.approx(loudness(said), abs=0.1)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFFxxxxWAVEfmt ", b"ID3" * 500])
def test_what_is_no_wav_is_said_so(tmp_path, content):
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(ValueError, match="不是 WAV"):
        wav.read(tmp_path / "x.wav")


def test_eight_bits_are_not_guessed(tmp_path):
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(800))
    with pytest.raises(ValueError, match="16 位"):
        wav.read(tmp_path / "x.wav")


def test_what_a_caller_notices():
    hearing, now = Hearing(), 0.0
    for frame in frames(quiet(0.5) + PROMPT):
        now += 0.02
        hearing.hear(frame, now)
    assert hearing.first_sound == pytest.approx(0.52)
    assert not hearing.has_been_silent(0.5, now + 0.4)
    assert hearing.has_been_silent(0.5, now + 0.5)
    hearing.answered_at = now + 1
    assert not hearing.has_been_silent(0.5, now + 5)  # nothing heard since
    hearing.hear(SILENCE, now + 1.5)
    hearing.hear(PROMPT[:320], now + 1.8)
    assert hearing.waits == [pytest.approx(0.8)]


def dialogue(*texts: str):
    """Asks for a hospital and a date, writes its turns down, says good-bye."""

    async def converse(transport) -> None:
        turns = Turns(transport, Scripted(*texts))
        outcomes = [
            await turns.ask(Expects("hospital"), PROMPT),
            await turns.ask(Expects("date", keys=Keys(most=4, zero_first=True)), PROMPT),
        ]
        await asyncio.to_thread(write_down, transport.info.uuid, outcomes)
        assert await turns.say(PROMPT)
        transport.hangup("booked")

    return converse


def write_down(uuid: str, outcomes) -> None:
    with transaction() as session:
        for outcome in outcomes:
            heard = outcome.text if isinstance(outcome, Speech) else None
            slots = {"hospital": heard} if heard else {"date": "0105"}
            record_turn(session, uuid, expects="x", prompt="请说", heard=heard, slots=slots)
            assert heard or outcome == Digits("0105")


async def test_a_conversation_by_files():
    async def converse(transport) -> None:
        turns = Turns(transport, Scripted("鼓楼医院", "下周三"))
        for text in ("鼓楼医院", "下周三"):
            assert await turns.ask(Expects("x"), PROMPT) == Speech(text)
        transport.transfer("hotline")

    async with voice_line(converse, book=Unwritten()) as line:
        caller = FileCaller(
            "127.0.0.1",
            line.ports["agi"],
            line.ports["audiosocket"],
            "13800001111",
            [Answer("a", voice(0.8)), Answer("b", voice(0.8))],
            Manner(prompt_end=0.3, think=0.1),
        )
        await caller.call()
    assert (caller.given, caller.goes_on) == (2, "queue hotline")
    assert len(caller.hearing.waits) == 1
    assert 0.5 < caller.hearing.waits[0] < 3


@pytest.mark.usefixtures("committed", "redis")
async def test_the_command_shows_every_turn_and_the_outcome(tmp_path, monkeypatch):
    said = write_wav(tmp_path / "hospital.wav", voice(0.8))
    async with voice_line(dialogue("鼓楼医院")) as line:
        monkeypatch.setenv("HOTLINE_IVR_AGI_PORT", str(line.ports["agi"]))
        monkeypatch.setenv("HOTLINE_IVR_AUDIOSOCKET_PORT", str(line.ports["audiosocket"]))
        settings.current.cache_clear()
        given = ["--wav", str(said), "dtmf:0105", "--think", "0"]
        done = await asyncio.to_thread(CliRunner().invoke, say_to, given)
    assert done.exit_code == 0, done.output
    for expected in ("听到：鼓楼医院", "hospital=鼓楼医院", "date=0105", "结果：hangup", "帧间隔"):
        assert expected in done.output


@pytest.mark.parametrize(
    ("given", "sentence"),
    [(["--wav", "nowhere.wav"], "读不了 nowhere.wav"), (["--wav", "dtmf:x"], "按键只能是")],
)
def test_wrong_files_are_named(given, sentence):
    done = CliRunner().invoke(say_to, given)
    assert done.exit_code == 2
    assert sentence in done.output
