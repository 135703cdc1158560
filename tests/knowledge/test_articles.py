"""Answers to what is asked most."""

import re
from datetime import date

import pytest

from hotline.classification.vocabulary import Subcategory
from hotline.knowledge.articles import FILE, articles, find

# Only these stand in digits, because they are said digit by digit; and keys of the telephone.
NUMBERS = {"120", "119", "12320", "12345", "12356", "12393", "4"}


@pytest.mark.parametrize("article", articles().values(), ids=lambda article: article.id)
def test_an_article_can_be_read_aloud_and_says_what_it_rests_on(article):
    assert 40 <= len(article.answer) <= 120
    assert "".join(article.sentences) == article.answer
    assert set(re.findall(r"[0-9A-Za-z]+", article.answer)) <= NUMBERS
    assert not re.search(r"[（）()【】《》“”/%℃]", article.answer)
    assert article.subcategory in {each.value for each in Subcategory}
    assert article.source
    assert article.unit
    assert date(2025, 1, 1) < article.reviewed


@pytest.mark.parametrize("article", articles().values(), ids=lambda article: article.id)
def test_an_article_is_found_by_its_title_and_every_phrasing(article):
    assert 6 <= len(article.ways) <= 12
    assert [way for way in (article.title, *article.ways) if find(way) is not article] == []


def test_there_are_fifty_and_no_phrasing_stands_twice():
    ways = [way for each in articles().values() for way in each.ways]
    assert len(articles()) >= 50
    assert len(set(ways)) == len(ways)
    assert "http" not in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "question", ["", "今天天气怎么样", "我想问个事", "疫苗", "你好", "，。？", "\x00"]
)
def test_what_is_not_clearly_asked_has_no_answer(question):
    assert find(question) is None
    assert find(question, by_sound=True) is None


def test_two_questions_at_once_are_for_a_person():
    assert find("被狗咬了打流感疫苗行不行") is None


@pytest.mark.parametrize(
    "question",
    [
        "流感疫苗多少钱",
        "我们单位三十多个人食物中毒",
        "高血压吃什么药好",
        "打流感疫苗的护士态度很差",
    ],
)
def test_prices_outbreaks_and_complaints_are_for_a_person(question):
    assert find(question) is None


def test_a_word_heard_wrongly_is_known_by_its_sound():
    assert find("被够咬了怎么办") is None
    assert find("留感一苗什么时候打", by_sound=True).id == "flu_vaccine"
    assert find("艺苗漏打了怎么办", by_sound=True).id == "missed_vaccine"
