"""What people call hospitals."""

import csv
from datetime import date

import pytest

from ivr import catalogue
from ivr.dialogue.facts import Slots
from ivr.dialogue.places import Catalogue, Place
from ivr.dialogue.state import Step
from ivr.dialogue.understand import fill
from ivr.hospital_names import ways_to_call
from ivr.speech.nearest import near_enough


@pytest.mark.parametrize(
    ("name", "city", "said"),
    [
        ("南京鼓楼医院", "南京", "鼓楼医院 鼓楼"),
        ("南京市儿童医院", "南京", "儿童医院 儿童 市儿童"),
        ("南京市妇幼保健院", "南京", "妇幼保健院 妇幼 市妇幼"),
        ("南京市第一医院", "南京", "市一 市一医院 一院 第一医院"),
        ("南京市中医院", "南京", "市中医 市中医院 中医院"),
        ("江苏省中医院", "南京", "省中医 省中医院"),
        ("江苏省人民医院", "南京", "省人民 省人医 省人民医院"),
        ("江苏省第二中医院", "南京", "省二中医 省二中医院 省第二中医院"),
        ("江苏省中西医结合医院", "南京", "省中西医 省中西医结合医院"),
        ("江苏省口腔医院", "南京", "省口腔 省口腔医院"),
        ("东南大学附属中大医院", "南京", "中大 中大医院"),
        ("南京医科大学附属逸夫医院", "南京", "逸夫 逸夫医院"),
        ("南京医科大学第二附属医院", "南京", "二附院 南医大二附院 第二附属医院"),
        ("南京医科大学眼科医院", "南京", "眼科医院 南医大眼科医院"),
        ("南京市溧水区人民医院", "南京", "溧水人民医院 溧水医院"),
        ("南京市高淳人民医院", "南京", "高淳人民医院 高淳医院"),
        ("南京市浦口区中医院", "南京", "浦口中医院 浦口区中医院"),
        ("南京市江宁医院（湖山路）", "南京", "湖山路 江宁医院湖山路"),
        ("苏州大学附属第一医院", "苏州", "附一院 苏大附一院 第一附属医院"),
        ("苏州市立医院", "苏州", "市立医院 市立"),
        ("无锡市人民医院", "无锡", "人民医院 市人民 市人医"),
        ("徐州医科大学附属医院", "徐州", "徐医大附院"),
        ("扬州大学附属医院", "扬州", "扬大附院"),
    ],
)
def test_shorter_names_follow_from_the_long_one(name, city, said):
    assert set(said.split()) - set(ways_to_call(name, city)) == set()


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("江苏省人民医院", "人民 江苏省人民"),
        ("南京市中医院", "中医"),
        ("南京市口腔医院", "口腔"),
        ("南京医科大学眼科医院", "眼科"),
        ("南京市中心医院", "中心 市中心"),
        ("南京市江宁医院", "江宁"),
        ("南京市职业病防治院", "职业病"),
        ("南京市江宁医院（湖山路）", "江宁医院"),
    ],
)
def test_what_is_anybodys_or_a_department_names_no_hospital(name, never):
    assert set(never.split()) & set(ways_to_call(name, "南京")) == set()


@pytest.mark.parametrize(
    "name", ["", "医院", "第一医院", "（）", "省医院", "大学附属医院", "市医院"]
)
def test_odd_names_are_at_least_themselves(name):
    assert name in ways_to_call(name, "南京") or len(name) < 2


def test_the_table_of_nicknames_has_only_what_no_rule_gives():
    with catalogue.NICKNAMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert set(row["说法"].split()) & set(ways_to_call(row["医院"], "南京")) == set()


NAMES = (
    "南京鼓楼医院",
    "南京市儿童医院",
    "南京市第一医院",
    "东南大学附属中大医院",
    "江苏省人民医院",
    "南京市妇幼保健院",
    "南京脑科医院",
    "南京市第二医院",
    "江苏省中医院",
)
DEPARTMENTS = ("心血管内科", "骨科", "神经内科", "消化内科", "泌尿外科")
CITY = Catalogue(
    tuple(
        Place(number, name, 0,
              catalogue.hospital_forms({"hospital": name, "city": "南京", "short_name": None}))
        for number, name in enumerate(NAMES, 1)
    ),
    tuple(
        Place(100 * within + number, name, within, catalogue.department_forms(name))
        for within in range(1, len(NAMES) + 1)
        for number, name in enumerate(DEPARTMENTS)
    ),
    nearest=near_enough,
)  # fmt: skip


def at_the_menu(said):
    slots = fill(said, Slots(), Step.MENU, CITY, date(2026, 11, 21)).slots
    return slots.hospital and slots.hospital.name, slots.department and slots.department.name


@pytest.mark.parametrize(
    ("said", "hospital", "department"),
    [
        ("我想挂骨楼医院", "南京鼓楼医院", None),
        ("我想挂古楼", "南京鼓楼医院", None),
        ("我要挂骨楼医院新内科的号", "南京鼓楼医院", "心血管内科"),
        ("我想挂重大医院", "东南大学附属中大医院", None),
        ("挂尔童医院的号", "南京市儿童医院", None),
        ("预约省仁民医院", "江苏省人民医院", None),
        ("我想挂妇右保健院", "南京市妇幼保健院", None),
        ("想挂脑颗医院", "南京脑科医院", None),
    ],
)
def test_a_name_heard_wrongly_is_known_at_the_menu_too(said, hospital, department):
    assert at_the_menu(said) == (hospital, department)


@pytest.mark.parametrize(
    "said",
    ["我想挂号", "我要预约", "你好", "挂个专家号", "我想看病", "挂明天上午的号", "挂十一号的专家号",
     "我想挂四十一号", "帮我妈挂号", "挂新内科", "我的预约", "我要挂吴关医生", "喂有人吗"],
)  # fmt: skip
def test_what_names_no_hospital_gives_none(said):
    assert at_the_menu(said)[0] is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("六合区人民医院", {"南京市六合人民医院"}),  # and not the provincial one, called 人民医院
        ("浦口区人民医院", {"南京市浦口区中心医院", "南京市浦口区中医院"}),  # there is none: asked
        ("江苏省人民医院", {"江苏省人民医院"}),
        ("南京市鼓楼医院", {"南京鼓楼医院"}),
        ("我要去鼓楼医院", {"南京鼓楼医院"}),
        ("南京理工大学孝医院", {"南京理工大学医院"}),  # 市一院 sounds like a part of it
        ("南京理工大学中医院", {"南京理工大学医院"}),
    ],
)
def test_a_short_name_within_a_longer_one_is_not_that_hospital(said, meant):
    names = (
        "江苏省人民医院", "南京市六合人民医院", "南京市浦口区中心医院", "南京市浦口区中医院",
        "南京鼓楼医院", "南京理工大学医院", "南京市中医院", "南京市第一医院",
    )  # fmt: skip
    city = Catalogue(tuple(
        Place(number, name, 0,
              catalogue.hospital_forms({"hospital": name, "city": "南京", "short_name": None}))
        for number, name in enumerate(names, 1)
    ), nearest=near_enough)  # fmt: skip
    found = city.find_hospital(said)
    assert {place.name for place in found.places} == meant
