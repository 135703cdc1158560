"""What the recogniser is told to listen for."""

from datetime import date

import pytest

from hotline.knowledge.articles import articles, find
from ivr import questions
from ivr.dialogue.state import State, Step
from ivr.speech.alikes import SoundAlikes
from ivr.speech.models import EMBEDDED_PATH
from ivr.speech.vocabulary import grammar
from tests.ivr.dialogue.world import CITY

WORDS = EMBEDDED_PATH / "graph" / "words.txt"


@pytest.fixture(scope="module")
def knows():
    return {line.split()[0] for line in WORDS.read_text(encoding="utf-8").splitlines()}.__contains__


@pytest.mark.parametrize("step", sorted(set(Step) - {Step.MENU, Step.NAME}))
def test_every_question_listens_for_danger_and_for_a_person(step):
    phrases = questions.expects(State(step=step, today=date(2026, 11, 21)), CITY).phrases
    assert {"人工", "不想活了", "胸口疼", "发烧"} <= set(phrases)


def test_the_shipped_model_can_hear_what_is_asked_and_it_is_read_as_it_was_meant(knows):
    phrases = questions.expects(State(step=Step.QUESTION, today=date(2026, 11, 21)), CITY).phrases
    made = grammar(phrases, knows, SoundAlikes(WORDS).spelt)
    assert all(any(letter.isascii() for letter in phrase) for phrase in made.unsayable)
    assert len(made.unsayable) < 10
    lost = [
        way
        for each in articles().values()
        for way in each.ways
        if way not in made.unsayable
        and find(made.read(SoundAlikes(WORDS).spelt(way) or way), by_sound=True) is not each
    ]
    assert lost == []
