"""Categories from summaries, shorthand and speech."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.classification.suggest import MOST, place, suggest, word_scores
from hotline.classification.vocabulary import Category, Subcategory, categories_in

C, S = Category, Subcategory


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("来电咨询九价疫苗预约", (C.CONSULTATION, S.VACCINATION)),
        ("投诉收费", (C.COMPLAINT, S.FEES)),
        ("投诉护士态度", (C.COMPLAINT, S.ATTITUDE)),
        ("医生要红包", (C.COMPLAINT, S.ETHICS)),
        ("举报黑诊所", (C.COMPLAINT, S.ILLEGAL_PRACTICE)),
        ("饭馆里有人抽烟没人管", (C.COMPLAINT, S.SMOKING_IN_PUBLIC)),
        ("酒店毛巾不消毒", (C.COMPLAINT, S.HEALTH_INSPECTION)),
        ("我要表扬护士", (C.CONSULTATION, S.PRAISE)),
        ("建议多设几台自助机", (C.CONSULTATION, S.SUGGESTION)),
        ("帮我挂一个骨科的号", (C.BOOKING, S.BOOK)),
        ("把周四的号退掉", (C.BOOKING, S.CANCEL)),
        ("预约成功了没有", (C.BOOKING, S.QUERY)),
        ("账号登不上去", (C.BOOKING, S.ACCOUNT)),
        ("转人工", (C.MANUAL, None)),
        ("无声电话", (C.NON_BUSINESS, S.SILENT)),
        ("打错了", (C.NON_BUSINESS, S.WRONG_NUMBER)),
        ("冒充医保局的诈骗电话", (C.NON_BUSINESS, S.FRAUD)),
        ("想戒烟", (C.CONSULTATION, S.SMOKING_CESSATION)),
        ("孕妇建卡要什么材料", (C.CONSULTATION, S.MATERNAL_CHILD)),
        ("晚上睡不着很焦虑", (C.CONSULTATION, S.MENTAL_HEALTH)),
        ("化验报告去哪里打印", (C.CONSULTATION, S.RECORDS)),
        ("公司聚餐后二十几个人上吐下泻", (C.CONSULTATION, S.EMERGENCY_EVENT)),
        ("頭痛應該掛什麼科", (C.CONSULTATION, S.CARE_GUIDANCE)),
        ("我不想活了", (C.CRISIS, None)),
        ("我刚吞了一瓶安眠药", (C.CRISIS, None)),
    ],
)
def test_the_first_suggestion_fits(
    text: str, expected: tuple[Category, Subcategory | None]
) -> None:
    best = suggest(text, "2023-11")[0]
    assert (best.category, best.subcategory) == expected


def test_the_survey_is_suggested_only_where_it_is_counted() -> None:
    assert suggest("满意度调查", "2020-04")[0].category is Category.SURVEY
    assert all(each.category is not C.SURVEY for each in suggest("满意度调查", "2023-11"))


@given(text=st.text(max_size=80), month=st.sampled_from(["2020-04", "2023-11"]))
@settings(max_examples=100, deadline=None)
def test_suggestions_stay_in_the_months_set_and_in_order(text: str, month: str) -> None:
    ranked = suggest(text, month)
    shares = [each.confidence for each in ranked]
    assert len(ranked) <= MOST
    assert shares == sorted(shares, reverse=True)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert all(each.category in categories_in(month) for each in ranked)


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_nothing_said_gets_no_suggestion(text: str) -> None:
    assert suggest(text) == []


def test_a_suggestion_names_the_words_that_decided() -> None:
    assert "接种" in suggest("咨询接种时间")[0].words


def test_a_greeting_is_no_wrong_number() -> None:
    assert suggest("你好")[0].category is not Category.NON_BUSINESS


def test_a_child_that_swallowed_something_is_no_matter_for_the_crisis_desk() -> None:
    assert suggest("孩子误吞了硬币怎么办")[0].category is Category.CONSULTATION


def test_a_transcript_is_read_at_both_ends() -> None:
    long = "嗯嗯好的" * 2_000
    assert suggest("我要投诉乱收费，" + long)[0].subcategory is S.FEES
    assert suggest(long + "，我要投诉乱收费")[0].subcategory is S.FEES


def test_every_code_of_the_data_file_has_its_place() -> None:
    assert {place(code)[1] for code in word_scores("")} - {None} == set(Subcategory)
