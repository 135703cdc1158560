"""Two slots at a time, until one is chosen. Pure."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialogue import patient_moves
from ivr.dialogue.answers import choice, instead, yes
from ivr.dialogue.booking_moves import MORE_KEY, go_on, understood
from ivr.dialogue.commands import Command, command
from ivr.dialogue.events import Did, Reply
from ivr.dialogue.facts import Found, Offered, Slots
from ivr.dialogue.places import Catalogue
from ivr.dialogue.replies import ask, say
from ivr.dialogue.state import State, Step
from ivr.dialogue.understand import fill


def found(state: State, event: Did, city: Catalogue) -> Reply:
    """What a search gave: two at a time, or the question what else would do."""
    result: Found = event.result
    if not result.offers:
        slots = replace(state.slots, days=None)
        return go_on(replace(state, slots=slots), city, say("nothing_free"))
    now = state.at_step(Step.OFFER, offers=result.offers, shown=0)
    return ask(now, say("near_by" if result.instead else "found"))


def answered(state: State, text: str, city: Catalogue) -> Reply | None:
    """One of the two, the next two, or something else altogether."""
    offered = state.offers[state.shown : state.shown + 2]
    if (number := choice(text)) is not None and number < len(offered):
        return patient_moves.chosen(state, offered[number])
    if command(text) is Command.MORE:
        return _more(state)
    now = fill(instead(text) or text, state.slots, Step.OFFER, city, state.today)
    if now.changed:
        fitting = [each for each in offered if _fits(each, now.slots)]
        if len(fitting) == 1:
            return patient_moves.chosen(state, fitting[0])
        return understood(state, now, city)
    answer = yes(text)
    if answer is False:
        return _more(state)
    return patient_moves.chosen(state, offered[0]) if answer and len(offered) == 1 else None


def _fits(offer: Offered, wanted: Slots) -> bool:
    return (
        (wanted.half in (None, offer.half))
        and (wanted.at is None or offer.starts_at == wanted.at)
        and (wanted.days is None or wanted.days.first <= offer.day <= wanted.days.last)
        and (wanted.doctor is None or offer.doctor == wanted.doctor.name)
        and (wanted.kind is None or offer.kind is wanted.kind)
        and (wanted.hospital is None or offer.hospital_id == wanted.hospital.id)
        and (wanted.department is None or offer.department_id == wanted.department.id)
    )


def _more(state: State) -> Reply:
    """The next two; after the last, the question for another day."""
    if state.shown + 2 < len(state.offers):
        return ask(replace(state, shown=state.shown + 2, misses=0))
    now = state.at_step(Step.DAY, options=(), choices=())
    return ask(now.with_slots(days=None), say("no_more_offers"))


def keyed(state: State, digits: str, _city: Catalogue) -> Reply | None:
    """1 and 2 choose, 9 goes on."""
    offered = state.offers[state.shown : state.shown + 2]
    if digits == MORE_KEY:
        return _more(state)
    if digits in ("1", "2") and int(digits) <= len(offered):
        return patient_moves.chosen(state, offered[int(digits) - 1])
    return None
