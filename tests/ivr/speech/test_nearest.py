"""Names that sound alike: a slip of the recogniser or of the tongue still finds what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.nearest import Near, Verdict, judged, near_enough, nearest, syllables
from ivr.speech.sounds import Syllable, apart

DEPARTMENTS = [
    "内科", "外科", "儿科", "妇科", "产科", "妇产科", "眼科", "骨科", "心内科", "心外科",
    "呼吸内科", "消化内科", "神经内科", "皮肤科", "口腔科", "耳鼻喉科", "泌尿外科", "肝胆外科",
    "胸外科", "普外科", "感染科", "肿瘤科",
]  # fmt: skip
HOSPITALS = [
    "南京鼓楼医院", "南京市第一医院", "南京市第二医院", "江苏省人民医院", "南京市儿童医院",
    "南京脑科医院", "南京市胸科医院", "市第一医院", "鼓楼医院", "省人民医院", "儿童医院",
    "脑科医院", "中大医院", "同仁医院",
]  # fmt: skip
INITIALS = [
    "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r",
    "z", "c", "s", "",
]  # fmt: skip
FINALS = [
    "a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "i", "ian", "iang", "in", "ing", "o",
    "ong", "u", "uan", "uei", "v", "ve",
]  # fmt: skip
SYLLABLES = st.builds(
    Syllable,
    st.sampled_from(INITIALS),
    st.sampled_from(FINALS),
    st.integers(1, 5),
)


@given(SYLLABLES, SYLLABLES)
def test_two_syllables_are_as_far_from_each_other_both_ways(one: Syllable, other: Syllable) -> None:
    assert apart(one, other) == apart(other, one)
    assert 0 <= apart(one, other) <= 1
    assert apart(one, one) == 0


@pytest.mark.parametrize("name", DEPARTMENTS + HOSPITALS)
def test_every_name_is_itself(name: str) -> None:
    names = DEPARTMENTS if name in DEPARTMENTS else HOSPITALS
    found = nearest(name, names)
    assert found[0] == Near(name, 1.0)
    assert near_enough(name, names)[0] == name


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("富科", "妇科"),  # the same sounds
        ("心累课", "心内科"),  # n and l
        ("小花内科", "消化内科"),
        ("鼻尿外科", "泌尿外科"),
        ("肝但外科", "肝胆外科"),
        ("严科", "眼科"),  # the tone
        ("神今内科", "神经内科"),  # in and ing
        ("赶染科", "感染科"),
        ("中流科", "肿瘤科"),
        ("兄外科", "胸外科"),
        ("儿鼻喉科", "耳鼻喉科"),
    ],
)
def test_a_slip_still_finds_the_department(heard: str, meant: str) -> None:
    assert near_enough(heard, DEPARTMENTS) == [meant]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("古楼医院", "鼓楼医院"),
        ("老科医院", "脑科医院"),
        ("童仁医院", "同仁医院"),
        ("儿同医院", "儿童医院"),
        ("省仁民医院", "省人民医院"),
        ("我想去那个脑科医院看病", "脑科医院"),
    ],
)
def test_a_slip_still_finds_the_hospital(heard: str, meant: str) -> None:
    assert near_enough(heard, HOSPITALS)[0] == meant


@pytest.mark.parametrize("heard", ["你好", "不知道", "今天天气", "阿斯顿", "CT", "", "……"])
def test_what_is_no_name_finds_none(heard: str) -> None:
    assert near_enough(heard, DEPARTMENTS + HOSPITALS) == []


def test_first_and_second_are_never_taken_for_each_other_without_a_question() -> None:
    names = ["市第一医院", "市第二医院"]
    assert judged(nearest("市第医院", names)) is not Verdict.SURE


def test_one_sound_two_names_is_a_question() -> None:
    found = nearest("张敏", ["章敏", "张民", "李伟"])
    assert judged(found) is Verdict.ASK
    assert set(near_enough("张敏", ["章敏", "张民", "李伟"])) == {"章敏", "张民"}


def test_letters_stand_for_themselves() -> None:
    assert syllables("CT室")[:2] == (Syllable("", "c"), Syllable("", "t"))
    assert near_enough("ct室", ["CT室", "B超室"]) == ["CT室"]


@given(st.text(max_size=20), st.lists(st.text(max_size=10), max_size=5))
def test_any_text_can_be_compared(heard: str, names: list[str]) -> None:
    for near in nearest(heard, names):
        assert 0 <= near.score <= 1
        assert near.name in names
