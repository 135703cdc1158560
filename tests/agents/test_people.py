"""Admins keep people and tokens."""

import pytest
from sqlmodel import select

from hotline import security
from hotline.agents import queries, service, tokens
from hotline.agents.models import ApiToken, SignIn
from hotline.agents.queries import PeopleFilter
from hotline.agents.rules import Role, Scope
from hotline.errors import Refused
from tests.people import form_token, make_person, sign_in, signed_in


def test_a_handed_out_password_has_to_be_changed(session):
    person, password = service.create_person(session, "zhao", Role.AGENT, "赵红")
    assert person.must_change_password
    assert security.password_matches(password, person.password_hash)


@pytest.mark.parametrize("username", ["", "1abc", "Zhao", "a b", "a" * 41, "赵", "'; DROP"])
def test_a_user_name_is_plain(session, username):
    with pytest.raises(Refused, match="username_invalid"):
        service.create_person(session, username, Role.AGENT, "赵红")


def test_user_names_and_extensions_belong_to_one(session):
    make_person(session, "zhao", extension="8001")
    with pytest.raises(Refused, match="username_invalid"):
        service.create_person(session, "zhao", Role.AGENT, "赵红")
    with pytest.raises(Refused, match="extension_invalid"):
        service.create_person(session, "qian", Role.AGENT, "钱红", extension="8001")


def change(session, person, **more):
    now = {"name": person.name, "role": person.role, "team_id": None, "extension": None}
    service.change_person(session, person, **{**now, "is_active": True, **more})


def test_the_last_admin_stays(session):
    person = make_person(session, "root", Role.ADMIN)
    with pytest.raises(Refused, match="last_admin"):
        change(session, person, is_active=False)
    make_person(session, "other", Role.ADMIN)
    change(session, person, is_active=False)
    assert not person.is_active


def test_who_is_switched_off_is_signed_out_at_once(app, client, session):
    person = make_person(session)
    sign_in(client, session, person)
    change(session, person, is_active=False)
    session.commit()
    assert session.exec(select(SignIn)).one().ended_at is not None
    assert client.get("/").location.startswith("/sign-in")


def test_a_lost_authenticator_is_reset_with_a_reason(session):
    person = make_person(session, "li", Role.SUPERVISOR)
    person.totp_secret = "X"
    with pytest.raises(Refused):
        service.reset_second_factor(session, person, " ")
    service.reset_second_factor(session, person, "手机遗失")
    assert person.totp_secret is None


def test_a_token_is_shown_once_and_stored_hashed(session):
    row, token = tokens.create_token(session, "交换机", Role.INTEGRATION, [Scope.TELEPHONY])
    assert row.token_hash == security.token_hash(token)
    assert token not in str(row.model_dump())


def test_a_token_needs_a_name_and_a_scope(session):
    with pytest.raises(Refused):
        tokens.create_token(session, "", Role.INTEGRATION, [Scope.ALL])
    with pytest.raises(Refused):
        tokens.create_token(session, "交换机", Role.INTEGRATION, [])


def test_an_admin_makes_a_person_in_the_browser(app, client, session):
    browser = signed_in(app, session, Role.ADMIN)
    form = {"username": "sun", "name": "孙丽", "role": "agent", "extension": "8010"}
    answer = browser.post("/admin/people/new", data={**form, "csrf_token": form_token(browser)})
    assert answer.status_code == 200
    found = queries.people(session, PeopleFilter(words="孙")).rows
    assert [person.username for person in found] == ["sun"]


def test_a_wrong_form_keeps_what_was_typed(app, client, session):
    browser = signed_in(app, session, Role.ADMIN)
    form = {"username": "1bad", "name": "孙丽", "role": "agent"}
    answer = browser.post("/admin/people/new", data={**form, "csrf_token": form_token(browser)})
    assert answer.status_code == 422
    assert 'value="1bad"' in answer.text
    assert 'value="孙丽"' in answer.text
    assert "小写字母开头" in answer.text


def test_an_admin_ends_a_token_in_the_browser(app, client, session):
    browser = signed_in(app, session, Role.ADMIN)
    row, _token = tokens.create_token(session, "交换机", Role.INTEGRATION, [Scope.ALL])
    session.commit()
    browser.post(f"/admin/tokens/{row.id}/revoke", data={"csrf_token": form_token(browser)})
    session.expire_all()
    assert session.get(ApiToken, row.id).revoked_at is not None


def test_people_are_listed_page_by_page(session):
    for number in range(120):
        session.add(_quick(number))
    session.flush()
    first = queries.people(session, PeopleFilter())
    second = queries.people(session, PeopleFilter(), first.next_cursor)
    third = queries.people(session, PeopleFilter(), second.next_cursor)
    names = [person.username for page in (first, second, third) for person in page.rows]
    assert first.total == 120
    assert third.next_cursor is None
    assert names == sorted(set(names))
    assert len(names) == 120


def _quick(number):
    from hotline.agents.models import Person

    return Person(username=f"p{number:03}", name=f"人{number}", role=Role.AGENT)


def test_percent_signs_are_searched_as_themselves(session):
    make_person(session)
    assert queries.people(session, PeopleFilter(words="%")).total == 0
