"""What is said and done after each event: the conversation itself. Pure.

``advance(state, event, city)`` gives the next state, the sentences to say, and what then: listen,
do a deed, or leave. A person is one word or key away at every turn; danger, an emergency and
fever end every plan; two misses make the question shorter, then keys only, then a person comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from ivr.dialogue import (
    booking_moves,
    menu_moves,
    mine_moves,
    offer_moves,
    patient_moves,
    question_moves,
)
from ivr.dialogue.breaks import Break, break_out
from ivr.dialogue.commands import Command, command
from ivr.dialogue.events import (
    Began,
    Deed,
    Did,
    Event,
    Keyed,
    Once,
    Reply,
    Said,
    Silent,
    Unclear,
    WantsPerson,
)
from ivr.dialogue.places import Catalogue
from ivr.dialogue.replies import ask, do, go, leave_for_person, say
from ivr.dialogue.state import PRIVATE, Leave, State, Step


class _Moves(Protocol):
    """The modules that know what follows an answer to their questions."""

    def answered(self, state: State, text: str, city: Catalogue, /) -> Reply | None: ...
    def keyed(self, state: State, digits: str, city: Catalogue, /) -> Reply | None: ...


_OF_STEP: Mapping[Step, _Moves] = (
    dict.fromkeys(menu_moves.STEPS, menu_moves)
    | dict.fromkeys(booking_moves.QUESTIONS, booking_moves)
    | {
        Step.QUESTION: question_moves,
        Step.OFFER: offer_moves,
        Step.MINE: mine_moves,
        Step.CANCEL: mine_moves,
    }
    | dict.fromkeys(patient_moves.STEPS, patient_moves)
)
MOST_MISSES = 3
MOST_MISSES_IN_A_CALL = 8
MOST_TIMES_SPOKEN_TO = 6  # a question; whoever goes round in circles is led out
# Where 是 and 不是 decide: no second guess.
_TO_THE_LETTER = frozenset({Step.CONFIRM, Step.CANCEL})


def advance(state: State, event: Event, city: Catalogue) -> Reply:
    """The next move. Never fails: what nobody foresaw is a miss."""
    if isinstance(event, Said):
        state = replace(state, spoken_to=(*state.spoken_to, state.step))
        if state.spoken_to.count(state.step) > MOST_TIMES_SPOKEN_TO:
            return leave_for_person(state, "goes_round", say("to_person_after_misses"))
    return _OF_EVENT[type(event)](state, event, city)


def _began(state: State, _event: Began, _city: Catalogue) -> Reply:
    return do(state, Deed.WHO_CALLS, None, say("welcome"))


def _wants_person(state: State, _event: WantsPerson, _city: Catalogue) -> Reply:
    return leave_for_person(state, "asked")


def _silent(state: State, _event: Silent, _city: Catalogue) -> Reply:
    if state.step is Step.MORE and state.misses:
        return go(state, Leave.DONE, say("goodbye"))  # whoever has what he wanted need not answer
    return _missed(state, "silence")


def _unclear(state: State, _event: Unclear, _city: Catalogue) -> Reply:
    return _missed(state, "miss")


def _once(state: State, _event: Once, _city: Catalogue) -> Reply:
    return again(state)


def _heard(state: State, event: Said, city: Catalogue) -> Reply:
    """N-best: what the first reading does not answer, another may."""
    for text in (event.text, *event.others):
        if (broken := _broken_out(state, text)) is not None:
            return broken
    if (wanted := command(event.text)) and (reply := _commanded(state, wanted)) is not None:
        return reply
    for text in (event.text, *(() if state.step in _TO_THE_LETTER else event.others)):
        if (reply := _OF_STEP[state.step].answered(state, text, city)) is not None:
            return reply
    return _missed(state, "miss")


def _broken_out(state: State, text: str) -> Reply | None:
    kind = break_out(text) if state.step not in PRIVATE else None
    if kind is Break.CRISIS:
        return go(state, Leave.CRISIS, say("crisis"), reason="crisis")
    if kind is Break.EMERGENCY:
        return leave_for_person(state, "emergency", say("emergency"))
    if kind is Break.FEVER:
        return ask(state.at_step(Step.MORE), say("fever"))
    return None


def _commanded(state: State, wanted: Command) -> Reply | None:
    """Wishes about the conversation; those that answer a question are left to it."""
    if wanted is Command.PERSON:
        return leave_for_person(state, "asked")
    if wanted is Command.REPEAT:
        return again(state)
    if wanted in (Command.SLOWER, Command.LOUDER):
        return again(replace(state, slow=True))
    if wanted is Command.RESTART:
        return ask(State(today=state.today, people=state.people, slow=state.slow,
                         caller_mobile=state.caller_mobile, booked=state.booked,
                         answered=state.answered, spoken_to=state.spoken_to))  # fmt: skip
    if wanted is Command.BACK:
        return _back(state)
    return go(state, Leave.DONE, say("goodbye")) if wanted is Command.FINISH else None


def again(state: State) -> Reply:
    """The present question once more, as it was asked; after an answer, the answer."""
    return question_moves.again(state) if state.answering else ask(state)


def _back(state: State) -> Reply:
    if not state.path:
        return ask(state)
    before = replace(state, step=state.path[-1], path=state.path[:-1], misses=0)
    return ask(before)


def _keyed(state: State, event: Keyed, city: Catalogue) -> Reply:
    return _OF_STEP[state.step].keyed(state, event.digits, city) or _missed(state, "miss")


def _missed(state: State, why: str) -> Reply:
    """Shorter with keys, then keys only, then a person."""
    now = replace(state, misses=state.misses + 1, wrong=state.wrong + 1)
    if now.misses >= MOST_MISSES or now.wrong >= MOST_MISSES_IN_A_CALL:
        return leave_for_person(now, why, say("to_person_after_misses"))
    return ask(now, say(why))


def _did(state: State, event: Did, city: Catalogue) -> Reply:
    return _OF_DEED[event.deed](state, event, city)


def _known(state: State, event: Did, _city: Catalogue) -> Reply:
    return ask(replace(state, people=tuple(event.result or ())))


def _held(state: State, event: Did, _city: Catalogue) -> Reply:
    return patient_moves.did(state, event) or booking_moves.search(state, say("slot_gone"))


def _let_go(state: State, _event: Did, city: Catalogue) -> Reply:
    return booking_moves.changed_mind(state, city)


_OF_DEED: dict[Deed, Callable[[State, Did, Catalogue], Reply]] = {
    Deed.WHO_CALLS: _known,
    Deed.ANSWER: question_moves.did,
    Deed.SEARCH: offer_moves.found,
    Deed.CHECK: _held,
    Deed.HOLD: _held,
    Deed.CONFIRM: _held,
    Deed.LET_GO: _let_go,
    Deed.MINE: mine_moves.did,
    Deed.CANCEL: mine_moves.did,
}
_OF_EVENT: dict[type, Callable[[State, Any, Catalogue], Reply]] = {
    Began: _began,
    WantsPerson: _wants_person,
    Did: _did,
    Said: _heard,
    Keyed: _keyed,
    Once: _once,
    Silent: _silent,
    Unclear: _unclear,
}
