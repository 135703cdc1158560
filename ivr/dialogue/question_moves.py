"""Questions: the answer that was read, whether it was the one asked for, another try. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from hotline.knowledge import articles
from ivr.dialogue import booking_moves
from ivr.dialogue.answers import instead
from ivr.dialogue.events import Deed, Did, Reply
from ivr.dialogue.places import Catalogue
from ivr.dialogue.replies import ask, do, leave_for_person, say
from ivr.dialogue.state import State, Step

MOST_TRIES = 2
_MISHEARD = re.compile(
    r"(?<!是)不是(?!吗)|不对|错了|听错|答错|弄错|搞错|不是(?:这|问)|没问这|问的是|答非所问"
)
_BOOK = re.compile(
    r"^(?:[，, ]|那|我|就|请|你|您|帮|给|替|要|想|还|先|是|来)*"
    r"(?:挂号|预约挂号|预约|挂.{0,12}[号科]|约.{0,12}(?:号|医生|大夫|专家|门诊)|"
    r"看(?:病|医生|专家|门诊|.{0,8}科))"
)
_ASKS = re.compile(
    r"吗|怎么|怎样|如何|要不要|用不用|需不需要|什么|多少|多久|几|哪|能不能|可不可以|为什么"
)


def answered(state: State, text: str, city: Catalogue) -> Reply:
    """A question; a wish to book that is said here is no question."""
    if _BOOK.search(text) and not _ASKS.search(text) and articles.find(text) is None:
        return booking_moves.begun(state, text, city, plainly=True) or booking_moves.go_on(
            state, city
        )
    return do(state, Deed.ANSWER, text)


def keyed(_state: State, _digits: str, _city: Catalogue) -> None:
    """A question has no keys."""


def did(state: State, event: Did, _city: Catalogue) -> Reply:
    """An answer with its title before it, or a person who has one."""
    if not event.result:
        return leave_for_person(state, "question", say("no_answer"))
    now = replace(state, answered=(*state.answered, event.result))
    now = now.at_step(Step.MORE, answering=event.result)
    return ask(now, say("article", article=event.result))


def again(state: State) -> Reply:
    """The answer once more."""
    return ask(state, say("article", article=state.answering))


def misheard(state: State, text: str) -> Reply | None:
    """That was not the question: it is asked for again, or the one said now is answered. After
    two tries a person has the answer. None when nobody complains."""
    if not state.answering or not _MISHEARD.search(text):
        return None
    now = replace(state, answered=state.answered[:-1], answering="", wrong=state.wrong + 1)
    if state.path.count(Step.QUESTION) >= MOST_TRIES:
        return leave_for_person(now, "question", say("to_person_after_misses"))
    question = instead(text)
    if question and articles.find(question, by_sound=True) is not None:
        return do(now.at_step(Step.QUESTION), Deed.ANSWER, question)
    return ask(now.at_step(Step.QUESTION), say("another_try"))
