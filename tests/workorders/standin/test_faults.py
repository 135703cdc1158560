"""Whatever the platform does wrong, the client says what it was, and nothing is applied twice."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from hotline import clock
from tests.workorders.platforms.speaker import certificate
from tests.workorders.standin.conftest import Client
from tests.workorders.standin.events import event
from workorders.platforms.adapter import NoAnswer, Result, Trouble
from workorders.platforms.rest import RestAdapter
from workorders.platforms.transport import Line, Site
from workorders.platforms.wire import RemoteOrder, Unreadable
from workorders.standin.faults import Fault
from workorders.standin.running import CITY, StandIn


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault.DOWN, Trouble.SERVER_ERROR),
        (Fault.DROPPED, Trouble.CUT_OFF),
        (Fault.SLOW, Trouble.SLOW),
        (Fault.BUSY, Trouble.BUSY),
        (Fault.HALF_ANSWER, Trouble.CUT_OFF),
        (Fault.NOT_JSON, Trouble.NOT_JSON),
    ],
)
def test_a_fault_costs_a_try_and_no_more(
    standin: StandIn, client: Client, fault: Fault, trouble: Trouble
) -> None:
    no = str(standin.place(standin.city)["no"])
    asking = client(read_seconds=0.3)
    standin.city.faults.set(fault, times=2, seconds=10)
    with pytest.raises(NoAnswer) as none:
        asking.changes("")
    assert none.value.trouble is trouble
    accept = event("accept")
    sent = asking.send(no, accept)
    assert (sent.result, sent.trouble) == (Result.UNKNOWN, trouble)
    assert client().send(no, accept).is_settled
    assert len(standin.city.events(no)) == 1


def test_an_error_after_applying_is_sent_again_and_was_applied_before(
    standin: StandIn, client: Client
) -> None:
    no = str(standin.place(standin.city)["no"])
    standin.city.faults.set(Fault.ERROR_AFTER_APPLYING, times=1)
    accept = event("accept")
    results = [client().send(no, accept).result for _ in range(2)]
    assert results == [Result.UNKNOWN, Result.APPLIED_BEFORE]
    assert len(standin.city.events(no)) == 1


def test_the_same_order_five_times(standin: StandIn, client: Client) -> None:
    standin.place(standin.city)
    standin.place(standin.city)
    standin.city.faults.set(Fault.REPEATED, times=1)
    found = client().changes("").items
    assert len(found) == 6
    assert len({item.no for item in found if isinstance(item, RemoteOrder)}) == 2


def test_versions_out_of_order(standin: StandIn, client: Client) -> None:
    no = str(standin.place(standin.city)["no"])
    for kind in ("accept", "progress"):
        client().send(no, event(kind))
    standin.city.faults.set(Fault.OUT_OF_ORDER, times=1)
    found = [item for item in client().changes("").items if isinstance(item, RemoteOrder)]
    assert [(item.version, item.status) for item in found] == [(3, "30"), (2, "20"), (1, "10")]


def test_a_cursor_that_goes_back_brings_orders_again_and_loses_none(
    standin: StandIn, client: Client
) -> None:
    numbers = [str(standin.place(standin.city)["no"]) for _ in range(30)]
    standin.city.faults.set(Fault.CURSOR_BACK, times=2)
    asking, cursor, seen = client(), "", []
    for _ in range(8):
        page = asking.changes(cursor, 10)
        cursor = page.next_cursor
        seen += [item.no for item in page.items if isinstance(item, RemoteOrder)]
    assert len(seen) > len(numbers)
    assert set(seen) == set(numbers)


def test_changed_types_are_the_same_order(standin: StandIn, client: Client) -> None:
    for platform in standin.platforms:
        standin.place(platform)
        (plain,) = client(platform).changes("").items
        platform.faults.set(Fault.CHANGED_TYPES, times=1)
        (odd,) = client(platform).changes("").items
        assert isinstance(plain, RemoteOrder)
        assert isinstance(odd, RemoteOrder)
        assert len(odd.warnings) >= 5
        aside = {"warnings", "extra", "raw"}
        assert odd.model_dump(exclude=aside) == plain.model_dump(exclude=aside)
        assert odd.extra == {"dealName": ""}


def test_an_unknown_status_is_read_verbatim(standin: StandIn, client: Client) -> None:
    no = str(standin.place(standin.city)["no"])
    standin.city.mark(no, "SUSPENDED")
    assert client().order(no).status == "SUSPENDED"
    client().send(no, event("accept"))
    assert client().order(no).status == "20"


def test_an_order_nobody_can_read_comes_beside_the_others(standin: StandIn, client: Client) -> None:
    standin.place(standin.city)
    standin.city.dispatch({**standin.place(standin.city), "kind": "闲聊"})
    assert [type(item) for item in client().changes("").items] == [RemoteOrder, Unreadable]


@pytest.mark.parametrize("wrong", [{"secret": "wrong"}, {"app_id": "nobody"}])
def test_a_wrong_signature_is_not_let_in(
    standin: StandIn, client: Client, wrong: dict[str, str]
) -> None:
    no = str(standin.place(standin.city)["no"])
    with pytest.raises(NoAnswer) as none:
        client(**wrong).changes("")
    assert none.value.trouble is Trouble.NOT_LET_IN
    sent = client(**wrong).send(no, event("accept"))
    assert (sent.result, sent.trouble) == (Result.UNKNOWN, Trouble.NOT_LET_IN)
    assert standin.city.events(no) == []


def test_a_clock_ten_minutes_off_is_told_so() -> None:
    with StandIn(now=lambda: clock.now() + timedelta(minutes=10)) as standin:
        asking = RestAdapter(Line(Site("city", standin.url, CITY.app_id, CITY.secret)))
        with pytest.raises(NoAnswer, match="时钟") as none:
            asking.changes("")
        asking.close()
    assert none.value.trouble is Trouble.NOT_LET_IN


@pytest.mark.parametrize(("days_left", "is_good"), [(-1, False), (9, True)])
def test_an_expired_certificate(tmp_path: Path, days_left: int, is_good: bool) -> None:
    tls, pem = certificate(tmp_path, days_left=days_left)
    assert isinstance(tls, ssl.SSLContext)
    standin = StandIn().start(tls=tls)
    no = str(standin.place(standin.city)["no"])
    asking = RestAdapter(Line(Site("city", standin.url, CITY.app_id, CITY.secret, pem)))
    sent = asking.send(no, event("accept"))
    asking.close()
    standin.stop()
    assert sent.is_settled is is_good
    assert is_good or sent.trouble is Trouble.CERTIFICATE_EXPIRED
    assert len(standin.city.events(no)) == is_good
