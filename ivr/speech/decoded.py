"""What the recogniser made of an utterance: its JSON as texts with probabilities. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import exp

from ivr.speech.vocabulary import UNKNOWN

MOST_ALTERNATIVES = 5
NO_PHRASE = 0.2  # what a reading counts that is made of a grammar's words, but none of its phrases


@dataclass(frozen=True)
class Word:
    """A word with its time from the beginning of the utterance, in seconds."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True)
class Alternative:
    """One reading. ``confidence`` is its share among the readings, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Decoded:
    """An utterance as text without spaces; unless that is empty, ``alternatives`` begin with it.

    ``confidence`` is 0 to 1. ``foreign`` is the share of the speaking time that fitted nothing
    listened for. ``from_partial``: the end came out empty and the last partial was kept (its
    confidence is 0). ``cut``: more sound came than one utterance may have.
    """

    text: str = ""
    confidence: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    words: tuple[Word, ...] = ()
    foreign: float = 0.0
    from_partial: bool = False
    cut: bool = False


@dataclass(frozen=True)
class _Reading:
    share: float
    words: tuple[tuple[str, float, float], ...]

    @property
    def text(self) -> str:
        return "".join(word for word, _, _ in self.words if word != UNKNOWN)


def decoded(
    segments: Iterable[str],
    partial: str = "",
    phrases: Collection[str] = (),
    *,
    cut: bool = False,
) -> Decoded:
    """Put together what the recogniser said, segment by segment (it ends one at each pause).

    Vosk's grammars allow the words of their phrases in any order; readings that are no phrase
    of ``phrases`` count less.
    """
    readings = [found for segment in segments if (found := _readings(segment, phrases))]
    if not readings:
        text = stripped(partial)
        kept = (Alternative(text, 0.0),) if text else ()
        return Decoded(text, 0.0, kept, from_partial=bool(text), cut=cut)
    texts = _joined([_by_text(segment) for segment in readings])
    text = "".join(segment[0].text for segment in readings)
    return Decoded(
        text,
        texts.get(text, 0.0),
        _ranked(text, texts),
        tuple(word for segment in readings for word in _words(segment)),
        _foreign(readings),
        cut=cut,
    )


def stripped(text: str) -> str:
    """Without the spaces between words, and without what is not a word."""
    return "".join(word for word in text.split() if word != UNKNOWN)


def _readings(segment: str, phrases: Collection[str]) -> list[_Reading]:
    """The readings of one segment, best first; none when silence is the best of them."""
    found = json.loads(segment).get("alternatives") or []
    if not found or not found[0].get("result"):
        return []
    best = max(float(one["confidence"]) for one in found)
    weighed = []
    for one in found:  # their confidences are log-likelihoods
        words = tuple(map(_timed, one.get("result", ())))
        weight = exp(float(one["confidence"]) - best) * _prior(words, phrases)
        weighed.append((weight, words))
    whole = sum(weight for weight, _ in weighed)
    readings = [_Reading(weight / whole, words) for weight, words in weighed]
    return sorted(readings, key=lambda reading: -reading.share)


def _prior(words: Iterable[tuple[str, float, float]], phrases: Collection[str]) -> float:
    text = "".join(word for word, _, _ in words if word != UNKNOWN)
    return 1.0 if not (text and phrases) or text in phrases else NO_PHRASE


def _timed(word: dict[str, object]) -> tuple[str, float, float]:
    return str(word["word"]), float(str(word["start"])), float(str(word["end"]))


def _by_text(readings: list[_Reading]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for reading in readings:
        shares[reading.text] = shares.get(reading.text, 0.0) + reading.share
    return shares


def _joined(segments: list[dict[str, float]]) -> dict[str, float]:
    """Readings of the whole from readings of its segments, the unlikely ones left out."""
    whole = {"": 1.0}
    for segment in segments:
        pairs = [(a + b, p * q) for a, p in whole.items() for b, q in segment.items()]
        pairs.sort(key=lambda pair: -pair[1])
        whole = {}
        for text, share in pairs[: MOST_ALTERNATIVES**2]:
            whole[text] = whole.get(text, 0.0) + share
    return whole


def _ranked(text: str, shares: dict[str, float]) -> tuple[Alternative, ...]:
    others = sorted((share, other) for other, share in shares.items() if other not in {text, ""})
    ordered = [(text, shares.get(text, 0.0))] if text else []
    ordered += [(other, share) for share, other in reversed(others)]
    return tuple(Alternative(one, share) for one, share in ordered[:MOST_ALTERNATIVES])


def _words(readings: list[_Reading]) -> list[Word]:
    """The best reading's words; a word counts as much as the readings that have it there."""
    return [
        Word(
            text, start, end, min(1.0, sum(r.share for r in readings if _has(r, text, start, end)))
        )
        for text, start, end in readings[0].words
        if text != UNKNOWN
    ]


def _has(reading: _Reading, text: str, start: float, end: float) -> bool:
    return any(word == text and a < end and start < b for word, a, b in reading.words)


def _foreign(segments: list[list[_Reading]]) -> float:
    spans = [
        (word == UNKNOWN, end - start)
        for readings in segments
        for word, start, end in readings[0].words
    ]
    whole = sum(seconds for _, seconds in spans)
    return sum(seconds for is_foreign, seconds in spans if is_foreign) / whole if whole else 0.0
