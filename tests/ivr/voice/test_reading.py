"""How texts are read aloud. Needs the extra ``voice``."""

import pytest

pytest.importorskip("jieba", reason="the extra voice is not installed")

from ivr.voice import reading


def read(text, **how):
    return " ".join(" ".join(word) for word in reading.syllables(text, **how))


@pytest.mark.parametrize(
    ("text", "aloud"),
    [
        ("12320卫生热线", "yao1 er4 san1 er4 ling2 wei4 sheng1 re4 xian4"),
        ("按1", "an4 yi1"),
        ("十一号", "shi2 yi1 hao4"),
        ("一月一号", "yi1 yue4 yi1 hao4"),
        ("二十一分", "er4 shi2 yi1 fen1"),
        ("这一天", "zhe4 yi4 tian1"),
        ("我再说一遍", "wo3 zai4 shuo1 yi2 bian4"),
        ("这个号不约了", "zhe4 ge5 hao4 bu4 yue1 le5"),
        ("身份证号不对", "shen1 fen4 zheng4 hao4 bu2 dui4"),
        ("南京市六合人民医院", "nan2 jing1 shi4 lu4 he2 ren2 min2 yi1 yuan4"),
        ("血液科", "xue4 ye4 ke1"),
        ("预防接种门诊", "yu4 fang2 jie1 zhong4 men2 zhen3"),
        ("好的，", "hao3 de5 ，"),
    ],
)
def test_it_is_read_as_people_read_it(text, aloud):
    assert read(text) == aloud


def test_a_surname_has_its_own_reading():
    assert read("单雨桐", person=True) == "shan4 yu3 tong2"
    assert read("欧阳小朋友", person=True).startswith("ou1 yang2")
    assert read("单独", person=False).startswith("dan1")


def test_the_sounds_are_kokoros():
    pytest.importorskip("misaki", reason="the extra voice is not installed")
    assert reading.sounds("您好，再见") == "ni↗nxau↓, ʦai↘ʨjɛ↘n"
