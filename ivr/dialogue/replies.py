"""Short ways to write a reply. Pure."""

from __future__ import annotations

from typing import Any

from ivr.dialogue.events import Deed, Do, Go, Listen, Prompt, Reply
from ivr.dialogue.state import Leave, State

# Keys 1 to 4 choose, 9 goes on; more than four are not remembered.
OPTIONS_AT_ONCE = 4


def say(id_: str, **blanks: Any) -> Prompt:
    """A sentence by its id."""
    return Prompt(id_, blanks)


def ask(state: State, *before: Prompt) -> Reply:
    """Say these, then the question of the present step; the more misses, the shorter."""
    level = ("", ".again", ".keys")[min(state.misses, 2)]
    question = Prompt(f"ask_{state.step.value}{level}", blanks_of(state))
    return Reply(state, (*before, question), Listen(state.step))


def do(state: State, deed: Deed, given: Any = None, *before: Prompt) -> Reply:
    """Say these, then have something done."""
    return Reply(state, before, Do(deed, given))


def go(state: State, leave: Leave, *before: Prompt, reason: str = "") -> Reply:
    """Say these, then leave."""
    return Reply(state, before, Go(leave, reason))


def leave_for_person(state: State, reason: str, *before: Prompt) -> Reply:
    """To a person, with everything understood so far."""
    return go(state, Leave.PERSON, *(before or (say("to_person"),)), reason=reason)


def blanks_of(state: State) -> dict[str, Any]:
    """What the question of a step may speak of."""
    return {
        "hospital": state.slots.hospital,
        "department": state.slots.department,
        "choices": state.choices[:2],
        "options": state.options[state.shown : state.shown + OPTIONS_AT_ONCE],
        "offers": state.offers[state.shown : state.shown + 2],
        "chosen": state.chosen,
        "people": state.people,
        "person": state.person,
        "mine": state.mine[state.shown : state.shown + 1],
        "missing": 18 - len(state.id_number),
    }
