"""One written form for many ways of writing: width, script, spacing, sound-alikes.

Rules and learnt weights both read the folded text, so an evasion is undone in one place.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

# Nobody dictates a million characters; beyond it the text is a file pasted by mistake.
LONGEST = 1_000_000

# Stands where an idiom stood, so that its neighbours do not grow together into new words.
BLANK = "□"

_HAN = "\u3400-\u9fff"
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
# Marks that people put between the characters of a word; sentence marks stay, they part clauses.
_DECORATION = re.compile(rf"(?<=[{_HAN}])[\s*·•.\-_~|/\\#+=^`'\"<>…—]+(?=[{_HAN}])")
_SPELLED = re.compile(rf"(?<![{_HAN}\w])[{_HAN}](?:[^\w{_HAN}]{{1,3}}[{_HAN}]){{2,}}(?![{_HAN}\w])")
# Width folding turns Chinese marks into ASCII; the phrases are written with the Chinese ones.
_MARKS = str.maketrans(",!?;", "，！？；")
_NOT_HAN = re.compile(rf"[^{_HAN}]+")


@cache
def _folds() -> tuple[dict[int, str], list[tuple[re.Pattern[str], str]]]:
    """(traditional to simplified table, patterns with what they are to be read as)."""
    folds = json.loads((DATA / "folds.json").read_text(encoding="utf-8"))
    pairs = {ord(pair[0]): pair[1] for line in folds["traditional"] for pair in line.split()}
    readings = folds["sound_alikes"] + [(idiom, BLANK) for idiom in folds["harmless"]]
    return pairs, [(re.compile(pattern), meant) for pattern, meant in readings]


def plain(text: str) -> str:
    """Half-width, lower-case, simplified, without invisible characters or decoration.

    A word with a mark between all its characters (“自，杀，了”) is put together again.
    """
    traditional, _ = _folds()
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).lower().translate(traditional)
    folded = folded.translate(_MARKS)
    folded = _DECORATION.sub("", _INVISIBLE.sub("", folded))
    return _SPELLED.sub(lambda word: _NOT_HAN.sub("", word.group()), folded).strip()


def outspoken(text: str) -> str:
    """Plain text with sound-alikes written as what they stand for and idioms blanked out."""
    said = plain(text)
    for pattern, word in _folds()[1]:
        said = pattern.sub(word, said)
    return said
