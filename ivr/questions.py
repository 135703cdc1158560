"""What the recogniser and the keypad are told to expect at each question. Pure.

A grammar holds what can be booked now and what is understood everywhere; the words of danger are
in each, or nobody would hear them. Free speech where a whole sentence is welcome.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from hotline.knowledge.articles import articles
from ivr.dialogue.numbers import spoken
from ivr.dialogue.places import Catalogue, Place
from ivr.dialogue.state import State, Step
from ivr.dialogue.understand import EARLIEST_DAYS
from ivr.hearing import NAME_SILENCE, NUMBER_SILENCE, YES_NO_SILENCE, Expects, Keys
from ivr.whole import whole

FILE = Path(__file__).parent / "data" / "phrases.toml"
_WEEKDAYS = "一二三四五六日天"


@cache
def said(*kinds: str) -> tuple[str, ...]:
    """What callers say, by its kinds in ``phrases.toml``."""
    kept = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(phrase for kind in kinds for phrase in kept[kind].split())


def expects(state: State, city: Catalogue) -> Expects:
    """The present question as the recogniser and the keypad need it."""
    step = state.step
    keys, silence = _KEYS.get(step, Keys()), _SILENCE.get(step, SILENCE)
    if step in _FREE:
        return Expects(step.value, keys=keys, silence=silence)
    phrases = tuple(dict.fromkeys((*_phrases(state, city), *said("everywhere"))))
    return Expects(
        step.value,
        phrases,
        keys=keys,
        silence=silence,
        whole=whole(step, phrases, days(state.today), said("halves")),
    )


_FREE = frozenset({Step.MENU, Step.NAME})
_KEYS = {
    Step.DAY: Keys(most=4, zero_first=True, inter_digit=2.0),
    Step.LAST_FOUR: Keys(most=4, zero_first=True, star_in_number=True),
    Step.ID_NUMBER: Keys(most=18, zero_first=True, star_in_number=True),
    Step.MOBILE: Keys(most=11),
}
SILENCE = 0.66  # with it and 20 calls at once, the line answers within 0.7 s
_SILENCE = {
    Step.MENU: 0.7,  # a whole sentence is welcome
    Step.CONFIRM: YES_NO_SILENCE,
    Step.CANCEL: YES_NO_SILENCE,
    Step.HALF: YES_NO_SILENCE,
    Step.NAME: NAME_SILENCE,
    Step.DOCTOR: NAME_SILENCE,
    Step.LAST_FOUR: NUMBER_SILENCE,
    Step.ID_NUMBER: NUMBER_SILENCE,
    Step.MOBILE: NUMBER_SILENCE,
}


def _phrases(state: State, city: Catalogue) -> Iterable[str]:
    kinds = said(*_SAID.get(state.step, ()))
    if state.step is Step.HOSPITAL:
        return _ways(city.hospitals)
    if state.step is Step.DEPARTMENT:
        hospital = state.slots.hospital
        here = city.departments_of(hospital.id if hospital else None)
        return (*_ways(here), *kinds, *_ways(city.hospitals))
    if state.step is Step.DOCTOR:
        department, hospital = state.slots.department, state.slots.hospital
        # the department too: whoever was misheard puts it right now
        return (
            *kinds,
            *_ways(city.doctors_of(department.id if department else None)),
            *_ways(city.departments_of(hospital.id if hospital else None)),
        )
    if state.step in (Step.OFFER, Step.DAY, Step.HALF):
        return (*kinds, *days(state.today))
    own = {
        Step.PATIENT: tuple(who.said for who in state.people),
        Step.QUESTION: asked(),
    }
    return (*own.get(state.step, ()), *kinds)


_SAID: dict[Step, tuple[str, ...]] = {
    Step.DEPARTMENT: ("symptoms",),
    Step.DOCTOR: ("kinds", "any"),
    Step.DAY: ("any", "halves"),
    Step.HALF: ("any", "halves"),
    Step.OFFER: ("choices", "yes_no", "halves"),
    Step.CONFIRM: ("yes_no", "halves"),
    Step.PATIENT: ("people", "choices", "yes_no"),
    Step.MINE: ("mine",),
    Step.CANCEL: ("yes_no", "cancel"),
    Step.MORE: ("more", "yes_no"),
    Step.QUESTION: ("asking", "symptoms", "more"),
}


def _ways(places: Iterable[Place]) -> list[str]:
    return [way for place in places for way in place.ways]


@cache
def asked() -> tuple[str, ...]:
    """What questions are made of: whole phrasings of the articles, and their key words."""
    known = articles().values()
    words = (word for each in known for group in each.about for word in group if len(word) > 1)
    return tuple(dict.fromkeys([way for each in known for way in each.ways] + list(words)))


@cache
def days(today: date) -> tuple[str, ...]:
    """Every way to say the days that can be booked, and those around them."""
    weekdays = [
        f"{which}{week}{day}"
        for which in ("", "这", "下")
        for week in ("周", "星期", "礼拜")
        for day in _WEEKDAYS
        if not (week == "周" and day == "天")
    ]
    coming = [today + timedelta(days=ahead) for ahead in range(EARLIEST_DAYS + 2)]
    dated = [f"{spoken(day.month)}月{spoken(day.day)}号" for day in coming]
    bare = [f"{spoken(day.day)}号" for day in coming]
    return (*said("soon"), *weekdays, *dated, *bare)
