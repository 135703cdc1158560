"""One recogniser for one utterance. Not for two threads at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ivr.speech.decoded import Decoded, decoded, stripped
from ivr.speech.vocabulary import Grammar

RATE = 8000
PIECE_BYTES = 3200  # 200 ms
READINGS = 10


class Decoder:
    """Takes sound, gives text. ``model`` is a ``vosk.Model``."""

    def __init__(self, model: Any, grammar: Grammar | None = None) -> None:
        import vosk

        narrowed = [grammar.text] if grammar else []
        self._recogniser = vosk.KaldiRecognizer(model, RATE, *narrowed)
        self._recogniser.SetWords(True)
        self._recogniser.SetMaxAlternatives(READINGS)
        self._phrases = grammar.phrases if grammar else frozenset()
        self._read = grammar.read if grammar else str
        self._segments: list[str] = []
        self._ended = ""  # the text of the segments that are over
        self._steady = ""
        self._partial = ""

    def take(self, pcm: bytes) -> None:
        """Decode 16-bit little-endian samples of 8 kHz, in pieces that keep the partial fresh."""
        for start in range(0, len(pcm), PIECE_BYTES):
            self._take(pcm[start : start + PIECE_BYTES])

    def _take(self, piece: bytes) -> None:
        if self._recogniser.AcceptWaveform(piece):
            self._segments.append(self._recogniser.Result())
            self._ended = decoded(self._segments, "", self._phrases).text
            self._partial = self._ended or self._partial
            return
        under_way = stripped(json.loads(self._recogniser.PartialResult())["partial"])
        now = self._ended + under_way
        if now and now == self._partial:
            self._steady = now
        # what was heard before is kept when a later guess is that nothing was said
        self._partial = now or self._partial

    def finish(self, *, cut: bool = False) -> Decoded:
        """No more sound comes. Should the end come out empty, a partial that stood for two
        pieces is kept; one that flickered was noise.
        """
        self._segments.append(self._recogniser.FinalResult())
        found = decoded(self._segments, self._steady, self._phrases, cut=cut)
        others = (replace(each, text=self._read(each.text)) for each in found.alternatives)
        return replace(found, text=self._read(found.text), alternatives=tuple(others))
