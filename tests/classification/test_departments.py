"""Departments for symptoms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.classification.departments import department_names, suggest_department


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("拉肚子三天了", "消化内科"),
        ("心慌", "心血管内科"),
        ("小便疼", "泌尿外科"),
        ("晚上打呼噜", "耳鼻咽喉科"),
        ("眼睛看不清", "眼科"),
        ("耳鸣", "耳鼻咽喉科"),
        ("起疹子", "皮肤科"),
        ("咳嗽有黄痰", "呼吸内科"),
        ("头疼头晕", "神经内科"),
        ("血糖高", "内分泌科"),
        ("小便有很多泡沫", "肾内科"),
        ("贫血", "血液科"),
        ("早上手指关节僵", "风湿免疫科"),
        ("乙肝大三阳", "感染科"),
        ("崴脚了", "骨科"),
        ("乳房摸到硬块", "甲乳外科"),
        ("痔疮犯了", "肛肠科"),
        ("例假不准", "妇科"),
        ("备孕两年怀不上", "生殖医学科"),
        ("智齿发炎", "口腔科"),
        ("开水烫伤", "烧伤整形科"),
        ("老是听到有人说话，幻听", "精神科"),
        ("落枕", "针灸推拿科"),
        ("放疗预约", "放疗科"),
        ("打流感疫苗", "预防接种门诊"),
        ("被狗咬了", "犬伤门诊"),
        ("入职体检", "体检中心"),
        ("挂心内科", "心血管内科"),
        ("看牙科", "口腔科"),
    ],
)
def test_symptoms_and_names_lead_to_the_department(text: str, department: str) -> None:
    assert suggest_department(text)[0][0] == department


@pytest.mark.parametrize("text", ["发烧三十九度", "孩子发烧了", "体温38.5度还咳嗽"])
def test_fever_goes_to_the_fever_clinic(text: str) -> None:
    assert suggest_department(text)[0][0] == "发热门诊"


def test_no_fever_is_no_fever() -> None:
    assert suggest_department("没有发烧，就是咳嗽")[0][0] == "呼吸内科"


@pytest.mark.parametrize(
    "text",
    ["胸口疼得厉害还出冷汗", "嘴歪了", "半边身子动不了", "突然说不出话", "吐血了", "呼吸困难",
     "孩子误服了药", "发烧抽搐"],
)  # fmt: skip
def test_signs_of_heart_attack_stroke_and_poisoning_go_to_emergency(text: str) -> None:
    assert suggest_department(text)[0][0] == "急诊"


@pytest.mark.parametrize(
    ("text", "department"),
    [("宝宝咳嗽", "儿科"), ("孩子拉肚子", "儿科"), ("孩子牙疼", "口腔科"),
     ("孩子长不高", "儿童保健科"), ("出生三天黄疸高", "新生儿科"), ("孕妇头晕", "产科")],
)  # fmt: skip
def test_children_and_pregnant_women_have_departments_of_their_own(
    text: str, department: str
) -> None:
    assert suggest_department(text)[0][0] == department


@pytest.mark.parametrize("text", ["", "你好", "我要投诉乱收费", "几点下班"])
def test_no_symptom_gives_no_department(text: str) -> None:
    assert suggest_department(text) == []


def test_there_are_about_sixty_departments() -> None:
    assert len(department_names()) >= 60
    assert {"心血管内科", "发热门诊", "急诊", "新生儿科", "老年科"} <= set(department_names())


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_gets_at_most_three_known_departments(text: str) -> None:
    found = suggest_department(text)
    assert len(found) <= 3
    assert all(name in department_names() and 0 <= share <= 1 for name, share, _ in found)
