"""Beginning and end of speech, on sounds made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.media import wav
from ivr.media.endpoint import Endpointer, Turned
from ivr.media.transport import seconds_of
from ivr.media.vad import WebRtcVad, loudness
from tests.ivr.sounds import LoudnessVad, frames, mixed, noise, quiet, voice

AUDIO = Path(__file__).parents[1] / "audio"


def turns(
    pcm: bytes, *, we_speak: bool = False, silence: float = 0.7, ear: Endpointer | None = None
):
    """(what, after so many seconds) for every change."""
    ear = ear or Endpointer(WebRtcVad())
    ear.begin_turn(silence)
    found = []
    for number, frame in enumerate(frames(pcm), 1):
        turned = ear.hear(frame, we_speak=we_speak)
        if turned is not Turned.NOTHING:
            found.append((turned, number * 0.02))
    return found


def test_speech_begins_within_a_syllable_and_ends_after_the_silence():
    (began, at), (ended, until) = turns(quiet(1) + voice(1.5) + quiet(2))
    assert (began, ended) == (Turned.BEGAN, Turned.ENDED)
    assert 1.12 <= at <= 1.3
    assert 3.1 <= until <= 3.5  # the VAD hangs on for some frames


@pytest.mark.parametrize("silence", [0.5, 1.0, 1.2])
def test_a_pause_shorter_than_expected_ends_nothing(silence):
    pause = silence - 0.2
    found = turns(quiet(1) + voice(0.6) + quiet(pause) + voice(0.6) + quiet(3), silence=silence)
    assert [turned for turned, _ in found] == [Turned.BEGAN, Turned.ENDED]
    assert found[1][1] > 1 + 0.6 + pause + 0.6


def test_a_noisy_line_is_no_speech_and_hides_none():
    hiss = noise(8, level=0.01)
    assert turns(hiss) == []
    found = turns(mixed(hiss, quiet(3) + voice(1, level=0.3)))
    assert [turned for turned, _ in found] == [Turned.BEGAN, Turned.ENDED]


def test_a_soft_voice_on_a_noisy_line_is_heard_though_the_detector_takes_it_for_noise():
    """After some seconds of hiss the detector knows it so well that a soft voice is hiss too."""
    said = wav.read(AUDIO / "hospital-1-yunyang.wav")
    found = turns(mixed(noise(10, level=0.01), quiet(6) + said))
    assert [turned for turned, _ in found] == [Turned.BEGAN, Turned.ENDED]


def test_noise_that_comes_and_goes_with_the_voice_does_not_hold_the_turn_open():
    """Between clips the line is dead, so noise of -50 dB lies far over its floor."""
    said = mixed(noise(2.5, level=0.003), quiet(0.3) + voice(0.8) + quiet(1.4))
    (_, began), (ended, until), *_ = turns(quiet(2) + said + quiet(1))
    assert ended is Turned.ENDED
    assert began < 2.7
    assert until < 2 + 0.3 + 0.8 + 0.7 + 0.2  # the noise goes on until 4.5


def test_a_voice_that_grows_soft_goes_on():
    said = voice(0.6, level=0.3) + voice(0.9, level=0.06)  # 14 dB under its beginning
    (_, _), (_, until) = turns(quiet(1) + said + quiet(2))
    assert until > 1 + 1.5 + 0.6


def test_a_soft_voice_after_a_loud_one_is_heard():
    ear = Endpointer(WebRtcVad())
    turns(quiet(1) + voice(0.6, level=0.5) + quiet(1), ear=ear)
    assert turns(quiet(0.5) + voice(0.8, level=0.02) + quiet(1), ear=ear)[0][0] is Turned.BEGAN


def test_a_click_begins_nothing():
    assert turns(quiet(1) + voice(0.06) + quiet(1) + voice(0.08) + quiet(1)) == []


def test_while_we_speak_the_first_moment_is_ignored_and_more_is_asked_for():
    begins = {}
    for we_speak in (False, True):
        ear = Endpointer(LoudnessVad(-60))
        for frame in frames(quiet(0.5)):  # the line is known
            ear.idle(frame)
        begins[we_speak] = turns(voice(1.0), we_speak=we_speak, ear=ear)[0][1]
    assert begins == {False: pytest.approx(0.12), True: pytest.approx(0.2 + 0.24)}


def test_an_echo_of_ourselves_is_no_barge_in():
    """20 dB of echo loss: what comes back stays close to the floor this line has."""
    ear = Endpointer(LoudnessVad(-70))
    hum = noise(3, level=0.004)
    for frame in frames(hum):
        ear.idle(frame)
    echo = noise(2, level=0.010, seed=2)  # 8 dB over the floor
    assert turns(echo, we_speak=True, ear=ear) == []
    ear = Endpointer(LoudnessVad(-70))
    for frame in frames(hum):
        ear.idle(frame)
    assert turns(echo, ear=ear)[0][0] is Turned.BEGAN  # when we are silent it would be speech


def test_pre_roll_holds_the_beginning():
    ear = Endpointer(WebRtcVad())
    ear.begin_turn(0.7)
    sound = quiet(1) + voice(1)
    for frame in frames(sound):
        if ear.hear(frame, we_speak=False) is Turned.BEGAN:
            break
    assert seconds_of(ear.pre_roll) == pytest.approx(0.36)
    assert loudness(ear.pre_roll[:1600]) < -90  # from before the first sound
    assert ear.pre_roll.endswith(frame)


def test_the_floor_follows_the_line():
    ear = Endpointer(WebRtcVad())
    for frame in frames(noise(3, level=0.02)):
        ear.idle(frame)
    loud = ear.floor
    for frame in frames(noise(3, level=0.002)):
        ear.idle(frame)
    assert loud == pytest.approx(-35, abs=2)
    assert ear.floor == pytest.approx(-55, abs=2)
