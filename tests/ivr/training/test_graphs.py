"""Lexicon tree, language model, and both through OpenFst into Vosk."""

from __future__ import annotations

import shutil
from math import exp
from pathlib import Path

import pytest
import vosk

from ivr.speech.models import EMBEDDED_PATH
from ivr.speech.vocabulary import UNKNOWN, grammar
from ivr.training import evaluate, lexicon, openfst, pack, phones
from ivr.training.language import END, LanguageModel
from tests.ivr.speech.clips import clip

WORDS = {"眼科": 1, "严科": 2, "眼": 3, "一": 4, UNKNOWN: 5}
SENTENCES = [("我", "挂", "眼科"), ("我", "挂", "外科"), ("眼科",), ("我", "要", "挂", "眼科")] * 20
NUMBERS = {word: number for number, word in enumerate(("我", "挂", "眼科", "外科", "要", "罕"), 1)}


def _accepts(tree: lexicon.Tree, transitions: list[int]) -> set[int]:
    """The words that a path with these transition ids gives, pauses and loops left out."""
    found, seen = set(), [(tree.root, 0, 0)]
    while seen:
        state, place, word = seen.pop()
        if place == len(transitions) and state == tree.end:
            found.add(word)
            continue
        for origin, target, transition, said, _ in tree.arcs:
            if origin == state and origin != target and not (said and word):
                if transition == 0 and said:
                    seen.append((target, place, said))
                elif place < len(transitions) and transition == transitions[place]:
                    seen.append((target, place + 1, word))
    return found


def _path(word: str) -> list[int]:
    [sounds, *_] = lexicon.pronunciations(word)
    return [phones.leaving(phone) for phone in phones.in_word(sounds)]


def test_homophones_share_a_leaf_and_readings_have_their_own() -> None:
    tree = lexicon.Tree()
    for word, number in WORDS.items():
        if word != UNKNOWN:
            for sounds in lexicon.pronunciations(word):
                tree.add(number, sounds)
    assert _accepts(tree, _path("眼科")) == {1, 2}
    assert _accepts(tree, _path("眼")) == {3}
    assert _accepts(tree, [phones.leaving(phones.phone(phones.NUMBER["iao"], "singleton"))]) == {4}
    assert _accepts(tree, _path("外科")) == set()


def test_every_phone_has_its_loop_and_the_start_comes_first() -> None:
    tree = lexicon.tree(WORDS)
    entered = {(b, i) for a, b, i, _, _ in tree.arcs if i and a != b}
    loops = {(a, i) for a, b, i, _, _ in tree.arcs if a == b}
    assert loops == {(state, transition - 1) for state, transition in entered}
    lines = tree.text().splitlines()
    assert lines[0].split()[0] == str(tree.start) == "0"
    assert lines[-1] == f"{tree.root} 0"


def test_words_without_a_reading_are_left_out() -> None:
    assert lexicon.sayable(["眼科", "CT", "眼科", "嗯", "内科"]) == ["眼科", "内科"]


def test_the_language_model_gives_probabilities() -> None:
    model = LanguageModel(SENTENCES, NUMBERS, {"罕": 5, "我": 50})
    for history in ((), ("我",), ("挂",), ("我", "挂"), ("外科", "眼科")):
        whole = sum(model.chance(word, history) for word in (*NUMBERS, END))
        assert whole == pytest.approx(1, abs=0.02), history
    assert model.chance("眼科", ("我", "挂")) > model.chance("外科", ("要", "挂"))
    assert model.chance("罕", ("我",)) > 0
    assert model.chance("挂", ("我",)) > model.chance("挂")


def test_its_transducer_spends_the_same() -> None:
    model = LanguageModel(SENTENCES, NUMBERS, {"罕": 5})
    rows = [line.split() for line in model.text().splitlines()]
    arcs = {
        (int(row[0]), int(row[2])): (int(row[1]), float(row[4])) for row in rows if len(row) == 5
    }
    ends = {int(row[0]): float(row[1]) for row in rows if len(row) == 2}
    state = 0
    history: tuple[str, ...] = ("<s>",)
    for word in ("我", "挂", "眼科"):
        state, cost = arcs[(state, NUMBERS[word])]
        assert exp(-cost) == pytest.approx(model.chance(word, history), rel=1e-3)
        history = (*history[-1:], word)
    assert state in ends
    assert set(ends.values()) == {0.0}, "that somebody has stopped is heard, not guessed"
    assert arcs[(0, NUMBERS["我"])][0] not in ends, "nobody stops after 我"


@pytest.mark.skipif(not openfst.present(), reason="OpenFst's programs (libfst-tools) are not here")
def test_vosk_hears_with_graphs_we_made(tmp_path: Path) -> None:
    words = ("眼科", "耳鼻喉科", "十四号", "上午", "南京", "鼓楼", "医院", "人工", "取消")
    sentences = [(word,) for word in words] * 5
    assert pack.graphs(sentences, {"南京": 900, "内科": 30}, tmp_path) == 10
    for part in ("am", "conf"):
        shutil.copytree(EMBEDDED_PATH / part, tmp_path / part)
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(tmp_path))
    for said in ("眼科", "十四号上午", "南京鼓楼医院"):
        assert evaluate.decode(model, clip(said).pcm).text == said
    narrowed = grammar(("眼科", "内科"), lambda word: model.vosk_model_find_word(word) >= 0)
    assert evaluate.decode(model, clip("眼科").pcm, narrowed).text == "眼科"
    assert evaluate.decode(model, clip("南京鼓楼医院").pcm, narrowed).text == ""
