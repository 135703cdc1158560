"""Questions asked of a scripted caller in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from ivr.hearing import (
    Digits,
    EndedBy,
    Expects,
    Heard,
    HungUp,
    Keys,
    NoInput,
    NoMatch,
    PersonWanted,
    Speech,
)
from ivr.media.memory import HangUp, HearOut, MemoryTransport, Pause, Press, Say
from ivr.media.transport import Reason, seconds_of
from ivr.turn import Turns
from tests.ivr.recognisers import Scripted, Utterance
from tests.ivr.sounds import noise, quiet, voice

PROMPT = noise(3.0, level=0.05)
HOSPITAL = Expects("hospital")


def ask(script, *questions: Expects, recogniser=None, prompt: bytes = PROMPT):
    """The outcomes, and the transport afterwards."""
    line = MemoryTransport(script)

    async def call():
        turns = Turns(line, recogniser)
        return [await turns.ask(expects, prompt) for expects in questions]

    return asyncio.run(call()), line


def test_what_is_said_after_the_prompt():
    hears = Scripted("鼓楼医院")
    said = voice(1.0)
    outcomes, line = ask([HearOut(), Pause(0.5), Say(said)], HOSPITAL, recogniser=hears)
    assert outcomes == [Speech("鼓楼医院")]
    assert said in bytes(hears.utterances[0].sound)  # from the first sample on
    assert line.heard[: len(PROMPT)] == PROMPT


def test_barging_in_stops_the_prompt_and_loses_nothing():
    hears = Scripted("心内科")
    said = voice(1.0)
    outcomes, line = ask([Pause(1.0), Say(said)], HOSPITAL, recogniser=hears)
    assert outcomes == [Speech("心内科", barged_in=True)]
    assert said in bytes(hears.utterances[0].sound)
    played = bytes(line.heard).rstrip(b"\0")
    assert 1.2 < seconds_of(played) < 1.5


def test_where_nobody_may_interrupt_the_prompt_is_heard_out():
    outcomes, line = ask(
        [Pause(1.0), Say(voice(0.8))], Expects("x", barge_in=False), recogniser=Scripted("喂")
    )
    assert outcomes == [NoInput()]
    assert line.heard[: len(PROMPT)] == PROMPT


def test_a_key_stops_prompt_and_speech():
    hears = Scripted("没听完")
    outcomes, line = ask([Pause(0.4), Press("2")], HOSPITAL, recogniser=hears)
    assert outcomes == [Digits("2")]
    assert seconds_of(bytes(line.heard).rstrip(b"\0")) < 0.5


def test_a_key_counts_more_than_what_was_just_said():
    utterance = Utterance(Heard("鼓楼"), never=True)  # the text is still awaited
    script = [HearOut(), Say(voice(0.8)), Pause(1.5), Press("3")]
    outcomes, _ = ask(script, HOSPITAL, recogniser=Scripted(utterance))
    assert outcomes == [Digits("3")]
    assert utterance.cancelled


def test_keys_pressed_ahead_answer_the_questions_that_follow():
    date = Expects("date", keys=Keys(most=4))
    outcomes, line = ask([Pause(0.1), Press("31225#")], HOSPITAL, date, Expects("confirm"))
    assert outcomes == [Digits("3"), Digits("1225"), Digits("", EndedBy.HASH)]
    assert line.now < 0.3  # no further prompt was played


def test_keys_pressed_ahead_are_forgotten_when_they_go_wrong():
    async def call():
        turns = Turns(MemoryTransport([Pause(0.1), Press("39")]))
        first = await turns.ask(HOSPITAL, PROMPT)
        turns.forget_keys()
        return first, await turns.ask(HOSPITAL, PROMPT)

    assert asyncio.run(call()) == (Digits("3"), NoInput())


def test_a_number_in_slow_pieces():
    mobile = Expects("mobile", keys=Keys(most=11))
    script = [HearOut(), Press("138"), Pause(2.5), Press("0000"), Pause(2.9), Press("1111")]
    assert ask(script, mobile)[0] == [Digits("13800001111")]


def test_silence_words_nobody_knows_nought_and_hanging_up():
    assert ask([HearOut(), Pause(60)], HOSPITAL, recogniser=Scripted())[0] == [NoInput()]
    mumbled = [HearOut(), Say(voice(0.8)), Pause(60)]
    assert ask(mumbled, HOSPITAL, recogniser=Scripted(""))[0] == [NoMatch()]
    assert ask([Pause(0.5), Press("0")], HOSPITAL)[0] == [PersonWanted()]
    assert ask([Pause(0.5), HangUp()], HOSPITAL, HOSPITAL)[0] == [HungUp(Reason.CALLER)] * 2


def test_without_a_recogniser_only_keys_count():
    outcomes, _ = ask([HearOut(), Say(voice(1.0)), Press("1")], HOSPITAL)
    assert outcomes == [Digits("1")]


def test_an_early_answer_saves_the_silence():
    def answered_at(whole) -> float:
        utterance = Utterance(Heard("人工"), settles=Heard("人工"))
        expects = Expects("x", silence=1.2, whole=whole)
        _, line = ask([HearOut(), Say(voice(0.8))], expects, recogniser=Scripted(utterance))
        return line.now

    assert answered_at(lambda heard: heard.text == "人工") < answered_at(None) - 0.6


def test_who_speaks_on_after_a_pause_is_heard_to_the_end():
    utterance = Utterance(Heard("鼓楼医院"), settles=Heard("鼓楼"))
    said = [HearOut(), Say(voice(0.8)), Pause(0.6), Say(voice(0.8)), Pause(3)]
    expects = Expects("x", silence=0.7, whole=lambda heard: heard.text == "鼓楼医院")
    outcomes, _ = ask(said, expects, recogniser=Scripted(utterance))
    assert outcomes[0].text == "鼓楼医院"
    assert utterance.paused == 2
    assert len(utterance.sound) / 16000 > 0.8 + 0.6 + 0.8, "the pause is part of what was said"


def test_a_recogniser_that_fails_is_no_match():
    class Broken(Utterance):
        async def finish(self) -> Heard:
            raise RuntimeError("鼓楼")

    script = [HearOut(), Say(voice(0.8)), Pause(60)]
    outcomes, _ = ask(script, HOSPITAL, recogniser=Scripted(Broken(Heard())))
    assert outcomes == [NoMatch()]


def test_hanging_up_while_the_text_is_awaited():
    utterance = Utterance(Heard("鼓楼"), never=True)
    script = [HearOut(), Say(voice(0.8)), Pause(2.0), HangUp()]
    outcomes, _ = ask(script, HOSPITAL, recogniser=Scripted(utterance))
    assert outcomes == [HungUp(Reason.CALLER)]
    assert utterance.cancelled


@pytest.mark.parametrize(
    ("script", "whole"), [([Pause(60)], True), ([Pause(0.5), Press("1")], False)]
)
def test_saying_something(script, whole):
    async def call():
        line = MemoryTransport(script)
        turns = Turns(line)
        assert await turns.say(PROMPT)
        kept = await turns.ask(HOSPITAL, quiet(0.2)) if not whole else None
        return line, kept

    line, kept = asyncio.run(call())
    assert (bytes(line.heard)[: len(PROMPT)] == PROMPT) is whole
    assert kept == (None if whole else Digits("1"))


def test_nothing_is_said_to_who_is_gone():
    async def call():
        turns = Turns(MemoryTransport([HangUp()]))
        return [await turns.say(PROMPT), await turns.say(PROMPT)]

    assert asyncio.run(call()) == [False, False]
