"""Sounds and their numbers in model files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.speech.models import EMBEDDED_PATH
from ivr.training import features, phones
from ivr.training.features import mfcc


@pytest.mark.parametrize(
    ("syllable", "parts"),
    [
        ("shi4", ("sh", "iii")), ("zi", ("z", "ii")), ("yi1", ("i",)), ("yuan4", ("van",)),
        ("jue2", ("j", "ve")), ("nv3", ("n", "v")), ("you", ("iu",)), ("wei4", ("ui",)),
        ("wen", ("un",)), ("weng", ("ueng",)), ("yong", ("iong",)), ("bo1", ("b", "o")),
        ("wo3", ("uo",)), ("er2", ("er",)), ("liu4", ("l", "iu")), ("dui", ("d", "ui")),
    ],
)  # fmt: skip
def test_a_syllable_in_sounds(syllable: str, parts: tuple[str, ...]) -> None:
    assert phones.sounds(syllable) == parts


def test_what_is_no_syllable() -> None:
    for text in ("", "x", "CT", "hng"):
        with pytest.raises(ValueError, match="no syllable"):
            phones.sounds(text)


def test_sixty_sounds_make_237_phones() -> None:
    assert (len(phones.SOUNDS), phones.PHONES, phones.OUTPUTS) == (60, 237, 120)
    every = [phones.phone(0, "begin")]
    every += [phones.phone(sound, place) for sound in range(1, 60) for place in phones.PLACES]
    assert every == list(range(1, 238))
    assert [phones.sound_of(phone) for phone in (1, 2, 5, 6, 237)] == [0, 1, 1, 2, 59]
    assert phones.in_word([1, 2, 3]) == [2, 8, 11]
    assert phones.in_word([1]) == [5]


def test_the_embedded_model_counts_as_we_do() -> None:
    graph = Path(EMBEDDED_PATH) / "graph"
    assert (graph / "phones" / "word_boundary.int").read_text() == phones.word_boundaries()
    assert int((graph / "disambig_tid.int").read_text()) == phones.leaving(phones.PHONES) + 1
    assert (EMBEDDED_PATH / "conf" / "mfcc.conf").read_text() == features.CONF


def _sound() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    n = np.arange(2000)
    rising = 3000 * np.sin(2 * np.pi * (200 + 0.4 * n) * n / 8000)
    return np.round(rising + 1000 * np.sin(2 * np.pi * 1500 * n / 8000) + ((n * 7919) % 101) - 50)


def test_cepstra_are_kaldis() -> None:
    """The values are those of kaldi-native-fbank 1.22.4 for the same samples."""
    made = mfcc(_sound())
    assert made.shape == (23, 40)
    expected = {
        (0, 0): 83.3574, (0, 1): 5.8585, (0, 2): 27.4324, (0, 3): 39.5525, (0, 4): -13.1645,
        (11, 0): 78.3161, (11, 1): -39.7517, (11, 2): -86.2023, (11, 4): 83.3878,
        (22, 0): 70.5881, (22, 1): -58.8549, (22, 20): -1.2898, (22, 38): -1.1433, (22, 39): 2.9121,
    }  # fmt: skip
    for place, value in expected.items():
        assert made[place] == pytest.approx(value, abs=0.005)


def test_a_warp_moves_the_bands_but_not_their_ends() -> None:
    plain, longer = mfcc(_sound()), mfcc(_sound(), 1.1)
    assert plain.shape == longer.shape
    assert abs(plain - longer).max() > 1
    assert (mfcc(_sound(), 1.0) == plain).all()
    assert mfcc(_sound()[:199]).shape == (0, 40)
