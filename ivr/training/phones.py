"""The sounds the network tells apart, and their numbers in Kaldi's model files.

A syllable is an initial and a final, without its tone; 60 sounds with silence. In the lexicon a
sound has a phone for each place in a word (begin, end, internal, alone): they share the network's
outputs, so they cost nothing, and word times come out right.
"""

from __future__ import annotations

SILENCE = "SIL"
_INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s"
_FINALS = (
    "a ai an ang ao e ei en eng er i ii iii ia ian iang iao ie in ing iong iu o ong ou u ua uai "
    "uan uang ueng ui un uo v van ve vn"
)
INITIALS, FINALS = tuple(_INITIALS.split()), tuple(_FINALS.split())
SOUNDS = (SILENCE, *INITIALS, *FINALS)
NUMBER = {sound: number for number, sound in enumerate(SOUNDS)}
PLACES = ("begin", "end", "internal", "singleton")
PHONES = 1 + (len(SOUNDS) - 1) * len(PLACES)  # silence is phone 1 and has one place
OUTPUTS = 2 * len(SOUNDS)  # one for entering a sound, one for staying in it
_SHORT = {"iou": "iu", "uei": "ui", "uen": "un", "io": "iu", "ê": "ei", "uong": "ong"}


def sounds(syllable: str) -> tuple[str, ...]:
    """The sounds of a syllable in pinyin: ``shi4`` is (sh, iii), ``yuan`` is (van,).

    Raises ValueError for what is none.
    """
    from pypinyin.contrib.tone_convert import to_finals, to_initials

    initial, final = to_initials(syllable, strict=True), to_finals(syllable, strict=True)
    final = final.replace("ü", "v")
    final = _SHORT.get(final, final)
    if final == "i" and initial in {"z", "c", "s"}:
        final = "ii"
    elif final == "i" and initial in {"zh", "ch", "sh", "r"}:
        final = "iii"
    parts = (initial, final) if initial else (final,)
    if final not in FINALS or any(part not in NUMBER for part in parts):
        raise ValueError(f"no syllable: {syllable}")
    return parts


def phone(sound: int, place: str) -> int:
    """The phone (from 1) of a sound at a place in a word."""
    return 1 if sound == 0 else 2 + (sound - 1) * len(PLACES) + PLACES.index(place)


def sound_of(phone_: int) -> int:
    """The sound a phone stands for."""
    return 0 if phone_ == 1 else 1 + (phone_ - 2) // len(PLACES)


def in_word(parts: list[int]) -> list[int]:
    """The phones of a word's sounds."""
    if len(parts) == 1:
        return [phone(parts[0], "singleton")]
    inner = [phone(part, "internal") for part in parts[1:-1]]
    return [phone(parts[0], "begin"), *inner, phone(parts[-1], "end")]


def staying(phone_: int) -> int:
    """Kaldi's transition id of a phone's self-loop."""
    return 2 * phone_ - 1


def leaving(phone_: int) -> int:
    """Kaldi's transition id of a phone's forward transition."""
    return 2 * phone_


def word_boundaries() -> str:
    """The text of ``word_boundary.int``."""
    lines = ["1 nonword"]
    for sound in range(1, len(SOUNDS)):
        lines += [f"{phone(sound, place)} {place}" for place in PLACES]
    return "\n".join(lines) + "\n"
