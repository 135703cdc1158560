"""For whom: somebody known by the caller's mobile, or somebody new; then hold, read back, book.
Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from hotline.booking import id_numbers
from hotline.errors import Refused
from ivr.dialogue.answers import choice, instead, yes
from ivr.dialogue.events import Deed, Did, Reply
from ivr.dialogue.facts import Booked, Claim, Offered, Person
from ivr.dialogue.numbers import digits as dictated
from ivr.dialogue.places import Catalogue
from ivr.dialogue.replies import ask, do, go, leave_for_person, say
from ivr.dialogue.state import Leave, State, Step
from ivr.dialogue.understand import fill

_SOMEBODY_ELSE = re.compile(r"别人|其他|另外|新|都不是|不是|家里人|给我?(?:妈|爸|孩子|老伴|爱人)")
_MYSELF = re.compile(r"我(?:自己|本人)?|本人|自己")
_NAME = re.compile(
    r"^(?:[他她我]?(?:的?名字)?(?:叫|是)|姓名是?|名叫)?(?P<name>[\u4e00-\u9fff·]{2,6})$"
)
_MOBILE = re.compile(r"1[3-9]\d{9}")
STEPS = (Step.PATIENT, Step.LAST_FOUR, Step.ID_NUMBER, Step.NAME, Step.MOBILE, Step.CONFIRM)
ID_DIGITS = 18
# What a refusal leads to: another slot, the number once more; anything else ends this booking.
_ANOTHER_SLOT = {"slot_taken", "hold_expired", "slot_closed", "too_late", "too_early", "same_day"}
_A_PERSON = {"mobile_limit", "patient_banned", "name_invalid", "guardian_invalid"}


def chosen(state: State, offer: Offered) -> Reply:
    """A slot was chosen: whose is it?"""
    now = replace(state, chosen=offer)
    if now.person or now.new_patient:
        return hold(now)
    if now.people:
        return ask(now.at_step(Step.PATIENT))
    return ask(now.at_step(Step.ID_NUMBER, id_number="", new_patient=True))


def hold(state: State) -> Reply:
    """Keep the slot before it is read back, so that it cannot vanish meanwhile."""
    if state.chosen is None:
        return leave_for_person(state, "lost")
    claim = Claim(state.chosen.slot_id, state.person, state.id_number, state.name, state.mobile)
    return do(state, Deed.HOLD, claim, say("one_moment"))


def answered(state: State, text: str, city: Catalogue) -> Reply | None:
    """What was said of the patient, or to the last question."""
    if state.step is Step.PATIENT:
        return _whose(state, text)
    if state.step is Step.NAME:
        return _named(state, text)
    if state.step is Step.CONFIRM:
        return _confirmed(state, text, city)
    number = dictated(text)
    return keyed(state, number, city) if number else None


def keyed(state: State, digits: str, _city: Catalogue) -> Reply | None:
    """Numbers, by key or dictated."""
    if state.step is Step.PATIENT:
        return _whose_by_key(state, digits)
    if state.step is Step.LAST_FOUR and len(digits) == 4:
        return do(state, Deed.CHECK, (state.person, digits))
    if state.step is Step.ID_NUMBER:
        return _id_number(state, digits)
    if state.step is Step.MOBILE and _MOBILE.fullmatch(digits):
        return hold(replace(state, mobile=digits))
    if state.step is Step.CONFIRM and digits in ("1", "2"):
        return do(state, Deed.CONFIRM if digits == "1" else Deed.LET_GO)
    return None


def _whose(state: State, text: str) -> Reply | None:
    if _SOMEBODY_ELSE.search(text):
        return _somebody_new(state)
    number = choice(text)
    if number is not None and number < len(state.people):
        return _verify(state, state.people[number])
    by_name = [each for each in state.people if each.said[0] in text or each.said in text]
    if len(by_name) == 1:
        return _verify(state, by_name[0])
    if len(state.people) == 1 and (yes(text) or _MYSELF.search(text)):
        return _verify(state, state.people[0])
    return None


def _whose_by_key(state: State, digits: str) -> Reply | None:
    if digits == "9":
        return _somebody_new(state)
    if digits in ("1", "2", "3") and int(digits) <= len(state.people):
        return _verify(state, state.people[int(digits) - 1])
    return None


def _verify(state: State, person: Person) -> Reply:
    return ask(state.at_step(Step.LAST_FOUR, person=person))


def _somebody_new(state: State) -> Reply:
    if state.to_mine:
        return leave_for_person(state, "mine")
    return ask(state.at_step(Step.ID_NUMBER, person=None, new_patient=True, id_number=""))


def _id_number(state: State, digits: str) -> Reply:
    """In pieces, as people read it from the card; checked when it is whole."""
    number = state.id_number + digits.replace("*", "X").upper()
    if len(number) < ID_DIGITS:
        return ask(replace(state, id_number=number), say("go_on_with_number"))
    if not _is_right(number, state.today):
        now = replace(state, id_number="", misses=state.misses + 1)
        if now.misses > 2:
            return leave_for_person(now, "id_number", say("to_person_after_misses"))
        return ask(now, say("id_number_wrong"))
    return ask(state.at_step(Step.NAME, id_number=number))


def _is_right(number: str, today: date) -> bool:
    try:
        id_numbers.read(number, today)
    except Refused:
        return False
    return True


def _named(state: State, text: str) -> Reply | None:
    match = _NAME.match(text.rstrip("。，, "))
    if match is None:
        return None
    now = replace(state, name=match["name"])
    return hold(now) if now.caller_mobile else ask(now.at_step(Step.MOBILE))


def _confirmed(state: State, text: str, city: Catalogue) -> Reply | None:
    """One last question. A correction is no yes, whatever else was said."""
    corrected = fill(instead(text) or text, state.slots, Step.CONFIRM, city, state.today)
    answer = yes(text)
    if corrected.changed and answer is not True and corrected.slots != state.slots:
        now = replace(state, slots=corrected.slots, offers=(), person=state.person)
        return do(now, Deed.LET_GO)
    if answer is None:
        return None
    return do(state, Deed.CONFIRM if answer else Deed.LET_GO)


def did(state: State, event: Did) -> Reply | None:
    """What came of checking, holding, confirming; None when another slot is to be found."""
    if event.deed is Deed.CHECK:
        return _checked(state, is_right=bool(event.result))
    if event.refused:
        return _refused(state, event.refused)
    if event.deed is Deed.HOLD:
        return ask(state.at_step(Step.CONFIRM))
    booked: Booked = event.result
    now = state.at_step(Step.MORE, booked=(*state.booked, booked.booking_no), chosen=None)
    return ask(now, say("booked", number=booked.booking_no, pick_up_by=booked.pick_up_by))


def _checked(state: State, *, is_right: bool) -> Reply:
    if is_right:
        return do(state, Deed.MINE, state.person) if state.to_mine else hold(state)
    now = replace(state, misses=state.misses + 1, wrong=state.wrong + 1)
    if now.misses > 2:
        return leave_for_person(now, "last_four", say("to_person_after_misses"))
    return ask(now, say("last_four_wrong"))


def _refused(state: State, code: str) -> Reply | None:
    if code in _ANOTHER_SLOT:
        return None
    if code == "id_number_invalid":
        return ask(state.at_step(Step.ID_NUMBER, id_number=""), say("id_number_wrong"))
    if code == "mobile_invalid":
        return ask(state.at_step(Step.MOBILE))
    if code == "duplicate_booking":
        return ask(state.at_step(Step.MORE, chosen=None), say("duplicate_booking"))
    if code in _A_PERSON:
        return go(state, Leave.PERSON, say(f"refused_{code}"), reason=code)
    return leave_for_person(state, code)
