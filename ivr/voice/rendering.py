"""Renders what is missing from an archive. Each piece lies in a folder as soon as it is read:
whoever is stopped goes on from there, and the archive is replaced whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.voice import clips
from ivr.voice.clips import Clips
from ivr.voice.finish import finished
from ivr.voice.kokoro import RATE, Text
from ivr.voice.wanted import Piece

USUAL, SLOW = 0.9, 0.72  # speeds: most callers are old
DIGITS = 0.72  # a digit in a list is read quickly
# Syllables read all alone are not understood, so these are read as lists, and cut. Everything
# else is read by itself: in a list its ends would run into its neighbours.
IN_LISTS = frozenset({"数字", "日期", "时间", "时段和号别", "按键", "金额"})
BREATH = 60  # characters of a list
Sounds = list[NDArray[np.float32]]


class Reader(Protocol):
    """What reads aloud."""

    def read(self, texts: Sequence[Text], speed: float) -> Sounds:
        """The sound of each, 24 kHz."""
        ...


class Rendering:
    """An archive that is being made, and the folder of what has been read for it."""

    def __init__(self, target: Path, folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._kept = Clips([target])
        folder.mkdir(parents=True, exist_ok=True)

    def missing(self, wanted: Iterable[Piece]) -> list[Piece]:
        """Neither in the archive nor in the folder."""
        return [p for p in wanted if p.key not in self._kept and not self._path(p).exists()]

    def render(self, wanted: Sequence[Piece], reader: Reader, told: Callable[[int], None]) -> None:
        """Read what is missing; ``told`` hears how many pieces are done each time."""
        done = 0
        for breath in breaths(self.missing(wanted)):
            for piece, sound in zip(breath, _read(breath, reader), strict=True):
                self._keep(piece, finished(sound, RATE))
            done += len(breath)
            told(done)

    def pack(self, wanted: Iterable[Piece]) -> int:
        """Replace the archive by what there is of ``wanted``; how many pieces it has."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        return clips.write(self._target, self._files(wanted))

    def _files(self, wanted: Iterable[Piece]) -> Iterator[tuple[str, bytes]]:
        for piece in wanted:
            path = self._path(piece)
            file = clips.encoded(path.read_bytes()) if path.exists() else None
            file = file or self._kept.file(piece.key)
            if file is not None:
                yield piece.key, file

    def _keep(self, piece: Piece, pcm: bytes) -> None:
        path = self._path(piece)
        draft = path.with_suffix(".draft")
        draft.write_bytes(pcm)
        draft.replace(path)

    def _path(self, piece: Piece) -> Path:
        name = hashlib.sha256(f"{piece.key}{piece.stop}".encode()).hexdigest()[:24]
        return self._folder / f"{name}.pcm"


def speed(piece: Piece) -> float:
    """How fast it is read; 1 is as the voice was recorded."""
    usual = SLOW if piece.slow else USUAL
    return usual * DIGITS if len(piece.text) == 1 else usual


def breaths(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """What is read at once: a list of one kind, or one piece."""
    for (group, _), kind in groupby(pieces, lambda piece: (piece.group, speed(piece))):
        breath: list[Piece] = []
        for piece in kind:
            longest = BREATH if group in IN_LISTS else 0
            if breath and sum(len(each.text) for each in [*breath, piece]) > longest:
                yield breath
                breath = []
            breath.append(piece)
        yield breath


def _read(breath: list[Piece], reader: Reader) -> Sounds:
    """Their sounds. The first and the last syllable of a list sound like a beginning and an end:
    single ones have another before and behind them.
    """
    texts = [_text(piece) for piece in breath]
    if any(len(text.text) > 1 for text in texts):
        return reader.read(texts, speed(breath[0]))
    return reader.read([texts[0], *texts, texts[-1]], speed(breath[0]))[1:-1]


def _text(piece: Piece) -> Text:
    return Text(piece.text, "。" if piece.group in IN_LISTS else piece.stop, piece.person)
