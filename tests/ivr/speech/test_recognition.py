"""Real sound through the real model."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ivr.hearing import Expects, Heard
from ivr.speech.decoder import Decoder
from ivr.speech.engine import Engine
from ivr.speech.models import EMBEDDED_PATH
from ivr.speech.utterance import LONGEST_SECONDS, RecognitionFailed, Utterance
from tests.ivr.speech.clips import Clip, clip, clips

COMMANDS = ("是", "不是", "对", "不对", "确认", "取消", "人工", "返回", "重复")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(EMBEDDED_PATH, threads=2)
    yield engine
    engine.close()


def _grammar(kind: str) -> tuple[str, ...]:
    others = {"command": COMMANDS, "department": ("内科", "外科", "骨科", "牙科", "儿科", "产科")}
    said = tuple(one.text for one in clips() if one.kind == kind)
    return tuple(dict.fromkeys(said + others.get(kind, ())))


async def _feed(utterance: Utterance, pcm: bytes, size: int = 320) -> Utterance:
    for start in range(0, len(pcm), size):
        utterance.feed(pcm[start : start + size])
        await asyncio.sleep(0)
    return utterance


@pytest.mark.parametrize("said", clips(), ids=lambda said: said.text)
async def test_each_clip_is_understood_within_its_grammar(engine: Engine, said: Clip) -> None:
    utterance = await _feed(engine.listen(Expects(said.kind, _grammar(said.kind))), said.pcm)
    found = await utterance.final()
    assert found.text == said.text
    assert found.alternatives[0].text == said.text
    assert found.confidence > 0.5
    assert found.foreign == 0
    spoken = len(said.pcm) / 16000
    assert all(0 <= word.start < word.end <= spoken for word in found.words)


async def test_free_speech(engine: Engine) -> None:
    heard = await (await _feed(engine.listen(Expects("free")), clip("南京鼓楼医院").pcm)).finish()
    assert heard.text == "南京鼓楼医院"
    assert heard.text not in heard.alternatives
    assert " " not in "".join(heard.alternatives)


async def _settled(utterance: Utterance) -> Heard:
    async with asyncio.timeout(30):
        while utterance.settled is None:
            await asyncio.sleep(0.001)
    return utterance.settled


async def test_in_a_pause_the_text_is_there_and_the_end_adds_nothing(engine: Engine) -> None:
    utterance = await _feed(engine.listen(Expects("free")), clip("南京鼓楼医院").pcm)
    assert utterance.settled is None
    utterance.pause()
    settled = await _settled(utterance)
    assert settled.text == "南京鼓楼医院"
    assert await utterance.finish() == settled


@pytest.mark.parametrize("hurries", [True, False], ids=["before it is there", "after it"])
async def test_who_speaks_on_is_decoded_as_if_there_had_been_no_pause(
    engine: Engine, *, hurries: bool
) -> None:
    said = clip("下周五下午").pcm
    whole = await (await _feed(engine.listen(Expects("free")), said)).final()
    utterance = engine.listen(Expects("free"))
    for start in range(0, len(said), 6402):
        utterance.feed(said[start : start + 6402])
        utterance.pause()
        if not hurries:
            await _settled(utterance)
    utterance.feed(b"")
    assert utterance.settled is None
    assert await utterance.final() == whole


async def test_what_was_not_listened_for_is_not_made_to_fit(engine: Engine) -> None:
    utterance = await _feed(engine.listen(Expects("yes", ("是", "不是"))), clip("呼吸内科").pcm)
    found = await utterance.final()
    assert found.text == ""
    assert found.foreign == 1


async def test_any_size_of_piece_gives_the_same(engine: Engine) -> None:
    said = clip("下周五下午")
    expects = Expects("date", _grammar("date"))
    sizes = (1, 7, 333, 320, 4800, len(said.pcm))
    results = [await (await _feed(engine.listen(expects), said.pcm, s)).final() for s in sizes]
    assert {found.text for found in results} == {"下周五下午"}
    assert len({tuple(word.start for word in found.words) for found in results}) == 1


@pytest.mark.parametrize("pcm", [b"", b"x", bytes(2), bytes(16000), b"\xff\x7f\x00\x80" * 4000])
async def test_no_speech_is_no_text(engine: Engine, pcm: bytes) -> None:
    utterance = engine.listen(Expects("command", COMMANDS))
    utterance.feed(pcm)
    assert (await utterance.final()).text == ""


async def test_noise_is_no_text(engine: Engine) -> None:
    noise = random.Random(1)
    pcm = b"".join(
        int(noise.gauss(0, 300)).to_bytes(2, "little", signed=True) for _ in range(24000)
    )
    utterance = await _feed(engine.listen(Expects("command", COMMANDS)), pcm)
    assert (await utterance.final()).text == ""


async def test_sound_without_end_is_cut(engine: Engine) -> None:
    said = clip("眼科")
    utterance = engine.listen(Expects("department", _grammar("department")))
    utterance.feed(said.pcm + bytes(LONGEST_SECONDS * 16000))
    utterance.feed(said.pcm)
    found = await utterance.final()
    assert (found.text, found.cut) == ("眼科", True)
    utterance.feed(said.pcm)
    assert await utterance.final() == found


async def test_many_at_once_do_not_mix(engine: Engine) -> None:
    said = clips() * 2
    utterances = [engine.listen(Expects(one.kind, _grammar(one.kind))) for one in said]
    await asyncio.gather(*(_feed(u, one.pcm) for u, one in zip(utterances, said, strict=True)))
    found = await asyncio.gather(*(utterance.final() for utterance in utterances))
    assert [one.text for one in found] == [one.text for one in said]


class _Watched(Decoder):
    """Notes when two threads meet in it; breaks when told."""

    breaks = False

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.busy = threading.Lock()

    def take(self, pcm: bytes) -> None:
        assert self.busy.acquire(blocking=False), "two threads in one recogniser"
        try:
            if self.breaks:
                raise OSError("broken")
            super().take(pcm)
        finally:
            self.busy.release()


def _watched(engine: Engine) -> tuple[Utterance, Callable[[], None]]:
    decoder = _Watched(engine._model)

    def breaks() -> None:
        decoder.breaks = True

    return Utterance(lambda: decoder, engine._threads), breaks


async def test_never_two_threads_in_one_recogniser(engine: Engine) -> None:
    utterance, _ = _watched(engine)
    pcm = clip("取消").pcm
    for start in range(0, len(pcm), 3200):
        utterance.feed(pcm[start : start + 3200])
        await asyncio.sleep(0.001)
    await utterance.final()


async def test_a_failure_ends_this_utterance_only(engine: Engine) -> None:
    utterance, breaks = _watched(engine)
    breaks()
    utterance.feed(clip("取消").pcm)
    with pytest.raises(RecognitionFailed):
        await utterance.final()
    utterance.feed(bytes(3200))
    again = await _feed(engine.listen(Expects("command", COMMANDS)), clip("取消").pcm)
    assert (await again.final()).text == "取消"


async def test_what_nobody_wants_stops(engine: Engine) -> None:
    utterance = await _feed(engine.listen(Expects("free")), clip("取消").pcm, 3200)
    utterance.cancel()
    utterance.cancel()
    utterance.feed(clip("眼科").pcm)
    assert (await utterance.finish()).text == ""


async def test_a_closed_engine_fails_kindly() -> None:
    engine = Engine(EMBEDDED_PATH, threads=1)
    utterance = engine.listen(Expects("free"))
    engine.close()
    utterance.feed(bytes(3200))
    with pytest.raises(RecognitionFailed):
        await utterance.final()


async def test_phrases_outside_the_vocabulary_leave_the_rest_heard(engine: Engine) -> None:
    made = engine.grammar(("眼科", "龘科", "CT室"))
    assert made.unsayable == ("CT室",)
    utterance = await _feed(engine.listen(Expects("d", ("眼科", "CT室", "骨科"))), clip("眼科").pcm)
    assert (await utterance.final()).text == "眼科"
    only = await _feed(engine.listen(Expects("d", ("CT室",))), clip("眼科").pcm)
    assert (await only.final()).text == "眼科", "with nothing to narrow to it listens freely"


async def test_a_model_that_takes_no_grammar_listens_freely(engine: Engine) -> None:
    engine.takes_grammars = False
    try:
        utterance = await _feed(engine.listen(Expects("yes", ("是",))), clip("呼吸内科").pcm)
        assert (await utterance.final()).text == "呼吸内科"
    finally:
        engine.takes_grammars = True
