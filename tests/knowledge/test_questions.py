"""How often a spoken question gets the right article, no article, or a wrong one.

``questions.toml`` has been used to set the articles' key words, ``unseen.toml`` has not.
"""

import random
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hotline.knowledge.articles import articles, find
from hotline.knowledge.matching import by_sounds
from ivr.speech.models import EMBEDDED_PATH

HERE = Path(__file__).parent
PERSON = "person"
MISHEARD = 0.15  # of all characters


def table(name: str) -> list[tuple[str, str]]:
    """(question, the id of the article it is about)."""
    kept = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    return [(question, id_) for id_, asked in kept.items() for question in asked]


@dataclass(frozen=True)
class Figures:
    """Of answers given, how many were right; of questions that have one, how many got it."""

    precision: float
    recall: float
    answerable: int
    others: int


def measured(name: str, heard: Callable[[str], str] = str, *, by_sound: bool = False) -> Figures:
    """The figures of a table, each question as it was ``heard``; they are also printed."""
    answerable = others = given = right = 0
    for question, wanted in table(name):
        article = find(heard(question), by_sound=by_sound)
        answerable += wanted != PERSON
        others += wanted == PERSON
        given += article is not None
        right += article is not None and article.id == wanted
    figures = Figures(right / given, right / answerable, answerable, others)
    sys.stdout.write(f"{name}{' by sound' if by_sound else ''}: {figures}\n")
    return figures


def test_the_tables_are_large_and_no_phrasing_of_the_articles():
    asked = [question for name in ("questions.toml", "unseen.toml") for question, _ in table(name)]
    assert len(asked) == len(set(asked)) >= 400
    assert not set(asked) & {way for each in articles().values() for way in each.ways}
    for name in ("questions.toml", "unseen.toml"):
        assert {wanted for _, wanted in table(name)} == {*articles(), PERSON}


@pytest.mark.parametrize("by_sound", [False, True])
def test_questions_that_set_the_key_words(by_sound):
    figures = measured("questions.toml", by_sound=by_sound)
    assert figures.precision >= 0.99
    assert figures.recall >= 0.97
    assert figures.answerable >= 200
    assert figures.others >= 40


@pytest.mark.parametrize("by_sound", [False, True])
def test_questions_nobody_thought_of(by_sound):
    figures = measured("unseen.toml", by_sound=by_sound)
    assert figures.precision >= 0.95
    assert figures.recall >= 0.8


@pytest.fixture(scope="module")
def sound_alikes() -> dict[str, list[str]]:
    """Characters of the small model by their sound."""
    words = (EMBEDDED_PATH / "graph" / "words.txt").read_text(encoding="utf-8").split("\n")
    found: dict[str, list[str]] = {}
    for character in (line.split()[0] for line in words if line):
        if len(character) == 1:
            found.setdefault(by_sounds(character)[0], []).append(character)
    return found


def test_questions_as_a_recogniser_writes_them(sound_alikes):
    """One character in seven is another one that sounds alike."""
    chance = random.Random(12320)

    def heard(question: str) -> str:
        sounds = by_sounds(question)
        return "".join(
            chance.choice(sound_alikes.get(sound, [character]))
            if chance.random() < MISHEARD
            else character
            for character, sound in zip(question, sounds, strict=False)
        )

    by_letter = measured("questions.toml", heard)
    chance.seed(12320)
    by_sound = measured("questions.toml", heard, by_sound=True)
    assert by_sound.recall > by_letter.recall + 0.1
    assert by_sound.recall >= 0.8
    assert by_sound.precision >= 0.95
