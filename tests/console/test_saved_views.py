"""A list's filters under a name of one's own."""

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.console.saved import MOST, SavedView
from tests.people import form_token, signed_in


@pytest.fixture
def browser(app, session, client):
    """An admin's browser."""
    return signed_in(app, session, Role.ADMIN)


def save(browser, name="停用的人", address="/admin/people?active=0&cursor=abc"):
    form = {"name": name, "address": address, "csrf_token": form_token(browser)}
    return browser.post("/saved-views", data=form)


def test_it_is_offered_on_that_list_without_the_place_one_was_at(browser, session):
    assert save(browser).location == "/admin/people?active=0"
    page = browser.get("/admin/people").text
    assert 'href="/admin/people?active=0">停用的人</a>' in page
    assert "停用的人" not in browser.get("/admin/audit").text


def test_the_same_name_again_replaces_it(browser, session):
    save(browser)
    save(browser, address="/admin/people?active=1")
    assert [view.question for view in session.exec(select(SavedView))] == ["active=1"]


def test_another_persons_views_are_neither_shown_nor_deleted(app, browser, session):
    save(browser)
    view = session.exec(select(SavedView)).one()
    other = signed_in(app, session, Role.ADMIN, "other")
    assert "停用的人" not in other.get("/admin/people").text
    answer = other.post(f"/saved-views/{view.id}/delete", data={"csrf_token": form_token(other)})
    assert answer.status_code == 404
    assert session.exec(select(SavedView)).all()


def test_a_view_of_ones_own_is_deleted(browser, session):
    save(browser)
    view = session.exec(select(SavedView)).one()
    browser.post(f"/saved-views/{view.id}/delete", data={"csrf_token": form_token(browser)})
    assert session.exec(select(SavedView)).all() == []


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("", "/admin/people?active=0"),
        ("名" * 21, "/admin/people?active=0"),
        ("全部", "/admin/people"),
        ("外站", "https://evil.example/?a=1"),
        ("太长", "/admin/people?q=" + "x" * 600),
    ],
)
def test_what_makes_no_view_is_refused(browser, session, name, address):
    assert save(browser, name, address).status_code == 422
    assert session.exec(select(SavedView)).all() == []


def test_there_is_an_end_to_how_many(browser, session):
    for number in range(MOST):
        save(browser, name=f"视图{number}")
    assert save(browser, name="又一个").status_code == 409
    assert save(browser, name="视图0").status_code == 302, "replacing one is no more than before"


def test_a_name_is_shown_and_never_run(browser, session):
    save(browser, name="<script>x</script>")
    assert "<script>x" not in browser.get("/admin/people").text
