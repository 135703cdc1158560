"""What changes reaches the pages that may know, without flooding them."""

from __future__ import annotations

import json
import threading
import time

import pytest

from hotline import live, settings
from hotline.agents import queries, service
from hotline.agents.rules import Role
from hotline.db import transaction


def read(stream, seconds):
    """Events of a stream until it has been listened to for so long."""
    events, until = [], time.monotonic() + seconds
    for block in stream:
        name, data = _parts(block)
        if name not in {"beat", "hello"}:
            events.append((name, data))
        if time.monotonic() > until:
            break
    stream.close()
    return events


def _parts(block):
    fields = dict(line.split(": ", 1) for line in block.strip().split("\n"))
    return fields["event"], json.loads(fields["data"])


@pytest.fixture
def hub(committed, redis, monkeypatch):
    """A fresh listener; heartbeats and gathering quicker than life."""
    hub = live._Hub()
    monkeypatch.setattr(live, "_hub", hub)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(live, "GATHER_SECONDS", 0.4)
    monkeypatch.setattr(live, "_clients", {})
    yield
    while hub.thread is not None:
        time.sleep(0.02)
    for client in live._clients.values():
        client.close()


def publish(*messages):
    """Publish in a transaction, a moment from now."""

    def later():
        time.sleep(0.5)
        with transaction() as session:
            for topic, event, data in messages:
                live.publish(session, topic, event, data)

    thread = threading.Thread(target=later)
    thread.start()
    return thread


def heard(person_id, role, *messages, seconds=1.5):
    """What a page of this person hears of these messages."""
    stream = live.stream(person_id, role)
    next(stream)
    thread = publish(*messages)
    events = [event for event in read(stream, seconds) if event[0] != "refresh"]
    thread.join()
    return events


def test_a_ring_reaches_only_the_agent_it_is_for(hub):
    ring = ("agent:7", "ring", {"call_no": "1"})
    assert heard(7, Role.AGENT, ring) == [("ring", {"call_no": "1"})]
    assert heard(8, Role.AGENT, ring) == []


def test_danger_is_heard_by_supervisors_and_counsellors(hub):
    alert = ("alerts", "alert", {"call_no": "1"})
    assert heard(7, Role.SUPERVISOR, alert)
    assert heard(7, Role.COUNSELLOR, alert)
    assert heard(7, Role.AGENT, alert) == []
    assert heard(7, Role.ADMIN, alert) == []


def test_a_rush_on_a_shared_topic_is_told_once_with_the_last_word(hub):
    rush = [("calls", "calls", {"n": number}) for number in range(50)]
    events = heard(7, Role.AGENT, *rush)
    assert 1 <= len(events) <= 3
    assert events[-1] == ("calls", {"n": 49})


def test_nothing_is_told_of_a_transaction_that_failed(hub):
    stream = live.stream(7, Role.AGENT)
    next(stream)
    with pytest.raises(ZeroDivisionError), transaction() as session:
        _ = live.publish(session, "agent:7", "ring", {}) or 1 / 0
    assert [event for event in read(stream, 0.6) if event[0] == "ring"] == []


def test_a_new_stream_first_tells_the_page_to_look_again(hub):
    stream = live.stream(7, Role.AGENT)
    next(stream)
    assert ("refresh", {}) in read(stream, 1)


def test_a_lost_redis_neither_fails_nor_holds_up_what_was_committed(committed, redis, monkeypatch):
    monkeypatch.setenv("HOTLINE_REDIS_URL", "unix:///nonexistent/valkey.sock")
    settings.current.cache_clear()
    with transaction() as session:
        service.create_team(session, "一组")
        live.publish(session, "board", "board", {})
    with transaction() as session:
        assert [team.name for team in queries.teams(session)] == ["一组"]
    monkeypatch.undo()
    settings.current.cache_clear()
