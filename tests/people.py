"""People for tests: made quickly, signed in at a client."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from hotline import security
from hotline.agents import service, tokens
from hotline.agents.models import Person, SignIn
from hotline.agents.rules import Role, Scope

PASSWORD = "Right-Horse-1"


def make_person(
    session: Session, username: str = "wang", role: Role = Role.AGENT, **more
) -> Person:
    """A person who may sign in with PASSWORD."""
    person, _ = service.create_person(
        session, username, role, more.pop("name", "王小明"), PASSWORD, **more
    )
    session.commit()
    return person


def sign_in(client: FlaskClient, session: Session, person: Person) -> str:
    """Give the client a complete sign-in of this person; returns the session token."""
    token = sign_in_row(session, person)
    session.commit()
    with client.session_transaction() as browser:
        browser["token"] = token
    return token


def sign_in_row(session: Session, person: Person) -> str:
    """A sign-in without a browser; its token."""
    token = security.new_token()
    session.add(
        SignIn(
            token_hash=security.token_hash(token),
            person_id=person.key,
            passed_second_factor=True,
        )
    )
    return token


def signed_in(app: Flask, session: Session, role: Role, username: str = "") -> FlaskClient:
    """A browser where somebody of this role has signed in."""
    client = app.test_client()
    person = make_person(session, username or f"some-{role.value}", role)
    sign_in(client, session, person)
    return client


def form_token(client: FlaskClient) -> str:
    """The token that a form of this browser carries."""
    from flask_wtf.csrf import generate_csrf

    with client.application.test_request_context(), client.session_transaction() as browser:
        from flask import g, session

        session.update(browser)
        token = generate_csrf()
        browser["csrf_token"] = session["csrf_token"]
        g.pop("csrf_token", None)
    return token


def api_token(session: Session, scope: Scope = Scope.ALL) -> dict[str, str]:
    """The header of a machine with this scope."""
    _, token = tokens.create_token(session, "测试", Role.INTEGRATION, [scope])
    session.commit()
    return {"Authorization": f"Bearer {token}"}
