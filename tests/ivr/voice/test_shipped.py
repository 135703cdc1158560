"""The recordings that ship: complete, equally loud, and joined without gaps or clicks."""

from datetime import date, time

import numpy as np
import pytest

from hotline.booking.rules import ClinicKind, HalfDay
from ivr.dialogue import words
from ivr.dialogue.events import Prompt
from ivr.dialogue.facts import Offered
from ivr.dialogue.prompts import pieces
from ivr.media.transport import RATE, seconds_of
from ivr.voice import wanted
from ivr.voice.clips import MAIN, SHIPPED, SLOWLY, Clips
from ivr.voice.speaker import Speaker

RECORDED = Clips(SHIPPED)
ARCHIVES = {
    path: pieces for path, pieces in wanted.archives().items() if path == MAIN or path.exists()
}
PIECES = [piece for pieces in ARCHIVES.values() for piece in pieces]
COMMAND = "hotline ivr prompts build --shipped"
MOST_BYTES = 4_000_000
SLOT = Offered(
    1, 1, 1, "南京鼓楼医院", "心血管内科", None, None, ClinicKind.EXPERT, date(2026, 12, 3),
    HalfDay.MORNING, time(8, 30), "25.00",
)  # fmt: skip


class Mute:
    """A plain voice that must not be needed."""

    def sound(self, text, **_how):
        raise AssertionError(f"{text}: no recording; run {COMMAND}")

    def close(self):
        pass


@pytest.fixture
def speaker():
    return Speaker(RECORDED, Mute())


def samples(pcm):
    return np.frombuffer(pcm, "<i2").astype(float) / 32768


def level(pcm, seconds=0.02):
    """dB of every 20 ms."""
    size = round(RATE * seconds)
    heard = samples(pcm)
    frames = heard[: heard.size // size * size].reshape(-1, size)
    return 10 * np.log10(np.mean(frames**2, axis=1) + 1e-9)


@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem)
def test_every_piece_is_recorded(path):
    kept = Clips([path])
    lacking = [piece.key for piece in ARCHIVES[path] if piece.key not in kept]
    assert not lacking, f"{len(lacking)} texts have no recording: run {COMMAND} ({lacking[:5]})"


def test_the_archives_stay_small():
    assert sum(path.stat().st_size for path in SHIPPED if path.exists()) <= MOST_BYTES


def test_every_piece_is_speech_of_its_length_and_loudness():
    for piece in PIECES:
        sound = RECORDED.sound(piece.text, slow=piece.slow)
        syllables = len(piece.text)
        assert 0.06 * syllables < seconds_of(sound) < 1.0 + 0.6 * syllables, piece.key
        loudest = np.sort(level(sound))[-3:].mean()
        assert -26 < loudest < -6, piece.key
        assert np.abs(samples(sound)).max() < 0.98, piece.key


def test_pieces_neither_begin_nor_end_with_a_click():
    for piece in PIECES:
        sound = samples(RECORDED.sound(piece.text, slow=piece.slow))
        assert max(np.abs(sound[:3]).max(), np.abs(sound[-3:]).max()) < 0.01, piece.key


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize(
    "prompt",
    [
        Prompt("ask_confirm", {"chosen": SLOT}),
        Prompt("booked", {"number": "20261203-000127"}),
        Prompt("ask_offer.again", {"offers": (SLOT, SLOT)}),
    ],
)
def test_a_whole_sentence_has_no_gap_and_no_click(speaker, prompt, slow):
    said = speaker.speak(pieces(prompt), slow=slow)
    quiet = level(said) < -60
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet, [0]])))
    longest = max((edges[1::2] - edges[::2]) * 0.02, default=0)
    assert longest < (1.6 if slow else 0.95)
    assert np.abs(np.diff(samples(said))).max() < 0.75


@pytest.mark.skipif(not SLOWLY.exists(), reason="slow readings are not recorded yet")
def test_what_is_read_back_is_read_slowly_for_who_asked(speaker):
    day = words.day(date(2026, 12, 3))
    assert seconds_of(speaker.speak(day, slow=True)) > 1.15 * seconds_of(speaker.speak(day))
