"""A platform pushes: only signed, only lately, each request once; kept before it is applied."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlmodel import Session, select

from hotline import queues, settings
from tests.workorders.orders import platform
from workorders.exchange import applying
from workorders.exchange.models import Incoming
from workorders.exchange.rules import IncomingState, Via
from workorders.models import Order
from workorders.platforms import signing

PATH = "/api/v1/workorders/inbound/city"
ORDER = {
    "no": "NJ-9", "version": 1, "status": "10", "kind": "投诉", "urgency": "一般",
    "caller": {"name": "林晓", "phone": "13800001111"}, "title": "排队过久", "content": "三小时",
}  # fmt: skip


def pushed(
    client: FlaskClient,
    order: Any = ORDER,
    *,
    path: str = PATH,
    secret: str = "s" * 32,
    skew: int = 0,
    nonce: str = "",
    app_id: str = "a",
) -> tuple[int, dict[str, Any]]:
    """Status and answer of one signed push."""
    body = order if isinstance(order, bytes) else json.dumps(order, ensure_ascii=False).encode()
    headers = signing.headers(
        app_id, secret, signing.Signed("POST", path, body), now=int(time.time()) + skew,
        nonce=nonce or secrets_token(),
    )  # fmt: skip
    answer = client.post(path, data=body, headers=headers, content_type="application/json")
    return answer.status_code, answer.get_json()


def secrets_token() -> str:
    return secrets.token_hex(16)


@pytest.fixture(autouse=True)
def city(session: Session) -> None:
    platform(session)
    session.commit()


def kept(session: Session) -> list[Incoming]:
    session.expire_all()
    return list(session.exec(select(Incoming)))


def test_a_pushed_order_is_kept_then_applied(client: FlaskClient, session: Session) -> None:
    status, answer = pushed(client)
    assert (status, answer["code"]) == (200, 0)
    (row,) = kept(session)
    assert (row.via, row.state, row.remote_no) == (Via.PUSH, IncomingState.DUE, "NJ-9")
    assert json.loads(row.raw) == ORDER
    assert session.exec(select(Order)).all() == []
    assert [job.func_name for job in queues.named(queues.DEFAULT).jobs] == [
        "workorders.exchange.jobs.apply"
    ]
    applying.apply_due("city", seconds=5)
    assert session.exec(select(Order)).one().remote_no == "NJ-9"


def test_the_query_is_signed_too(client: FlaskClient, session: Session) -> None:
    assert pushed(client, path=f"{PATH}?source=%E5%B8%82&x=1")[0] == 200


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"secret": "t" * 32}, 40101),
        ({"app_id": "b"}, 40101),
        ({"path": PATH.replace("city", "nowhere")}, 40101),
        ({"skew": -301}, 40102),
        ({"skew": 400}, 40102),
        ({"nonce": "short"}, 40103),
    ],
)
def test_who_does_not_prove_it_is_refused(
    client: FlaskClient, session: Session, given: dict[str, Any], code: int
) -> None:
    status, answer = pushed(client, **given)
    assert (status, answer["code"]) == (401, code)
    assert answer["message"]
    assert kept(session) == []


def test_a_body_changed_on_the_way_is_refused(client: FlaskClient, session: Session) -> None:
    signed = signing.Signed("POST", PATH, b"{}")
    headers = signing.headers("a", "s" * 32, signed, now=int(time.time()), nonce=secrets_token())
    answer = client.post(PATH, data=json.dumps(ORDER), headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, 40101)
    assert kept(session) == []


def test_without_headers_nothing_is_said_of_who_is_known(client: FlaskClient) -> None:
    here = client.post(PATH, data=b"{}").get_json()
    there = client.post(PATH.replace("city", "nowhere"), data=b"{}").get_json()
    assert here["code"] == there["code"] == 40101
    assert here["message"] == there["message"]


def test_a_replayed_request_is_refused(client: FlaskClient, session: Session) -> None:
    assert pushed(client, nonce="n" * 16)[0] == 200
    assert pushed(client, nonce="n" * 16)[1]["code"] == 40103


def test_the_same_order_five_times_is_one_row(client: FlaskClient, session: Session) -> None:
    for _ in range(5):
        assert pushed(client)[0] == 200
    shuffled = dict(reversed(ORDER.items()))
    assert pushed(client, shuffled)[0] == 200
    (row,) = kept(session)
    assert row.times == 6


def test_without_redis_it_is_kept_all_the_same(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_REDIS_URL", "unix:///nowhere.sock")
    settings.current.cache_clear()
    assert pushed(client, nonce="n" * 16)[0] == 200
    assert pushed(client, nonce="n" * 16)[0] == 200  # a replay gets in, and is the same row
    monkeypatch.undo()
    settings.current.cache_clear()
    (row,) = kept(session)
    assert row.times == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"no": "NJ-1", "ver', "JSON"),
        (b"\xff\xfe\x00 not text", "JSON"),
        (b"[1, 2]", "JSON"),
        (json.dumps({**ORDER, "version": None}).encode(), "版本号"),
        (json.dumps({**ORDER, "kind": "其他"}).encode(), "诉求类型"),
    ],
)
def test_what_cannot_be_read_is_kept_for_a_person(
    client: FlaskClient, session: Session, body: bytes, reason: str
) -> None:
    assert pushed(client, body)[0] == 200
    (row,) = kept(session)
    assert row.state is IncomingState.UNREADABLE
    assert reason in (row.reason or "")
    applying.apply_due("city", seconds=5)
    assert session.exec(select(Order)).all() == []


def test_too_much_or_nothing_is_refused(client: FlaskClient, session: Session) -> None:
    assert pushed(client, b"x" * 1_000_001)[1]["code"] == 41301
    assert pushed(client, b"")[1]["code"] == 40001
    assert kept(session) == []


def test_changed_types_are_read(client: FlaskClient, session: Session) -> None:
    odd = {**ORDER, "version": "1", "status": 10, "confidential": "否", "caller": {"phone": 1380}}
    assert pushed(client, odd)[0] == 200
    applying.apply_due("city", seconds=5)
    order = session.exec(select(Order)).one()
    assert (order.remote_status, order.remote_version) == ("10", 1)


def test_a_platform_switched_off_is_not_heard(
    client: FlaskClient, session: Session, redis: Redis
) -> None:
    from workorders.models import Platform

    session.get_one(Platform, "city").is_active = False
    session.commit()
    assert pushed(client)[1]["code"] == 40101


def test_it_is_in_the_document(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    door = paths["/api/v1/workorders/inbound/{platform}"]["post"]
    assert "security" not in door
    assert "requestBody" in door
    assert {"/api/v1/workorders", "/api/v1/workorders/{order_no}"} <= paths.keys()
