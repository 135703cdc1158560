"""Where a reading is cut. The model itself needs the extra ``voice``, this does not."""

import numpy as np
import pytest

from ivr.voice import kokoro
from ivr.voice.kokoro import FRAME, RATE


def vowel(seconds, level=0.2):
    times = np.arange(round(seconds * RATE)) / RATE
    return level * np.sin(2 * np.pi * 180 * times)


def hiss(seconds, level=0.1):
    return np.random.default_rng(1).normal(0, level, round(seconds * RATE))


def nothing(seconds):
    return np.zeros(round(seconds * RATE))


def joined(*sounds):
    return np.concatenate(sounds).astype(np.float32)


def test_the_vowel_of_its_own_goes_and_the_hiss_that_begins_the_text_stays():
    sound = joined(nothing(0.4), vowel(0.15), hiss(0.12), vowel(0.3))
    due = round(0.66 * RATE)
    assert kokoro._begin(sound, due) / RATE == pytest.approx(0.55, abs=0.021)


def test_before_a_plosive_it_is_cut_where_the_mouth_is_shut():
    sound = joined(nothing(0.4), vowel(0.2), nothing(0.03), hiss(0.01), vowel(0.3))
    due = round(0.66 * RATE)
    assert 0.6 <= kokoro._begin(sound, due) / RATE <= 0.63


def test_the_texts_own_vowel_is_not_taken_for_that_of_the_voice():
    sound = joined(nothing(0.5), hiss(0.15), vowel(0.3))
    due = round(0.66 * RATE)
    assert kokoro._begin(sound, due) / RATE <= 0.5


def test_a_list_is_cut_where_it_is_quietest_near_the_stop():
    sound = joined(vowel(0.5), nothing(0.05), vowel(0.5))
    begin = round(0.57 * RATE)  # the durations are late by a frame
    assert kokoro._between(sound, begin, begin + FRAME) / RATE == pytest.approx(0.525, abs=0.02)
