"""What the caller wants: the menu, and what else after something was settled. Pure."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialogue import booking_moves, mine_moves, question_moves
from ivr.dialogue.commands import Wish, wish
from ivr.dialogue.events import Deed, Reply
from ivr.dialogue.facts import Slots
from ivr.dialogue.places import Catalogue
from ivr.dialogue.replies import ask, do, go, leave_for_person, say
from ivr.dialogue.state import Leave, State, Step

STEPS = (Step.MENU, Step.MORE)
_KEYS = {"1": Wish.BOOK, "2": Wish.QUESTION, "3": Wish.COMPLAINT, "4": Wish.MINE}


def answered(state: State, text: str, city: Catalogue) -> Reply | None:
    """What the caller says to "what can we do", the first time or again."""
    is_first = state.step is Step.MENU
    return _menu(state, text, city) if is_first else _anything_else(state, text, city)


def keyed(state: State, digits: str, city: Catalogue) -> Reply | None:
    """The menu by key; 9 is enough, once something was settled."""
    if (wanted := _KEYS.get(digits)) is not None:
        return _wished(replace(state, slots=Slots()), wanted, city)
    is_over = state.step is Step.MORE and digits == "9"
    return go(state, Leave.DONE, say("goodbye")) if is_over else None


def _menu(state: State, text: str, city: Catalogue) -> Reply | None:
    wanted = wish(text)
    if wanted in (None, Wish.BOOK):
        # 鼓楼医院心内科 alone is a wish to book
        return booking_moves.begun(state, text, city, plainly=wanted is Wish.BOOK)
    return _wished(state, wanted, city, text)


def _wished(state: State, wanted: Wish, city: Catalogue, text: str = "") -> Reply:
    if wanted is Wish.BOOK:
        return booking_moves.go_on(state, city)
    if wanted is Wish.COMPLAINT:
        return leave_for_person(state, "complaint", say("complaint"))
    if wanted is Wish.QUESTION:
        # somebody who asks at once is answered at once
        return do(state, Deed.ANSWER, text) if len(text) > 6 else ask(state.at_step(Step.QUESTION))
    return mine_moves.begun(state)


def _anything_else(state: State, text: str, city: Catalogue) -> Reply | None:
    if (other := question_moves.misheard(state, text)) is not None:
        return other
    reply = _menu(replace(state, slots=Slots()), text, city)
    if reply is not None:
        return reply
    if any(word in text for word in ("没", "不", "好", "谢", "行", "可以了")):
        return go(state, Leave.DONE, say("goodbye"))
    return None
