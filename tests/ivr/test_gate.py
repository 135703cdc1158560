"""Tickets for the browser's door: ours, fresh, for this door, once."""

from __future__ import annotations

import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from hotline import voice_tickets
from hotline.voice_tickets import Door, Ticket
from ivr.gate import Gate
from ivr.media.browser import CALL_PATH, DESK_PATH, LONGEST_TICKET, Hello
from tests.ivr.lines import voice_line


def calling(ticket: str | None) -> Hello:
    return Hello(CALL_PATH, "13800001111", ticket)


def test_a_ticket_says_who_and_which_call_and_nothing_else():
    text = voice_tickets.issue(Door.DESK, 7, "0b8f")
    ticket = voice_tickets.read(text)
    assert ticket == Ticket(Door.DESK, 7, "0b8f", ticket.serial)
    assert len(text) <= LONGEST_TICKET


def test_altered_or_strange_tickets_say_nothing():
    text = voice_tickets.issue(Door.CALL, 7)
    assert voice_tickets.read(text[:-1] + ("A" if text[-1] != "A" else "B")) is None
    assert voice_tickets.read("") is None
    assert voice_tickets.read("not.a.ticket") is None


def test_an_old_ticket_is_worth_nothing(monkeypatch):
    text = voice_tickets.issue(Door.CALL, 7)
    monkeypatch.setattr(voice_tickets, "GOOD_SECONDS", -1)
    assert voice_tickets.read(text) is None


def test_a_ticket_is_good_once_and_for_its_door():
    gate = Gate()
    text = voice_tickets.issue(Door.CALL, 7)
    assert gate.admits(Hello(DESK_PATH, None, text)) is None
    assert gate.admits(calling(text)).person_id == 7
    assert gate.admits(calling(text)) is None


def test_two_tickets_of_one_moment_are_two():
    gate = Gate(clock=lambda: 5.0)
    first, second = (voice_tickets.issue(Door.CALL, 7) for _ in range(2))
    assert gate.admits(calling(first))
    assert gate.admits(calling(second))
    assert not gate.admits(calling(first))


@pytest.mark.parametrize(("open_calls", "path", "may"), [
    (False, CALL_PATH, False), (True, CALL_PATH, True), (True, DESK_PATH, False),
])  # fmt: skip
def test_without_a_ticket_one_may_call_in_a_demonstration_and_nothing_else(open_calls, path, may):
    assert bool(Gate(open_calls=open_calls).admits(Hello(path))) is may


async def never(transport) -> None:
    raise AssertionError(transport.info)


async def test_a_browser_without_a_ticket_is_closed_upon():
    async with voice_line(never, gate=Gate()) as line:
        async with connect(f"ws://127.0.0.1:{line.ports['browser']}/call") as browser:
            await browser.send(json.dumps({"type": "start", "caller": "13800001111"}))
            with pytest.raises(ConnectionClosedError) as closed:
                await browser.recv()
        assert closed.value.rcvd.code == 1008
        assert line.admission.inside == 0
