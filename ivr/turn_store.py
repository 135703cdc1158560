"""Where the turns of a call go: the hotline's records. These functions wait for the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlmodel import Session

from hotline.booking import id_numbers
from hotline.calls import self_served
from hotline.calls.turns import record_turn, record_whole
from hotline.calls.voice_rules import Left, Whole, age_band
from hotline.clock import today
from hotline.db import transaction
from hotline.errors import Refused
from hotline.knowledge.articles import articles
from ivr import callbook, callers
from ivr.dialogue.state import State
from ivr.turn_kept import Turn


def keep(call_uid: str, turn: Turn) -> None:
    """Store a turn; words of danger raise an alert with it."""
    with transaction() as session:
        record_turn(
            session, call_uid, expects=turn.expects, prompt=turn.prompt, heard=turn.heard,
            outcome=turn.outcome, slots=turn.slots, position=turn.position, at=turn.at,
            detail=turn.detail, danger=turn.danger,
        )  # fmt: skip


def close(call_uid: str, whole: Whole, state: State) -> None:
    """Store how a call left the voice line, and how old its patient is, as a band; a call that
    needed no person is sorted by what it got."""
    with transaction() as session:
        years = _age(session, state, today())
        band = age_band(years) if years is not None else None
        record_whole(session, call_uid, replace(whole, age_band=band))
        topics = [articles()[id_].title for id_ in state.answered]
        settled = self_served.settle(session, call_uid, whole.achieved, whole.went, topics)
    if settled is not None and whole.went is Left.HUNG_UP:
        callbook.served(call_uid)


def _age(session: Session, state: State, day: date) -> int | None:
    """Of the patient; else of the only one who is known under the caller's number."""
    if state.id_number:
        return _age_of(state.id_number, day)
    only = state.people[0] if len(state.people) == 1 else None
    person = state.person or only
    return _age_of(callers.applicant(session, person).id_number, day) if person else None


def _age_of(number: str, day: date) -> int | None:
    try:
        born = id_numbers.read(number, day).born_on
    except Refused:  # half a number, or a document that tells no birth date
        return None
    return id_numbers.age_on(born, day) if born else None
