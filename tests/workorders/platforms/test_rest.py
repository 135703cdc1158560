"""The client of the contract, through real sockets: every fault has its own name."""

from __future__ import annotations

import gzip
import json
import socket
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
import structlog

from hotline.errors import Refused
from tests.workorders.platforms.orders import order
from tests.workorders.platforms.speaker import Says, Speaker, certificate, http
from workorders.platforms import signing
from workorders.platforms.adapter import DigestLine, Exchange, NoAnswer, Result, Trouble
from workorders.platforms.rest import RestAdapter
from workorders.platforms.transport import Line, Site
from workorders.platforms.wire import EventType, OutgoingEvent, RemoteOrder, Unreadable

NOW = 1_795_222_800.0
NO = "NJ20261121000123"
EVENT = OutgoingEvent(
    event_id=UUID("7b1f8a52-0d0c-4c8e-9c3e-6c1f6b0f9a01"),
    type=EventType.REPLY,
    at=datetime(2026, 11, 21, 1, 30, tzinfo=UTC),
    operator="张三",
    content="已联系 19900001234",
)
GOOD = {"code": 0, "message": "", "data": None}


def adapter(url: str, kept: list[Exchange] | None = None, **site: object) -> RestAdapter:
    """A client of this address, impatient."""
    given = {"connect_seconds": 2, "read_seconds": 2, **site}
    keep = kept.append if kept is not None else None
    where = Site("city", url, "hotline", "standin-secret", **given)  # type: ignore[arg-type]
    return RestAdapter(Line(where, keep, lambda: NOW))


def page(*items: object, **other: object) -> bytes:
    """An answer with a page of orders."""
    data = {"items": list(items), "next_cursor": "c2", "more": True, **other}
    return http({"code": 0, "message": "", "data": data})


def _no_answer(says: Says, **site: object) -> NoAnswer:
    with Speaker(says) as platform, pytest.raises(NoAnswer) as none:
        adapter(platform.url, **site).changes("c1")
    return none.value


def test_changes_are_asked_as_the_contract_says_and_signed() -> None:
    with Speaker(page(order(), {"no": "?"})) as platform:
        found = adapter(platform.url + "/city/").changes("c 1", 50)
    assert [type(item) for item in found.items] == [RemoteOrder, Unreadable]
    assert (found.next_cursor, found.more) == ("c2", True)
    head = platform.heard[0].decode().split("\r\n")
    target = "/city/api/v1/orders/changes?cursor=c+1&limit=50"
    assert head[0] == f"GET {target} HTTP/1.1"
    given = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    assert (given["X-App-Id"], given["X-Timestamp"]) == ("hotline", str(int(NOW)))
    wanted = signing.signature(
        "standin-secret",
        signing.Signed("GET", target),
        given["X-Timestamp"],
        given["X-Nonce"],
    )
    assert given["X-Signature"] == wanted


def test_an_event_is_sent_with_its_whole_body_signed() -> None:
    kept: list[Exchange] = []
    with Speaker(http(GOOD)) as platform:
        sent = adapter(platform.url, kept).send("编号/7", EVENT)
    assert (sent.result, sent.is_settled) == (Result.APPLIED, True)
    head, _, body = platform.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/orders/%E7%BC%96%E5%8F%B7%2F7/events HTTP/1.1")
    assert json.loads(body)["event_id"] == str(EVENT.event_id)
    (exchange,) = kept
    assert (exchange.request, exchange.status, exchange.trouble) == (body, 200, None)
    assert json.loads(exchange.answer) == GOOD


@pytest.mark.parametrize(
    ("says", "result", "trouble"),
    [
        (http({"code": 40901, "message": "had it"}, "409 Conflict"), Result.APPLIED_BEFORE, None),
        (http({"code": "40901"}), Result.APPLIED_BEFORE, None),
        (http({"code": "0"}), Result.APPLIED, None),
        (http({"code": 42203, "message": "不可"}, "422 x"), Result.REFUSED, Trouble.REFUSED),
        (http({"code": 42203, "message": "不可"}), Result.REFUSED, Trouble.REFUSED),
        (http({"code": 40401, "message": "没有"}, "404 x"), Result.REFUSED, Trouble.NOT_FOUND),
        (http(b"<html>", "404 Not Found"), Result.UNKNOWN, Trouble.NOT_JSON),
        (http({"code": 0}, "500 x"), Result.UNKNOWN, Trouble.SERVER_ERROR),
        (http({"code": 50001}), Result.UNKNOWN, Trouble.SERVER_ERROR),
        (http({"code": 7}), Result.UNKNOWN, Trouble.SERVER_ERROR),
        (http({"code": None}), Result.UNKNOWN, Trouble.NOT_JSON),
        (http({"code": 40101}, "401 x"), Result.UNKNOWN, Trouble.NOT_LET_IN),
        (http({"code": 40101}), Result.UNKNOWN, Trouble.NOT_LET_IN),
        (http(b"", "429 x", "Retry-After: 7"), Result.UNKNOWN, Trouble.BUSY),
        (http(b"", "302 x", "Location: http://127.0.0.1:9/"), Result.UNKNOWN, Trouble.NOT_JSON),
        (http(GOOD)[:-7], Result.UNKNOWN, Trouble.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b'{"code": 0, "da', Result.UNKNOWN, Trouble.CUT_OFF),
        (b"", Result.UNKNOWN, Trouble.CUT_OFF),
        (b"SSH-2.0-x\r\n\r\n", Result.UNKNOWN, Trouble.CUT_OFF),
    ],
)  # fmt: skip
def test_every_answer_to_an_event_has_its_outcome(
    says: bytes, result: Result, trouble: Trouble | None
) -> None:
    with Speaker(says) as platform:
        sent = adapter(platform.url).send(NO, EVENT)
    assert sent.result is result
    assert sent.is_settled or sent.trouble is trouble


def test_a_busy_platform_says_when_to_come_back() -> None:
    none = _no_answer(http(b"", "429 Too Many", "Retry-After: 17"))
    assert (none.trouble, none.retry_after) == (Trouble.BUSY, 17)


@pytest.mark.parametrize(
    ("says", "trouble"),
    [
        (http(b"not json"), Trouble.NOT_JSON),
        (http(b"[" * 100_000), Trouble.NOT_JSON),
        (http({"code": 0, "data": None}), Trouble.NOT_JSON),
        (http({"code": 0, "data": {"items": None}}), Trouble.NOT_JSON),
        (page(next_cursor="x" * 2000), Trouble.NOT_JSON),
        (http({"code": 40001, "message": "cursor"}), Trouble.REFUSED),
        (http(b"x", "200 OK", "Content-Encoding: gzip"), Trouble.NOT_JSON),
    ],
)
def test_what_is_no_page_is_named(says: bytes, trouble: Trouble) -> None:
    assert _no_answer(says).trouble is trouble


def test_a_cursor_may_be_a_number_and_a_page_that_leads_nowhere_ends() -> None:
    with Speaker(page(next_cursor=7), page(next_cursor="c1"), page(next_cursor=None)) as platform:
        client = adapter(platform.url)
        assert client.changes("c1").next_cursor == "7"
        assert not client.changes("c1").more
        assert client.changes("c1").next_cursor == "c1"


def test_a_platform_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
    with pytest.raises(NoAnswer) as none:
        adapter(url).changes("")
    assert none.value.trouble is Trouble.DOWN
    assert adapter(url).send(NO, EVENT).trouble is Trouble.DOWN


def test_a_platform_that_says_nothing() -> None:
    with Speaker() as platform:
        platform._says.append(platform.silent)
        sent = adapter(platform.url, read_seconds=0.2).send(NO, EVENT)
    assert (sent.result, sent.trouble) == (Result.UNKNOWN, Trouble.SLOW)


def test_an_answer_that_drips_is_given_up() -> None:
    def drip(caller: socket.socket) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n{")

    assert _no_answer(drip, whole_seconds=-1).trouble is Trouble.SLOW


def test_an_answer_that_is_too_large_also_when_it_came_packed() -> None:
    plain = b" " * 300_000
    packed = gzip.compress(plain)
    assert len(packed) < 10_000
    for says in (http(plain), http(packed, "200 OK", "Content-Encoding: gzip")):
        assert _no_answer(says, largest_answer=200_000).trouble is Trouble.TOO_LARGE


@pytest.mark.parametrize(
    ("days_left", "is_trusted", "trouble"),
    [(-30, True, Trouble.CERTIFICATE_EXPIRED), (30, False, Trouble.CERTIFICATE), (30, True, None)],
)
def test_certificates(
    tmp_path: Path, days_left: int, is_trusted: bool, trouble: Trouble | None
) -> None:
    tls, pem = certificate(tmp_path, days_left=days_left)
    with Speaker(http(GOOD), tls=tls) as platform:
        client = adapter(platform.url, ca_file=pem if is_trusted else None)
        sent = client.send(NO, EVENT)
    assert sent.trouble is trouble
    assert sent.is_settled is (trouble is None)
    assert len(platform.heard) == (trouble is None)  # nothing was said to a stranger


def test_one_order_and_another() -> None:
    answer = http({"code": 0, "data": order()})
    with Speaker(answer, answer) as platform:
        client = adapter(platform.url)
        assert client.order(NO).version == 3
        with pytest.raises(NoAnswer, match="另一张工单"):
            client.order("other")


def test_a_days_digest() -> None:
    lines = [{"no": NO, "status": "20", "version": 3}, {"no": NO}]
    with Speaker(page(*lines, more=False)) as platform:
        found = adapter(platform.url).digest(date(2026, 11, 21))
    assert found.items[0] == DigestLine(NO, "20", 3)
    assert isinstance(found.items[1], Unreadable)
    assert platform.heard[0].startswith(b"GET /api/v1/orders/digest?date=2026-11-21&cursor= ")


def test_logs_hold_neither_secrets_nor_numbers() -> None:
    with structlog.testing.capture_logs() as logs, Speaker(b"") as platform:
        adapter(platform.url).send(NO, EVENT)
    assert logs[0]["trouble"] == "cut_off"
    for secret in ("19900001234", "standin-secret", "X-Signature"):
        assert secret not in str(logs)
    assert "standin-secret" not in repr(Site("city", "http://x", "a", "standin-secret"))


@pytest.mark.parametrize(
    "url", ["", "platform", "ftp://x", "http://", "https://x/?a=1", "http://x:y"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="url_invalid"):
        adapter(url)


def test_a_ca_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(Refused, match="ca_file_unusable"):
            adapter("https://x.example", ca_file=tmp_path / name)
