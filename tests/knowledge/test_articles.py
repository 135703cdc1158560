"""Answers to what is asked most."""

import pytest

from hotline.classification.vocabulary import Subcategory
from hotline.knowledge.articles import articles, find


@pytest.mark.parametrize("article", articles().values(), ids=lambda article: article.id)
def test_an_article_is_found_by_its_title_and_can_be_read_aloud(article):
    assert find(article.title) is article
    assert 40 <= len(article.answer) <= 180
    assert article.answer.endswith("。")
    assert article.subcategory in {each.value for each in Subcategory}


@pytest.mark.parametrize("question", ["", "今天天气怎么样", "我想问个事", "疫苗", "你好"])
def test_what_is_not_clearly_asked_has_no_answer(question):
    assert find(question) is None


def test_two_questions_at_once_are_for_a_person():
    assert find("被狗咬了打流感疫苗行不行") is None
