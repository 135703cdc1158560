"""The lexicon as a transducer from transitions to words, in OpenFst's text form. Pure.

One tree of phones per vocabulary, with the loops Kaldi puts on every state; homophones share a
leaf. ``[unk]`` is a loop over all sounds at a price each: the price decides how readily speech
that fits no word is turned away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log

from ivr.speech.vocabulary import UNKNOWN
from ivr.training import phones

WORD_PRICE = 1.0  # without it, noise after the words turns into fillers
UNKNOWN_PRICE = 4.0  # per sound: 3 turns more away, but real words too; 5.5 hardly any
_EITHER = log(2)  # a pause after a word, or none
# Two readings that a dictionary has as one.
READINGS = {
    "一": ["yi", "yao"], "幺": ["yao"], "谁": ["shui", "shei"], "那": ["na", "nei"],
    "这": ["zhe", "zhei"], "哪": ["na", "nei"], "血": ["xue", "xie"], "没": ["mei"],
    "大夫": ["dai fu"], "六合": ["lu he", "liu he"], "六合区": ["lu he qu", "liu he qu"],
    "溧水区": ["li shui qu"], "行": ["xing", "hang"], "还": ["hai", "huan"], "了": ["le", "liao"],
    "得": ["de", "dei"], "都": ["dou", "du"], "重": ["chong", "zhong"], "长": ["chang", "zhang"],
}  # fmt: skip


def pronunciations(word: str) -> list[list[int]]:
    """The sounds of a word, by number, one list a reading. Raises ValueError for what has none."""
    from pypinyin import lazy_pinyin

    read = READINGS.get(word) or [" ".join(lazy_pinyin(word))]
    return [
        [phones.NUMBER[sound] for syllable in one.split() for sound in phones.sounds(syllable)]
        for one in read
    ]


@dataclass
class Tree:
    """States and arcs (from, to, transition id, word, price). State 0 is the start."""

    arcs: list[tuple[int, int, int, int, float]] = field(default_factory=list)
    states: int = 0
    _nodes: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start, self.root, self.pause, self.end = (self._state() for _ in range(4))
        silent = self._phone(self.pause, 1)
        self._arc(silent, self.root)
        for state in (self.start, self.end):
            self._arc(state, self.root, price=_EITHER)
            self._arc(state, self.pause, price=_EITHER)

    def add(self, word: int, sounds: list[int], price: float = WORD_PRICE) -> None:
        """A word (its number) with one pronunciation."""
        state = self.root
        for phone in phones.in_word(sounds):
            key = (state, phone)
            if key not in self._nodes:
                self._nodes[key] = self._phone(state, phone)
            state = self._nodes[key]
        self._arc(state, self.end, word=word, price=price)

    def add_unknown(self, word: int, price: float = UNKNOWN_PRICE) -> None:
        """Any sounds at all."""
        first, middle = self._state(), self._state()
        self._arc(self.root, first)
        for sound in range(1, len(phones.SOUNDS)):
            for state, place, target in (
                (first, "begin", middle),
                (middle, "internal", middle),
                (middle, "end", self.end),
                (first, "singleton", self.end),
            ):
                reached = self._phone(state, phones.phone(sound, place))
                self._arc(reached, target, word=word if target == self.end else 0, price=price)

    def text(self) -> str:
        """For fstcompile, which takes the first line's state as the start."""
        lines = [f"{a} {b} {i} {o} {price:.4f}" for a, b, i, o, price in sorted(self.arcs)]
        return "\n".join([*lines, f"{self.root} 0"]) + "\n"

    def _state(self) -> int:
        self.states += 1
        return self.states - 1

    def _arc(
        self, origin: int, target: int, transition: int = 0, word: int = 0, price: float = 0.0
    ) -> None:
        self.arcs.append((origin, target, transition, word, price))

    def _phone(self, origin: int, phone: int) -> int:
        """A new state that is entered by a phone and stays in it."""
        state = self._state()
        self._arc(origin, state, phones.leaving(phone))
        self._arc(state, state, phones.staying(phone))
        return state


def tree(words: Mapping[str, int]) -> Tree:
    """The tree of a vocabulary (word to number, ``[unk]`` among them)."""
    made = Tree()
    for word, number in words.items():
        if word != UNKNOWN:
            for sounds in pronunciations(word):
                made.add(number, sounds)
    made.add_unknown(words[UNKNOWN])
    return made


def sayable(words: Iterable[str]) -> list[str]:
    """The words that have a pronunciation, in order, each once."""
    kept = []
    for word in dict.fromkeys(words):
        try:
            pronunciations(word)
        except ValueError:
            continue
        kept.append(word)
    return kept
