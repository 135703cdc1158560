"""The articles at the desk: found by a word or a question, read aloud sentence by sentence."""

import re

import pytest

from hotline.agents.rules import Role
from hotline.console import knowledge
from hotline.knowledge.articles import articles
from hotline.knowledge.search import search
from tests.people import signed_in


@pytest.fixture
def browser(app, session, client):
    """An agent's browser."""
    return signed_in(app, session, Role.AGENT)


def test_every_article_is_on_one_of_the_pages(browser):
    seen, address = [], "/knowledge"
    while address:
        page = browser.get(address).get_data(as_text=True)
        seen += re.findall(r'<a href="/knowledge/(\w+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following and following[1].replace("&amp;", "&")
    assert seen == list(articles())


@pytest.mark.parametrize(
    ("typed", "first"),
    [("被狗咬了", "rabies"), ("叶酸", "folic_acid"), ("医保 异地", "insurance_elsewhere"),
     ("12356", "mental_hotline"), ("HPV", "hpv_vaccine"), ("老头子不肯戒烟", "quit_smoking")],
)  # fmt: skip
def test_a_word_or_a_question_finds_it(browser, typed, first):
    page = browser.get("/knowledge", query_string={"q": typed}).get_data(as_text=True)
    assert re.findall(r'<a href="/knowledge/(\w+)"', page)[:1] == [first]


def test_what_is_not_there_says_what_to_do(browser):
    page = browser.get("/knowledge", query_string={"q": "停车费怎么收"}).get_data(as_text=True)
    assert "没有符合条件的记录" in page


def test_a_category_narrows_the_list():
    assert {each.subcategory for each in search("", "maternal_child")} == {"maternal_child"}
    assert search("狗", "maternal_child") == []
    assert search("", "no such") == []


def test_an_answer_is_read_with_what_it_rests_on(browser):
    page = browser.get("/knowledge/rabies").get_data(as_text=True)
    for sentence in articles()["rabies"].sentences:
        assert f"<p>{sentence}</p>" in page
    assert "狂犬病暴露预防处置工作规范" in page
    assert "2026-11-21" in page


def test_what_nobody_has_read_for_a_year_is_marked(browser, monkeypatch):
    monkeypatch.setattr(knowledge, "REVIEW_DAYS", -1)
    assert "待审阅" in browser.get("/knowledge").get_data(as_text=True)
    assert "超过一年没有审阅" in browser.get("/knowledge/rabies").get_data(as_text=True)


@pytest.mark.parametrize(
    ("address", "status"),
    [("/knowledge/none", 404), ("/knowledge?cursor=x", 400), ("/knowledge?cursor=WyJhIl0", 400),
     ("/knowledge?q=" + "%E7%8B%97" * 200, 200), ("/knowledge?q=%00", 200)],
)  # fmt: skip
def test_bad_addresses(browser, address, status):
    assert browser.get(address).status_code == status
