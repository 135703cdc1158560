"""A reading made ready: trimmed, equally loud, without clicks."""

import numpy as np
import pytest

from ivr.media.transport import RATE, seconds_of
from ivr.voice.finish import AFTER, BEFORE, PEAK, finished

READ_AT = 24_000


def reading(seconds, level=0.2, before=0.5, after=0.7, hertz=220):
    """A hum between silences."""
    times = np.arange(round(seconds * READ_AT)) / READ_AT
    hum = level * np.sin(2 * np.pi * hertz * times)
    ends = (np.zeros(round(length * READ_AT)) for length in (before, after))
    return np.concatenate([next(ends), hum, next(ends)]).astype(np.float32)


def samples(pcm):
    return np.frombuffer(pcm, "<i2").astype(float) / 32768


def loudness(pcm):
    inner = samples(pcm)[RATE // 10 : -RATE // 10]
    return 20 * np.log10(np.sqrt(np.mean(inner**2)))


def test_the_silence_around_it_goes_but_for_a_breath():
    said = seconds_of(finished(reading(0.8), READ_AT))
    assert said == pytest.approx(0.8 + BEFORE + AFTER, abs=0.03)


def test_a_soft_end_is_not_cut():
    sound = reading(0.8)
    fading = np.linspace(1, 0.03, round(0.3 * READ_AT), dtype=np.float32)
    end = round(1.3 * READ_AT)
    sound[end - fading.size : end] *= fading
    assert seconds_of(finished(sound, READ_AT)) > 0.8


def test_a_whisper_and_a_shout_come_out_alike():
    whisper, shout = (finished(reading(0.8, level), READ_AT) for level in (0.01, 0.9))
    assert loudness(whisper) == pytest.approx(loudness(shout), abs=0.5)
    assert loudness(shout) == pytest.approx(-20, abs=1)


def test_a_peak_is_never_clipped():
    sound = reading(0.8, 0.02)
    sound[READ_AT : READ_AT + 24] = 0.9
    assert np.abs(samples(finished(sound, READ_AT))).max() <= PEAK + 0.001


def test_it_begins_and_ends_at_nothing():
    said = samples(finished(reading(0.8, before=0, after=0), READ_AT))
    assert abs(said[0]) < 0.001
    assert abs(said[-1]) < 0.001


def test_what_the_telephone_does_not_carry_is_gone():
    assert np.abs(samples(finished(reading(0.8, hertz=220) + reading(0.8, 0.2, hertz=7000),
                                   READ_AT))).max() < 0.2  # fmt: skip


def test_silence_gives_nothing():
    assert finished(np.zeros(READ_AT, np.float32), READ_AT) == b""
