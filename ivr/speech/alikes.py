"""What a model has no word for, written with characters that sound the same to it.

疫 is in few word lists, 义 in all: 疫苗 is listened for as 义苗, and read as 疫苗 again.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

Sound = tuple[str, ...]


class SoundAlikes:
    """The single characters of a model's word list (``graph/words.txt``), by their sound."""

    def __init__(self, words: Path) -> None:
        self._words = words

    def spelt(self, phrase: str) -> str | None:
        """The phrase in characters the model has, or None where one sounds like none of them."""
        found = [self._alike(character) for character in phrase]
        return None if None in found else "".join(filter(None, found))

    def _alike(self, character: str) -> str | None:
        if character in self._known:
            return character
        (tone, toneless) = _sounds(character)
        return self._by_sound.get(tone) or self._by_sound.get(toneless)

    @cached_property
    def _known(self) -> frozenset[str]:
        try:
            lines = self._words.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return frozenset()  # a model without a list of words keeps its phrases as they are
        return frozenset(line.split()[0] for line in lines if line[1:2] == " ")

    @cached_property
    def _by_sound(self) -> dict[Sound, str]:
        """Those with one reading only, if there are any."""
        from pypinyin import pinyin

        found: dict[Sound, str] = {}
        doubtful = {each for each in self._known if len(pinyin(each, heteronym=True)[0]) > 1}
        for character in (*sorted(self._known - doubtful), *sorted(doubtful)):
            for sound in _sounds(character):
                found.setdefault(sound, character)
        return found


def _sounds(character: str) -> tuple[Sound, Sound]:
    """With its tone and without."""
    # 55 MB of dictionaries: only for a word the model does not have
    from pypinyin import Style, lazy_pinyin

    toned = lazy_pinyin(character, style=Style.TONE3, neutral_tone_with_five=True)
    return ("toned", *toned), ("plain", *lazy_pinyin(character))
