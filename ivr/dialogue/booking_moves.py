"""Booking, question by question: hospital, department, doctor, day, half-day, one of two. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hotline.booking.rules import ClinicKind, HalfDay
from ivr.dialogue.answers import choice, instead, yes
from ivr.dialogue.dates import Days
from ivr.dialogue.events import Deed, Prompt, Reply
from ivr.dialogue.facts import Slots
from ivr.dialogue.places import Catalogue, Place
from ivr.dialogue.replies import OPTIONS_AT_ONCE, ask, do, leave_for_person, say
from ivr.dialogue.state import State, Step
from ivr.dialogue.understand import EARLIEST_DAYS, Understood, at_hospital, fill

QUESTIONS = (Step.HOSPITAL, Step.DEPARTMENT, Step.DOCTOR, Step.DAY, Step.HALF)
MOST_SEARCHES = 4
MORE_KEY = "9"


def begun(state: State, text: str, city: Catalogue, *, plainly: bool) -> Reply | None:
    """Somebody says what is wanted, more or less of it; None when that is no booking."""
    now = fill(text, state.slots, Step.MENU, city, state.today)
    if now.anything:
        return understood(state, now, city)
    return go_on(state, city) if plainly else None


def go_on(state: State, city: Catalogue, *before: Prompt) -> Reply:
    """Ask for what is missing; when nothing is, look for slots."""
    step = next((each for each in QUESTIONS if _is_missing(each, state.slots)), None)
    if step is None:
        return search(state, *before)
    options = _options(step, state.slots, city)
    return ask(state.at_step(step, options=options, choices=(), shown=0), *before)


def search(state: State, *before: Prompt) -> Reply:
    """Look for slots; a caller who has searched often enough is given a person."""
    if state.searches >= MOST_SEARCHES:
        return leave_for_person(state, "nothing_fits", say("to_person_nothing_fits"))
    now = replace(state, searches=state.searches + 1, chosen=None)
    return do(now, Deed.SEARCH, now.slots, *before)


def _is_missing(step: Step, slots: Slots) -> bool:
    return {
        Step.HOSPITAL: slots.hospital is None,
        Step.DEPARTMENT: slots.department is None,
        Step.DOCTOR: slots.doctor is None and not slots.any_doctor,
        Step.DAY: slots.days is None,
        Step.HALF: slots.half is None and not slots.any_half,
    }[step]


def _options(step: Step, slots: Slots, city: Catalogue) -> tuple[Place, ...]:
    if step is Step.HOSPITAL:
        return tuple(sorted(city.hospitals, key=lambda place: (-place.weight, place.name)))
    if step is Step.DEPARTMENT and slots.hospital:
        return tuple(city.departments_of(slots.hospital.id))
    return ()


def answered(state: State, text: str, city: Catalogue) -> Reply | None:
    """What was said in answer to a question of booking; None when it says nothing."""
    if state.choices and (picked := _among(state.choices, text)) is not None:
        return _picked(state, picked, city)
    now = fill(instead(text) or text, state.slots, state.step, city, state.today)
    if now.anything:
        return understood(state, now, city)
    # "no" to what was repeated in passing: the question before is asked again
    return _ask_again(state, city) if yes(text) is False else None


def understood(state: State, now: Understood, city: Catalogue) -> Reply:
    """Go on with what was understood, or ask about what is in doubt."""
    state = replace(state, slots=now.slots)
    if now.no_such_day:
        return ask(state.at_step(Step.DAY), say("no_such_day"))
    if now.choices and now.about:
        state = state.at_step(now.about, choices=now.choices, shown=0)
        return ask(state, say("which", choices=now.choices[:2]))
    return go_on(state, city, echo(state.slots, now.changed))


def echo(slots: Slots, changed: tuple[Step, ...]) -> Prompt:
    """What was understood, said back in passing."""
    parts = {
        Step.HOSPITAL: slots.hospital,
        Step.DEPARTMENT: slots.department,
        Step.DOCTOR: slots.doctor or slots.kind,
        Step.DAY: slots.days,
        Step.HALF: slots.at or slots.half,
    }
    said = tuple(part for step in QUESTIONS if step in changed and (part := parts[step]))
    return say("echo", parts=said) if said else say("fine")


def _among(places: tuple[Place, ...], text: str) -> Place | None:
    if (number := choice(text)) is not None and number < len(places):
        return places[number]
    by_name = next((place for place in places if place.name in text), None)
    return by_name or next(
        (place for place in places if any(way in text for way in place.ways)), None
    )


def _picked(state: State, place: Place, city: Catalogue) -> Reply:
    """One of those that are called alike, or one chosen by key."""
    if state.step is Step.HOSPITAL:
        slots = at_hospital(Understood(state.slots), place, city).slots
    elif state.step is Step.DEPARTMENT:
        slots = replace(state.slots, department=place, doctor=None, department_said="")
        if slots.hospital is None:
            slots = replace(slots, hospital=city.hospital(place.within))
    else:
        slots = replace(state.slots, doctor=place, any_doctor=False)
    return go_on(replace(state, slots=slots), city, echo(slots, (state.step,)))


_EMPTIED: dict[Step, dict[str, object]] = {
    Step.HOSPITAL: {"hospital": None, "department": None, "doctor": None},
    Step.DEPARTMENT: {"department": None, "doctor": None},
    Step.DOCTOR: {"doctor": None, "kind": None, "any_doctor": False},
    Step.DAY: {"days": None},
    Step.HALF: {"half": None, "at": None, "any_half": False},
}


def _ask_again(state: State, city: Catalogue) -> Reply | None:
    before = next((step for step in reversed(state.path) if step in QUESTIONS), None)
    if before is None:
        return None
    return go_on(state.with_slots(**_EMPTIED[before]), city, say("sorry"))


# --- by key


def keyed(state: State, digits: str, city: Catalogue) -> Reply | None:
    """Keys pressed in answer to a question of booking."""
    if state.choices and digits in ("1", "2"):
        return _picked(state, state.choices[int(digits) - 1], city)
    if state.options:
        return _option_keyed(state, digits, city)
    slots = _by_key(state, digits)
    return go_on(replace(state, slots=slots), city, echo(slots, (state.step,))) if slots else None


def _option_keyed(state: State, digits: str, city: Catalogue) -> Reply | None:
    if digits == MORE_KEY:
        shown = state.shown + OPTIONS_AT_ONCE
        now = replace(state, shown=shown if shown < len(state.options) else 0)
        return ask(replace(now, misses=max(now.misses, 1)))
    offered = state.options[state.shown : state.shown + OPTIONS_AT_ONCE]
    number = "1234".find(digits) if len(digits) == 1 else -1
    return _picked(state, offered[number], city) if 0 <= number < len(offered) else None


def _by_key(state: State, digits: str) -> Slots | None:
    if state.step is Step.DOCTOR:
        kinds = {"1": ClinicKind.GENERAL, "2": ClinicKind.EXPERT, "3": None}
        if digits not in kinds:
            return None
        return replace(state.slots, kind=kinds[digits], any_doctor=True, doctor=None)
    if state.step is Step.DAY:
        days = _day_by_key(digits, state.today)
        return replace(state.slots, days=days) if days else None
    halves = {"1": HalfDay.MORNING, "2": HalfDay.AFTERNOON, "3": None}
    if digits not in halves:
        return None
    return replace(state.slots, half=halves[digits], any_half=digits == "3", at=None)


def _day_by_key(digits: str, today: date) -> Days | None:
    """1 tomorrow, 2 and 3 the days after, 4 the earliest; or four digits: 1203."""
    if digits in ("1", "2", "3"):
        day = today + timedelta(days=int(digits))
        return Days(day, day)
    if digits == "4":
        return Days(today + timedelta(days=1), today + timedelta(days=EARLIEST_DAYS))
    if len(digits) != 4 or not digits.isdecimal():
        return None
    month, day_of = int(digits[:2]), int(digits[2:])
    try:
        day = date(today.year + ((month, day_of) < (today.month, today.day)), month, day_of)
    except ValueError:
        return None
    return Days(day, day)


def changed_mind(state: State, city: Catalogue) -> Reply:
    """The last word was no: what has been corrected is looked for, or asked for."""
    if any(_is_missing(step, state.slots) for step in QUESTIONS):
        return go_on(state, city)
    if state.offers:
        return ask(state.at_step(Step.DAY, options=(), chosen=None), say("what_to_change"))
    return search(state)
