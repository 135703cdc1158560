"""Which of many subjects a question is about, by its words or by their sound. Pure.

A subject comes into question when every group of its key words was spoken of. Of those, the one
with the most words in common is meant, each word weighing by how few subjects use it; the next
must be well behind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from hotline.classification.normalise import plain

Units = tuple[str, ...]
Ear = Callable[[str], Units]
LEAST = 5.0  # a word that no other subject has, and a little
LEAST_BY_SOUND = 10.0
AHEAD = 1.3  # times the next


def by_letters(text: str) -> Units:
    """The characters of a text, without what is between words."""
    return tuple(re.sub(r"[\W_]", "", plain(text)))


@lru_cache(maxsize=5_000)
def by_sounds(text: str) -> Units:
    """The syllables of a text as a bad line leaves them: no tones, n as l, zh as z, -ng as -n."""
    # 55 MB of dictionaries: only for who listens
    from pypinyin import lazy_pinyin

    read = lazy_pinyin("".join(by_letters(text)), errors=list)  # type: ignore[arg-type]
    return tuple(_blurred(syllable) for syllable in read)


def _blurred(syllable: str) -> str:
    plainer = re.sub(r"^([zcs])h", r"\1", syllable)
    plainer = re.sub(r"^n(?=.)", "l", plainer)
    return re.sub(r"(?<=[aei])ng$", "n", plainer)


@dataclass(frozen=True)
class Subject:
    """``ways`` are phrasings of it; ``about`` groups of key words, one of each to be spoken of,
    and nothing ``without`` which it is meant."""

    id: str
    ways: Sequence[str]
    about: Sequence[Sequence[str]]
    without: Sequence[str] = ()


class Index:
    """Subjects as one ear hears them."""

    def __init__(self, ear: Ear, subjects: Iterable[Subject]) -> None:
        self.ear = ear
        # syllables alone say little
        self._smallest, self.least = (1, LEAST) if ear is by_letters else (2, LEAST_BY_SOUND)
        known = list(subjects)
        self._about = {each.id: [self._words(group) for group in each.about] for each in known}
        self._without = {each.id: self._words(each.without) for each in known}
        self._grams = {each.id: self._all_grams(each) for each in known}
        used = Counter(gram for grams in self._grams.values() for gram in grams)
        self._weight = {gram: log(len(self._grams) / count) for gram, count in used.items()}

    def _words(self, group: Iterable[str]) -> list[tuple[Units, Units]]:
        return [(by_letters(word), self.ear(word)) for word in group]

    def _all_grams(self, subject: Subject) -> frozenset[Units]:
        texts = [*subject.ways, *(word for group in subject.about for word in group)]
        return frozenset(gram for text in texts for gram in self._of(self.ear(text)))

    def _of(self, units: Units) -> Iterable[Units]:
        return (
            units[start : start + size]
            for size in range(self._smallest, 3)
            for start in range(len(units) - size + 1)
        )

    def weighed(self, question: str) -> dict[str, float]:
        """How much speaks for each subject that comes into question."""
        written, said = by_letters(question), self.ear(question)

        def spoken_of(words: Iterable[tuple[Units, Units]]) -> bool:
            # 咬 by itself sounds like half the language
            return any(
                _has(written, letters) or (len(sounds) > 1 and _has(said, sounds))
                for letters, sounds in words
            )

        grams = frozenset(self._of(said))
        return {
            id_: sum(self._weight[gram] for gram in grams & self._grams[id_])
            for id_, groups in self._about.items()
            if all(map(spoken_of, groups)) and not spoken_of(self._without[id_])
        }


def _has(said: Units, word: Units) -> bool:
    size = len(word)
    return any(said[start : start + size] == word for start in range(len(said) - size + 1))


def clearest(question: str, index: Index) -> str | None:
    """The subject that is clearly meant, or None."""
    ranked = sorted(index.weighed(question).items(), key=lambda found: (-found[1], found[0]))
    if not ranked or ranked[0][1] < index.least:
        return None
    if len(ranked) > 1 and ranked[0][1] < AHEAD * ranked[1][1]:
        return None
    return ranked[0][0]
