"""A write that is asked for twice is done once, and answered alike."""

from __future__ import annotations

import threading

import pytest
from pydantic import BaseModel
from sqlmodel import select

from hotline import access, api, settings
from hotline.agents.models import Team
from hotline.app import create_app
from hotline.auth import views as auth
from hotline.console import home
from hotline.db import transaction
from hotline.errors import Refused
from tests.people import api_token

bp = api.blueprint("sample", "/sample", "示例")


class NewTeam(BaseModel):
    """What the sample route takes."""

    name: str


@bp.post("/teams")
@access.token("booking")
@api.idempotent
def create(body: NewTeam, session):
    """Make a team, or refuse."""
    team = Team(name=body.name)
    session.add(team)
    session.flush()
    if body.name == "拒绝":
        raise Refused("team_refused", "不行。")
    return {"id": team.id}, 201


@pytest.fixture
def sample(database, redis):
    """An application with one writing route."""
    app = create_app(settings.current(), [auth.bp, home.bp, bp])
    app.testing = True
    return app


def post(sample, headers, name="一组", key="k-1"):
    keyed = {**headers, "Idempotency-Key": key} if key else headers
    return sample.test_client().post("/api/v1/sample/teams", json={"name": name}, headers=keyed)


def test_the_same_key_and_body_gives_the_same_answer_once(sample, session):
    headers = api_token(session)
    first, second = post(sample, headers), post(sample, headers)
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(session.exec(select(Team)).all()) == 1


def test_the_same_key_with_another_body_is_a_conflict(sample, session):
    headers = api_token(session)
    post(sample, headers)
    answer = post(sample, headers, name="二组")
    assert answer.status_code == 409
    assert answer.json["code"] == "idempotency_conflict"


def test_keys_of_two_tokens_do_not_meet(sample, session):
    assert post(sample, api_token(session)).status_code == 201
    assert post(sample, api_token(session), name="二组").status_code == 201


def test_a_refused_write_leaves_nothing_and_may_be_tried_again(sample, session):
    headers = api_token(session)
    assert post(sample, headers, name="拒绝").json["code"] == "team_refused"
    assert session.exec(select(Team)).all() == []
    assert post(sample, headers, name="一组").status_code == 201


def test_without_a_key_each_request_stands_alone(sample, session):
    headers = api_token(session)
    assert post(sample, headers, key="").status_code == 201
    assert post(sample, headers, name="二组", key="").status_code == 201


def test_an_endless_key_is_refused(sample, session):
    assert post(sample, api_token(session), key="k" * 101).json["code"] == "idempotency_key_invalid"


def test_a_wrong_body_is_explained_in_chinese_by_field(sample, session):
    client = sample.test_client()
    answer = client.post("/api/v1/sample/teams", json={"name": 5}, headers=api_token(session))
    assert answer.status_code == 422
    assert answer.json["fields"] == {"name": "应为文字。"}


def test_broken_json_is_refused_with_a_sentence(sample, session):
    headers = {**api_token(session), "Content-Type": "application/json"}
    answer = sample.test_client().post("/api/v1/sample/teams", data=b"{", headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.json["message"]


def test_ten_at_once_make_one(committed, redis, sample):
    with transaction() as session:
        headers = api_token(session)
    answers = []
    callers = [
        threading.Thread(target=lambda: answers.append(post(sample, headers).json["id"]))
        for _ in range(10)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(answers) == 10
    assert len(set(answers)) == 1
    with transaction() as session:
        assert len(session.exec(select(Team)).all()) == 1


def test_the_kept_answer_is_encrypted(sample, session):
    from sqlalchemy import text

    post(sample, api_token(session))
    raw = session.execute(text("SELECT answer FROM idempotency_key")).scalar_one()
    assert b'"id"' not in bytes(raw)
