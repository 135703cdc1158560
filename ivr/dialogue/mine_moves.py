"""A caller's own bookings: hear them, cancel one. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.dialogue.answers import yes
from ivr.dialogue.commands import Command, Wish, command, wish
from ivr.dialogue.events import Deed, Did, Reply
from ivr.dialogue.places import Catalogue
from ivr.dialogue.replies import ask, do, leave_for_person, say
from ivr.dialogue.state import State, Step

_CHANGE = re.compile(r"改(?:约|期|时间|天|到)")
_ENOUGH = re.compile(r"没有|不用|不要|好|行|知道|谢|可以")


def begun(state: State) -> Reply:
    """Whose bookings: those of somebody known by this mobile, who proves it."""
    if not state.people:
        return leave_for_person(state, "mine", say("mine_unknown"))
    if len(state.people) == 1:
        return ask(state.at_step(Step.LAST_FOUR, person=state.people[0], to_mine=True))
    return ask(state.at_step(Step.PATIENT, to_mine=True))


def answered(state: State, text: str, city: Catalogue) -> Reply | None:
    """What is to become of the booking that was read out."""
    if _CHANGE.search(text):
        return leave_for_person(state, "change", say("to_person_change"))
    if state.step is Step.CANCEL:
        answer = yes(text) if wish(text) is not Wish.CANCEL else True
        return None if answer is None else keyed(state, "1" if answer else "2", city)
    if wish(text) is Wish.CANCEL:
        return ask(state.at_step(Step.CANCEL))
    if command(text) is Command.MORE:
        return _next(state)
    return ask(state.at_step(Step.MORE, to_mine=False)) if _ENOUGH.search(text) else None


def keyed(state: State, digits: str, _city: Catalogue) -> Reply | None:
    """1 cancels, 2 goes on to the next; at the question whether to cancel, 1 is yes, 2 no."""
    if state.step is Step.CANCEL:
        if digits == "1":
            return do(state, Deed.CANCEL, state.mine[state.shown].booking_no)
        return ask(state.at_step(Step.MORE, to_mine=False), say("kept")) if digits == "2" else None
    if digits == "1":
        return ask(state.at_step(Step.CANCEL))
    return _next(state) if digits == "2" else None


def _next(state: State) -> Reply:
    if state.shown + 1 < len(state.mine):
        return ask(replace(state, shown=state.shown + 1, misses=0))
    return ask(state.at_step(Step.MORE, to_mine=False), say("no_more_bookings"))


def did(state: State, event: Did, _city: Catalogue) -> Reply:
    """The bookings that stand, or what came of cancelling one."""
    if event.deed is Deed.MINE:
        if not event.result:
            return ask(state.at_step(Step.MORE, to_mine=False), say("no_bookings"))
        return ask(state.at_step(Step.MINE, mine=tuple(event.result), shown=0))
    said = say("cancel_not_allowed" if event.refused else "cancelled")
    return ask(state.at_step(Step.MORE, to_mine=False), said)
