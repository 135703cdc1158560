"""For load balancers and Prometheus; and errors that tell nothing and help everybody."""

from __future__ import annotations

import json

import pytest
from redis.exceptions import ConnectionError as RedisDown
from sqlalchemy.exc import OperationalError

from hotline import health, voice_line
from hotline.agents.rules import Role
from hotline.voice_line import Beat, Health
from tests.people import api_token, signed_in


def test_alive_and_ready(client):
    assert client.get("/healthz").json == {"status": "ok"}
    ready = {"status": "ok", "database": "ok", "queue": "ok", "voice_line": "down"}
    assert client.get("/readyz").json == ready


def test_the_voice_line_is_told_of_and_not_counted(client, redis):
    voice_line.beat(redis, "a", Beat(Health.KEYPAD, calls=3, most=40))
    assert client.get("/readyz").json["voice_line"] == "keypad"
    voice_line.beat(redis, "b", Beat(Health.OK))
    assert client.get("/readyz").json["voice_line"] == "ok"  # callers fare as with the best
    voice_line.leave(redis, "b")
    silent = json.dumps({"health": "ok", "calls": 0, "most": 1, "at": 1.0})
    redis.hset(voice_line.KEY, "long dead", silent)
    assert client.get("/readyz").json["voice_line"] == "keypad"
    voice_line.beat(redis, "a", Beat(Health.KEYPAD))
    assert not redis.hexists(voice_line.KEY, "long dead")


def test_not_ready_without_the_queue_says_which_part(client, monkeypatch):
    class Down:
        @staticmethod
        def from_url(*_, **__):
            raise RedisDown

    monkeypatch.setattr(health.redis, "Redis", Down)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["queue"] == "unavailable"
    assert answer.json["database"] == "ok"


def test_metrics_count_requests_by_endpoint(client):
    client.get("/healthz")
    text = client.get("/metrics").text
    assert 'hotline_requests_total{endpoint="health.alive"' in text


def test_the_openapi_document_is_valid_and_covers_every_api_route(app, client):
    from openapi_spec_validator import validate

    document = client.get("/api/v1/openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.1")
    routes = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1") and rule.endpoint != "openapi"
    }
    assert routes == set(document["paths"])


@pytest.mark.parametrize("address", ["/nowhere", "/api/v1/nowhere"])
def test_an_unknown_address_says_what_to_do_and_carries_a_number(app, client, session, address):
    answer = signed_in(app, session, Role.AGENT).get(address)
    assert answer.status_code == 404
    assert answer.headers["X-Request-ID"] in answer.text


def test_programs_get_json_errors(client, session):
    answer = client.get("/api/v1/nowhere", headers=api_token(session))
    assert set(answer.json) >= {"code", "message", "request_id"}


def test_a_bug_shows_its_number_and_nothing_else(app, client, session, monkeypatch):
    browser = signed_in(app, session, Role.ADMIN)
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def broken(*_, **__):
        raise RuntimeError("13800001111 secret detail")

    monkeypatch.setattr("hotline.agents.queries.people", broken)
    answer = browser.get("/admin/people")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_a_lost_database_asks_to_try_again(app, client, session, monkeypatch):
    browser = signed_in(app, session, Role.ADMIN)

    def lost(*_, **__):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("hotline.agents.queries.people", lost)
    answer = browser.get("/admin/people")
    assert answer.status_code == 503
    assert "稍后重试" in answer.text


def test_a_huge_body_is_refused_with_its_limit(client, session):
    answer = client.post(
        "/api/v1/telephony/events", data=b"x" * (17 * 1024 * 1024), headers=api_token(session)
    )
    assert answer.status_code == 413


def test_the_request_id_of_a_proxy_is_kept_and_a_forged_one_is_not(client):
    good = client.get("/healthz", headers={"X-Request-ID": "abc-12345678"})
    assert good.headers["X-Request-ID"] == "abc-12345678"
    bad = client.get("/healthz", headers={"X-Request-ID": "<script>alert(1)</script>"})
    assert bad.headers["X-Request-ID"] != "<script>alert(1)</script>"
