"""A piece as it is recorded: sentence by sentence, without the stops at its ends. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

STOPS = "，、；：。？！"
_SENTENCE = re.compile(rf"(?P<text>[^。？！]*[^{STOPS} ])?(?P<stops>[{STOPS} ]*)")


def sentences(piece: str) -> Iterator[tuple[str, str]]:
    """(text, the stops after it) of each: 好的。请问， -> (好的, 。), (请问, ，).

    A piece that begins with stops gives them first, with an empty text.
    """
    rest = piece.lstrip(f"{STOPS} ")
    if before := piece[: len(piece) - len(rest)].strip():
        yield "", before
    for found in _SENTENCE.finditer(rest):
        if found["text"]:
            yield found["text"], found["stops"].strip()
