"""Signing in: passwords, second factor, lock-out, time-out."""

from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select

from hotline import security, settings
from hotline.agents.models import Person, SignIn
from hotline.agents.rules import Presence, Role
from hotline.audit import AuditEntry
from hotline.clock import now
from tests.people import PASSWORD, form_token, make_person, sign_in


def submit(client, username="wang", password=PASSWORD, **more):
    form = {"username": username, "password": password, "csrf_token": form_token(client), **more}
    return client.post("/sign-in", data=form)


def actions(session):
    return [entry.action for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id))]


def test_an_agent_signs_in_with_name_and_password(client, session):
    make_person(session)
    answer = submit(client)
    assert answer.status_code == 302
    assert answer.location == "/"
    assert client.get("/").status_code in {200, 302}
    assert "signed_in" in actions(session)


def test_the_name_may_be_typed_in_capitals_with_spaces(client, session):
    make_person(session)
    assert submit(client, username="  WANG ").status_code == 302


@pytest.mark.parametrize(("username", "password"), [("wang", "Wrong-1!"), ("nobody", PASSWORD)])
def test_wrong_name_and_wrong_password_look_the_same(client, session, username, password):
    make_person(session)
    answer = submit(client, username, password)
    assert answer.status_code == 401
    assert "用户名或密码不正确" in answer.text
    assert f'value="{username}"' in answer.text
    assert password not in answer.text


def test_a_machine_account_does_not_sign_in(client, session):
    make_person(session, "robot", Role.INTEGRATION)
    assert submit(client, "robot").status_code == 401


def test_a_person_switched_off_does_not_sign_in(client, session):
    make_person(session).is_active = False
    session.commit()
    assert submit(client).status_code == 401


def test_too_many_wrong_passwords_lock_the_account_even_for_the_right_one(client, session):
    person = make_person(session)
    for _ in range(settings.current().sign_in_attempts):
        answer = submit(client, password="Wrong-Horse-9")
    assert "已锁定" in answer.text
    assert submit(client).status_code == 403
    person.locked_until = now() - timedelta(seconds=1)
    session.commit()
    assert submit(client).status_code == 302
    assert "locked_out" in actions(session)


def test_a_form_without_its_token_is_refused(client, session):
    make_person(session)
    answer = client.post("/sign-in", data={"username": "wang", "password": PASSWORD})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


def test_after_sign_in_one_returns_to_the_page_asked_for(client, session):
    make_person(session)
    assert submit(client, next="/calls?state=queued").location == "/calls?state=queued"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_one_is_never_sent_to_another_site(client, session, elsewhere):
    make_person(session)
    assert submit(client, next=elsewhere).location == "/"


def test_a_supervisor_must_bind_an_authenticator_first(client, session):
    make_person(session, "li", Role.SUPERVISOR)
    submit(client, "li")
    assert client.get("/").location == "/sign-in/enrol"
    page = client.get("/sign-in/enrol")
    assert "<svg" in page.text
    with client.session_transaction() as browser:
        secret = browser["enrolling"]
    wrong = client.post("/sign-in/enrol", data={"code": "1", "csrf_token": form_token(client)})
    assert wrong.status_code == 401
    code = pyotp.TOTP(secret).now()
    done = client.post("/sign-in/enrol", data={"code": code, "csrf_token": form_token(client)})
    assert done.status_code == 302
    assert "/sign-in" not in (client.get("/").location or "")


@pytest.fixture
def enrolled(session):
    """A supervisor with an authenticator."""
    person = make_person(session, "li", Role.SUPERVISOR)
    person.totp_secret = security.new_totp_secret()
    session.commit()
    return person


def enter(client, code):
    return client.post("/sign-in/code", data={"code": code, "csrf_token": form_token(client)})


def test_a_supervisor_enters_a_code_before_any_page(client, enrolled):
    submit(client, "li")
    assert client.get("/").location == "/sign-in/code"
    assert enter(client, pyotp.TOTP(enrolled.totp_secret).now()).status_code == 302
    assert "/sign-in" not in (client.get("/").location or "")


def test_a_code_is_good_once(client, enrolled, app):
    code = pyotp.TOTP(enrolled.totp_secret).now()
    submit(client, "li")
    assert enter(client, code).status_code == 302
    other = app.test_client()
    submit(other, "li")
    assert enter(other, code).status_code == 401


def test_guessing_codes_locks_the_account(client, enrolled):
    submit(client, "li")
    answers = [enter(client, f"99999{n}") for n in range(settings.current().sign_in_attempts)]
    assert "已锁定" in answers[-1].text


def test_an_enrolled_person_cannot_bind_another_authenticator_without_a_code(client, enrolled):
    submit(client, "li")
    with client.session_transaction() as browser:
        browser["enrolling"] = other = security.new_totp_secret()
    form = {"code": pyotp.TOTP(other).now(), "csrf_token": form_token(client)}
    assert client.post("/sign-in/enrol", data=form).status_code == 409


def test_an_idle_session_ends(client, session):
    person = make_person(session)
    sign_in(client, session, person)
    row = session.exec(select(SignIn)).one()
    row.seen_at = now() - timedelta(minutes=settings.current().session_idle_minutes + 1)
    session.commit()
    assert client.get("/").location.startswith("/sign-in")


def test_an_idle_session_goes_on_while_the_person_is_on_the_telephone(client, session):
    person = make_person(session)
    sign_in(client, session, person)
    person.presence = Presence.TALKING
    row = session.exec(select(SignIn)).one()
    row.seen_at = now() - timedelta(minutes=settings.current().session_idle_minutes + 1)
    session.commit()
    assert not (client.get("/").location or "").startswith("/sign-in")


def test_a_sign_in_ends_after_its_longest_time(client, session):
    sign_in(client, session, make_person(session))
    row = session.exec(select(SignIn)).one()
    row.started_at = now() - timedelta(hours=settings.current().session_hours + 1)
    session.commit()
    assert client.get("/").location.startswith("/sign-in")


def test_signing_out_ends_the_session_and_goes_off_line(client, session):
    person = make_person(session)
    token = sign_in(client, session, person)
    client.post("/presence", data={"presence": "ready", "csrf_token": form_token(client)})
    client.post("/sign-out", data={"csrf_token": form_token(client)})
    with client.session_transaction() as browser:
        browser["token"] = token  # a copied cookie is worth nothing
    assert client.get("/").location.startswith("/sign-in")
    session.refresh(person)
    assert person.presence is Presence.OFFLINE


def test_a_new_password_signs_out_everywhere_else(client, session, app):
    person = make_person(session)
    sign_in(client, session, person)
    other = app.test_client()
    sign_in(other, session, person)
    form = {"present": PASSWORD, "password": "Other-Horse-2", "again": "Other-Horse-2"}
    answer = client.post("/account/password", data={**form, "csrf_token": form_token(client)})
    assert answer.status_code == 302
    assert not (client.get("/").location or "").startswith("/sign-in")
    assert other.get("/").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"present": "wrong", "password": "Other-1!", "again": "Other-1!"}, "原密码不正确"),
        ({"present": PASSWORD, "password": "Other-1!", "again": "Another-1!"}, "不一致"),
        ({"present": PASSWORD, "password": "weak", "again": "weak"}, "至少 8 个字符"),
        ({"present": PASSWORD, "password": PASSWORD, "again": PASSWORD}, "不能与原密码相同"),
    ],
)
def test_a_bad_new_password_is_refused_beside_its_field(client, session, form, sentence):
    sign_in(client, session, make_person(session))
    answer = client.post("/account/password", data={**form, "csrf_token": form_token(client)})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_handed_out_password_must_be_changed_first(client, session):
    person = make_person(session)
    person.must_change_password = True
    session.commit()
    submit(client)
    assert client.get("/").location == "/account/password"


def test_failed_sign_ins_keep_no_password_and_count_for_the_person(client, session):
    person = make_person(session)
    submit(client, password="Wrong-Horse-9")
    session.refresh(person)
    assert person.failed_attempts == 1
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "sign_in_failed")).one()
    assert "Wrong-Horse-9" not in str(entry.model_dump())


def test_the_session_token_is_stored_hashed(client, session):
    token = sign_in(client, session, make_person(session))
    row = session.exec(select(SignIn)).one()
    assert row.token_hash == security.token_hash(token)
    assert token.encode() not in row.token_hash


def test_authenticator_secrets_are_encrypted_at_rest(session, enrolled):
    from sqlalchemy import text

    raw = session.execute(text("SELECT totp_secret FROM person WHERE username = 'li'")).scalar_one()
    assert enrolled.totp_secret.encode() not in bytes(raw)
    assert session.get(Person, enrolled.id).totp_secret == enrolled.totp_secret
