"""The stand-in and the client speak the same contract, over a real socket."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline import clock
from tests.workorders.standin.conftest import Client
from tests.workorders.standin.events import event
from workorders.platforms.adapter import DigestLine, NoAnswer, Result, Trouble
from workorders.platforms.mapping import Template, template
from workorders.platforms.wire import RemoteOrder
from workorders.rules import Meaning, Satisfaction
from workorders.standin import machine
from workorders.standin.machine import Patience
from workorders.standin.running import StandIn

LATER = timedelta(hours=1)


def _numbers(items: list[object]) -> list[str]:
    assert all(isinstance(item, RemoteOrder) for item in items)
    return [item.no for item in items if isinstance(item, RemoteOrder)]


def test_invented_orders_are_read_without_a_warning(standin: StandIn, client: Client) -> None:
    for _ in range(60):
        standin.place(standin.city)
    found = client().changes("", 200).items
    assert _numbers(found) == standin.city.numbers()
    assert {item.warnings for item in found if isinstance(item, RemoteOrder)} == {()}


def test_changes_come_by_pages_and_again_when_they_change(standin: StandIn, client: Client) -> None:
    first, second, third = (str(standin.place(standin.city)["no"]) for _ in range(3))
    asking = client()
    page = asking.changes("", 2)
    assert (_numbers(page.items), page.more) == ([first, second], True)
    rest = asking.changes(page.next_cursor, 2)
    assert (_numbers(rest.items), rest.more) == ([third], False)
    assert asking.changes(rest.next_cursor).items == []
    asking.send(first, event("accept"))
    again = asking.changes(rest.next_cursor)
    assert _numbers(again.items) == [first]


def test_an_order_through_its_whole_life_on_both_platforms(
    standin: StandIn, client: Client
) -> None:
    path = [
        ("accept", Meaning.SIGNED),
        ("assign", Meaning.DOING),
        ("progress", Meaning.DOING),
        ("extend", Meaning.EXTENSION_ASKED),
        (True, Meaning.DOING),
        ("reply", Meaning.WAIT_VISIT),
        (False, Meaning.REDO),
        ("rework_done", Meaning.WAIT_VISIT),
        ("callback", Meaning.DONE),
    ]
    for platform, which in ((standin.city, Template.CITY), (standin.province, Template.PROVINCE)):
        asking, no = client(platform), str(standin.place(platform)["no"])
        versions = [1]
        for step, meaning in path:
            if isinstance(step, str):
                assert asking.send(no, event(step)).result is Result.APPLIED
            elif step:
                platform.act(no, lambda filed, now: machine.decided(filed, now, is_approved=True))
            else:
                platform.act(no, lambda filed, now: machine.visited(filed, now, is_solved=False))
            shown = asking.order(no)
            assert template(which).meaning(shown.status) is meaning
            versions.append(shown.version)
        assert versions == sorted(set(versions))


def test_an_event_is_applied_once_however_often_it_comes(standin: StandIn, client: Client) -> None:
    no = str(standin.place(standin.city)["no"])
    accept = event("accept")
    results = [client().send(no, accept).result for _ in range(3)]
    assert results == [Result.APPLIED, Result.APPLIED_BEFORE, Result.APPLIED_BEFORE]
    assert [each["type"] for each in standin.city.events(no)] == ["accept"]
    assert client().order(no).version == 2


@pytest.mark.parametrize(
    ("kind", "other", "code"),
    [
        ("reply", {}, "42201"),
        ("return", {"content": " "}, "42202"),
        ("extend", {"until": None}, "42201"),
    ],
)
def test_what_the_platform_does_not_allow_is_refused_with_its_code(
    standin: StandIn, client: Client, kind: str, other: dict[str, object], code: str
) -> None:
    no = str(standin.place(standin.city)["no"])
    sent = client().send(no, event(kind, **other))
    assert (sent.result, sent.code) == (Result.REFUSED, code)
    assert sent.message
    assert standin.city.events(no) == []


def test_an_extension_must_lead_beyond_the_old_deadline(standin: StandIn, client: Client) -> None:
    no = str(standin.place(standin.city)["no"])
    client().send(no, event("accept"))
    sent = client().send(no, event("extend", until=clock.now()))
    assert (sent.result, sent.code) == (Result.REFUSED, "42203")


def test_an_unsatisfied_callback_leads_to_rework(standin: StandIn, client: Client) -> None:
    no = str(standin.place(standin.city)["no"])
    for kind in ("accept", "reply"):
        client().send(no, event(kind))
    client().send(no, event("callback", satisfaction=Satisfaction.DISSATISFIED))
    assert client().order(no).status == "41"


def test_an_order_that_is_not_there(client: Client) -> None:
    with pytest.raises(NoAnswer) as none:
        client().order("NJ1")
    assert none.value.trouble is Trouble.NOT_FOUND
    assert client().send("NJ1", event("accept")).result is Result.REFUSED


def test_the_digest_of_a_day_names_every_order(standin: StandIn, client: Client) -> None:
    numbers = [str(standin.place(standin.city)["no"]) for _ in range(3)]
    asking = client()
    asking.send(numbers[0], event("accept"))
    today = asking.digest(clock.today())
    assert today.items[0] == DigestLine(numbers[0], "20", 2)
    assert [line.no for line in today.items if isinstance(line, DigestLine)] == numbers
    assert asking.digest(clock.today() - timedelta(days=1)).items == []


def test_the_platform_decides_and_files_by_itself() -> None:
    standin = StandIn(patience=Patience(decides_after=LATER, files_after=LATER, refused="2"))
    ask = event("return").model_dump(mode="json")
    numbers = [str(standin.place(standin.city)["no"]) for _ in range(2)]
    for no in numbers:
        standin.city.apply(no, ask | {"event_id": str(event("return").event_id)})
    statuses = lambda: [standin.city.order(no)["status"] for no in numbers]  # noqa: E731
    assert statuses() == ["31", "31"]
    standin.city.tick()
    assert statuses() == ["31", "31"]
    now = standin.city.now()
    standin.city.now = lambda: now + LATER
    standin.city.tick()
    assert statuses() == ["70", "10"]
