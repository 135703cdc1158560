"""What who waits is told."""

from __future__ import annotations

from ivr.dialogue.events import Prompt
from ivr.dialogue.prompts import pieces
from ivr.persons.records import CRISIS

FEW = 9  # beyond that "many" is kinder, and recorded once


def announcement(place: int, queue: str, *, can_be_called: bool) -> tuple[str, ...]:
    """Pieces: the place in the queue, and what one may do instead of waiting."""
    if queue == CRISIS:
        return pieces(Prompt("crisis", {}))
    if place <= 1:
        said = pieces(Prompt("wait_next", {}))
    elif place - 1 > FEW:
        said = pieces(Prompt("wait_many", {}))
    else:
        said = pieces(Prompt("wait_ahead", {"ahead": place - 1}))
    return (*said, *pieces(Prompt("wait_call_back", {}))) if can_be_called else said


def kept() -> tuple[str, ...]:
    """The good-bye to who is called back."""
    return pieces(Prompt("call_back_kept", {}))
