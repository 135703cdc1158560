"""Grammars: phrases in the model's own words, and nothing promised that cannot be heard."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.alikes import SoundAlikes
from ivr.speech.vocabulary import grammar, spoken, words_of

WORDS = {
    "南京",
    "鼓楼",
    "鼓楼医院",
    "医院",
    "市",
    "南京市",
    "心",
    "内科",
    "心内科",
    "[unk]",
    "京市",
}


def _knows(word: str) -> bool:
    return word in WORDS


def test_the_fewest_words_win() -> None:
    assert words_of("南京市鼓楼医院", _knows) == ("南京市", "鼓楼医院")
    assert words_of("南京鼓楼", _knows) == ("南京", "鼓楼")


def test_a_greedy_cut_would_not_find_the_end() -> None:
    words = {"心内", "心", "内科"}
    assert words_of("心内科", words.__contains__) == ("心", "内科")


def test_what_is_not_said_is_left_out() -> None:
    assert spoken("南京市（鼓楼）医院·心_内 科") == "南京市鼓楼医院心内科"
    assert words_of("鼓楼医院 心内科", _knows) == ("鼓楼医院", "心内科")


def test_phrases_that_cannot_be_said_are_named() -> None:
    made = grammar(["心内科", "CT室", "鼓楼医院", "心内科", "心 内科", "（）", ""], _knows)
    assert json.loads(made.text) == ["心内科", "鼓楼医院", "[unk]"]
    assert made.phrases == {"心内科", "鼓楼医院"}
    assert made.unsayable == ("CT室", "（）", "")


def test_a_model_without_unk_gets_none() -> None:
    assert json.loads(grammar(["心"], {"心"}.__contains__).text) == ["心"]


@given(st.text("南京市鼓楼医院心内科x", max_size=12))
def test_words_are_known_and_make_up_the_phrase(text: str) -> None:
    words = words_of(text, _knows)
    if words is not None:
        assert "".join(words) == text
        assert all(map(_knows, words))
    elif text:
        assert not _can_be_cut(text)


def _can_be_cut(text: str) -> bool:
    return not text or any(
        _knows(text[:size]) and _can_be_cut(text[size:]) for size in range(1, len(text) + 1)
    )


@given(st.integers(1, 40))
def test_a_long_name_in_single_characters(size: int) -> None:
    assert words_of("心" * size, _knows) == ("心",) * size


def test_what_the_model_has_no_word_for_is_listened_for_by_its_sound() -> None:
    spelt = {"疫苗": "义苗", "新内科": "心内科"}.get
    made = grammar(["疫苗", "新内科", "龘"], {"义", "苗", "心内科"}.__contains__, spelt)
    assert json.loads(made.text) == ["义 苗", "心内科"]
    assert made.unsayable == ("龘",)
    assert made.read("打义苗去心内科") == "打疫苗去新内科"


def test_a_name_that_sounds_like_another_stays_as_it_was_heard() -> None:
    made = grammar(["王昊", "王浩然"], set("王浩然").__contains__, {"王昊": "王浩"}.get)
    assert json.loads(made.text) == ["王 浩", "王 浩 然"]
    assert made.read("王浩") == "王浩"


def test_sound_alikes_of_a_word_list(tmp_path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("<eps> 0\n义 1\n医 2\n苗 3\n鼓楼 4\n", encoding="utf-8")
    alikes = SoundAlikes(words)
    assert alikes.spelt("疫苗") == "义苗"
    assert alikes.spelt("宜苗") in ("义苗", "医苗")
    assert alikes.spelt("苗C") is None
    assert SoundAlikes(tmp_path / "none").spelt("苗") is None
