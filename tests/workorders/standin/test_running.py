"""The stand-in keeps its state, follows its scenario, pushes, and opens its door to us alone."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hotline import clock
from tests.house.machine import HOTLINE, free_port, wait_for
from tests.workorders.platforms.speaker import Speaker
from tests.workorders.platforms.speaker import http as answer
from tests.workorders.standin.events import event
from workorders.platforms import signing
from workorders.platforms.reading import read
from workorders.standin.faults import Fault
from workorders.standin.platform import Platform
from workorders.standin.running import CITY, StandIn
from workorders.standin.scenarios import DIRT, Course, Scenario


def test_a_restart_keeps_orders_and_events_also_behind_a_half_written_line(tmp_path: Path) -> None:
    kept = tmp_path / "state" / "standin.jsonl"
    first = StandIn(state_file=kept)
    no = str(first.place(first.city)["no"])
    accept = event("accept").model_dump(mode="json")
    first.city.apply(no, accept)
    first.stop()
    with kept.open("a") as file:
        file.write('{"platform": "city", "filed": {"con')
    second = StandIn(state_file=kept)
    assert second.city.order(no) == first.city.order(no)
    assert second.city.apply(no, accept).code == 40901
    assert second.city.changes("0", 200) == first.city.changes("0", 200)
    other = str(second.place(second.city)["no"])
    second.stop()
    assert StandIn(state_file=kept).city.numbers() == [no, other]


def _course(scenario: Scenario, minutes: int) -> list[Platform]:
    standin = StandIn()
    course, begun = Course(scenario, standin.platforms), clock.now()
    for second in range(0, minutes * 60 + 1, 5):
        course.step(begun + timedelta(seconds=second))
    return standin.platforms


@pytest.mark.parametrize(
    ("scenario", "least", "most"),
    [(Scenario.QUIET, 25, 43), (Scenario.BUSY, 1300, 1500), (Scenario.OUTAGE, 110, 145)],
)
def test_scenarios_keep_their_pace(scenario: Scenario, least: int, most: int) -> None:
    placed = sum(len(platform.numbers()) for platform in _course(scenario, 60))
    assert least <= placed <= most


def test_a_busy_hour_has_every_sort_of_order_and_every_one_can_be_read() -> None:
    orders = [read(raw) for platform in _course(Scenario.BUSY, 30) for raw in platform.orders()]
    assert len({order.kind for order in orders}) == 6
    assert len({order.urgency for order in orders}) == 3
    assert any(order.confidential for order in orders)
    assert any(order.urged for order in orders)
    assert any(order.supervised for order in orders)
    assert {order.caller.phone[3:7] for order in orders} == {"0000"}  # nobody's number


def test_an_outage_comes_and_goes() -> None:
    assert _course(Scenario.OUTAGE, 3)[0].faults.active() == {}
    assert set(_course(Scenario.OUTAGE, 5)[0].faults.active()) == {"down"}
    assert set(_course(Scenario.OUTAGE, 6)[0].faults.active()) == {"dropped"}
    assert set(_course(Scenario.OUTAGE, 7)[0].faults.active()) == {"slow"}
    assert _course(Scenario.OUTAGE, 8)[0].faults.active() == {}


def test_a_careless_platform_has_its_faults_and_unknown_statuses() -> None:
    city, _ = _course(Scenario.DIRTY, 10)
    assert set(city.faults.active()) == {fault.value for fault in DIRT}
    versions = [each for all_of_it in city.older().values() for each in all_of_it]
    known = {"10", "20", "30"}
    assert {each["status"] for each in [*versions, *city.orders()]} - known


def test_changed_orders_are_pushed_signed_until_they_are_taken() -> None:
    good = answer({"code": 0})
    with Speaker(answer(b"", "503 x"), good, good) as us:
        standin = StandIn(push_to=us.url)
        no = str(standin.place(standin.city)["no"])
        standin.beat()
        standin.beat()
        standin.city.faults.set(Fault.WRONG_SIGNATURE, times=1)
        standin.city.note(no, "urged", "请尽快")
        standin.beat()
        standin.beat()
        standin.stop()
    assert [_is_signed(heard) for heard in us.heard] == [True, True, False]
    assert json.loads(us.heard[0].partition(b"\r\n\r\n")[2])["no"] == no


def _is_signed(heard: bytes) -> bool:
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    given = dict(line.split(": ", 1) for line in lines)
    assert first == "POST /api/v1/workorders/inbound/city HTTP/1.1"
    signed = signing.Signed("POST", first.split(" ")[1], body)
    right = signing.signature(CITY.secret, signed, given["X-Timestamp"], given["X-Nonce"])
    return right == given["X-Signature"]


def _knock(
    url: str,
    path: str,
    body: object = None,
    *,
    host: str | None = None,
    kind: str = "application/json",
) -> tuple[int, Any]:
    place = urlsplit(url)
    line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    headers = {"Host": host or place.netloc, "Content-Type": kind}
    line.request("GET" if body is None else "POST", path, json.dumps(body), headers)
    said = line.getresponse()
    data = said.read()
    line.close()
    return said.status, json.loads(data) if data.startswith(b"{") else None


def test_the_door_does_what_the_platforms_people_do(standin: StandIn) -> None:
    def door(path: str, body: object = None) -> Any:
        status, said = _knock(standin.url, f"/standin/{path}", body)
        assert status == 200, said
        return said["data"]

    no = door("city/orders", {"kind": "投诉", "title": "排队太久"})["no"]
    standin.city.apply(no, event("return").model_dump(mode="json"))
    assert door(f"city/orders/{no}/decide", {"approve": True})["status"] == "70"
    assert door(f"city/orders/{no}/redispatch", {})["status"] == "10"
    for kind in ("accept", "reply"):
        standin.city.apply(no, event(kind).model_dump(mode="json"))
    assert door(f"city/orders/{no}/visit", {"solved": False})["status"] == "41"
    assert door(f"city/orders/{no}/urge", {"content": "请尽快"})["urged"][0]["content"] == "请尽快"
    assert len(door(f"city/orders/{no}/supervise", {"content": "限期"})["supervised"]) == 1
    assert door(f"city/orders/{no}/status", {"status": "99"})["status"] == "99"
    assert door("city/faults", {"fault": "slow", "times": 2})["slow"]["times"] == 2
    assert door("city/faults", {"fault": "slow", "times": 0}) == {}
    assert [each["no"] for each in door("state")["city"]["orders"]] == [no]
    assert len(door(f"city/orders/{no}")["events"]) == 3


@pytest.mark.parametrize(
    ("path", "body", "more", "status"),
    [
        ("state", None, {"host": "evil.example"}, 403),
        ("city/orders", {}, {"kind": "text/plain"}, 415),
        ("city/orders", [], {}, 400),
        ("nowhere/orders", {}, {}, 404),
        ("city/orders/1/urge", {}, {}, 404),
        ("city/orders/1/burn", {}, {}, 404),
        ("city/faults", {"fault": "flood"}, {}, 422),
    ],
)
def test_the_door_is_closed_to_others(
    standin: StandIn, path: str, body: object, more: dict[str, str], status: int
) -> None:
    assert _knock(standin.url, f"/standin/{path}", body, **more)[0] == status


def test_the_command_says_how_to_connect_and_ends_when_told() -> None:
    port = free_port()
    process = subprocess.Popen(
        [*HOTLINE, "workorders", "standin", "--port", str(port), "--city", "me:mine"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(3)]
        assert f"--url http://127.0.0.1:{port} --app-id me --secret mine" in said[1]
        wait_for(lambda: _knock(f"http://127.0.0.1:{port}", "/standin/state")[0] == 200)
        taken = subprocess.run(
            [*HOTLINE, "workorders", "standin", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert taken.returncode == 69
        assert "请换一个端口" in taken.stderr
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout
        process.stdout.close()
