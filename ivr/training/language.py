"""The language model: trigrams of the trade over a list of frequent words, as OpenFst text.

Absolute discounting; what a history never saw backs off to the shorter one, at last to single
words: 0.6 the sentences' own, 0.4 the word list's. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log

END = "</s>"
DISCOUNT = 0.6
OWN_SHARE = 0.6  # of single words: the trade's; the rest is the word list's
LEAST_TRIGRAM = 12  # how often a history of two words must stand in the sentences
LEAST_PRICE = 1e-8
LIST_POWER, OWN_POWER = 0.9, 0.75
Arc = tuple[int, int, int, float]  # from, to, word, price
History = tuple[str, ...]


class Grams:
    """Counts of what follows one and two words; ``()`` as history is not counted."""

    def __init__(self, sentences: Iterable[Sequence[str]], known: Callable[[str], bool]) -> None:
        self.after: dict[History, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            words = ["<s>", *(word for word in sentence if known(word)), END]
            for place in range(1, len(words)):
                self.after[(words[place - 1],)][words[place]] += 1
                if place > 1:
                    self.after[(words[place - 2], words[place - 1])][words[place]] += 1

    def kept(self) -> Iterator[History]:
        """Histories worth a state of their own."""
        for history, following in self.after.items():
            if len(history) == 1 or following.total() >= LEAST_TRIGRAM:
                yield history


class LanguageModel:
    """Probabilities, and their transducer."""

    def __init__(
        self,
        sentences: Iterable[Sequence[str]],
        words: Mapping[str, int],
        frequencies: Mapping[str, int],
    ) -> None:
        self._words = words
        self._grams = Grams(sentences, words.__contains__)
        self._single = _singles(self._grams, words, frequencies)
        histories: list[History] = [("<s>",), (), *self._grams.kept()]
        self._states = {history: state for state, history in enumerate(dict.fromkeys(histories))}
        longer = [history for history in self._states if history]
        self._total = {history: self._grams.after[history].total() for history in longer}
        self._seen = {history: self._worth_an_arc(history) for history in longer}
        self._backing_off = {history: self._left_over(history) for history in longer}

    def chance(self, word: str, history: History = ()) -> float:
        """The probability of ``word`` (or END) after up to two words."""
        if not history:
            return self._single.get(word, LEAST_PRICE)
        if history not in self._states:
            return self.chance(word, history[1:])
        count = self._seen[history].get(word, 0)
        found = (count - DISCOUNT) / self._total[history] if count else 0.0
        return found + self._backing_off[history] * self.chance(word, history[1:])

    def text(self) -> str:
        """For fstcompile; the start is state 0. An end costs nothing where one was seen, and
        where nothing is known: that the caller has stopped is heard, not guessed, and dear ends
        made words out of the sound that trails behind the last one.
        """
        arcs = sorted(arc for history in self._states for arc in self._arcs(history))
        lines = [f"{a} {b} {word} {word} {price:.4f}" for a, b, word, price in arcs]
        ends = [
            f"{state} 0"
            for history, state in self._states.items()
            if not history or END in self._seen[history]
        ]
        return "\n".join([*lines, *ends]) + "\n"

    def _arcs(self, history: History) -> Iterator[Arc]:
        state = self._states[history]
        following = self._seen[history] if history else self._words
        for word in following:
            if word != END:
                target = self._target(history, word)
                yield state, target, self._words[word], -log(self.chance(word, history))
        if history:
            shorter = self._states[history[1:]]
            yield state, shorter, 0, -log(self._backing_off[history])

    def _target(self, history: History, word: str) -> int:
        """The longest history that has a state."""
        longest = (*history[-1:], word)
        return next(
            self._states[longest[cut:]] for cut in range(3) if longest[cut:] in self._states
        )

    def _worth_an_arc(self, history: History) -> Mapping[str, int]:
        """What follows often enough; the rest backs off."""
        following = self._grams.after[history]
        least = len(history) + 1 if self._total[history] >= LEAST_TRIGRAM else 1
        return {word: count for word, count in following.items() if count >= least} or following

    def _left_over(self, history: History) -> float:
        """The probability of what has no arc."""
        used = sum(count - DISCOUNT for count in self._seen[history].values())
        return max(1 - used / self._total[history], 1e-3)


def _singles(
    grams: Grams, words: Mapping[str, int], frequencies: Mapping[str, int]
) -> dict[str, float]:
    own: dict[str, float] = defaultdict(float)
    for history, following in grams.after.items():
        if len(history) == 1:
            for word, count in following.items():
                own[word] += count**OWN_POWER
    whole = sum(own.values())
    listed = {word: frequencies[word] ** LIST_POWER for word in words if word in frequencies}
    every = sum(listed.values()) or 1.0
    shares = {
        word: OWN_SHARE * own[word] / whole + (1 - OWN_SHARE) * listed.get(word, 0.0) / every
        for word in (*words, END)
    }
    return {word: max(share, LEAST_PRICE) for word, share in shares.items()}
