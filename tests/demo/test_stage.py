"""The live demonstration under a clock of ours: a person at the screen comes first."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

from hotline.agents.rules import Role
from hotline.calls.rules import EventType
from tests.demo.world import HUMAN, Exchange


def _ring_at_human(exchange: Exchange) -> str:
    exchange.sit_down()
    exchange.run(10)
    ringing = exchange.ringing_at_human()
    assert len(ringing) == 1
    return ringing[0]


def test_a_newcomer_gets_a_call_within_ten_seconds() -> None:
    exchange = Exchange(made_up=0)
    exchange.run(120)
    _ring_at_human(exchange)


def test_that_call_was_in_the_voice_line_or_has_a_caller_with_a_number() -> None:
    exchange = Exchange()
    uid = _ring_at_human(exchange)
    deeds = [deed for deed in exchange.deeds if deed.guest.uid == uid]
    turns = [turn for deed in deeds for turn in deed.turns]
    assert [position for position, _ in turns] == list(range(1, len(turns) + 1))
    assert all(turn.at < exchange.at for _, turn in turns)
    assert exchange.events[uid][0].type is EventType.STARTED


def test_an_unanswered_call_goes_to_a_colleague_after_twenty_seconds() -> None:
    exchange = Exchange()
    uid = _ring_at_human(exchange)
    exchange.run(30)
    rung = [event.agent for event in exchange.events[uid] if event.type is EventType.RINGING]
    assert rung[0] == "8001"
    assert rung[1] != "8001"
    assert exchange.ringing_at_human() == []


def test_who_keeps_missing_is_asked_less_and_less() -> None:
    exchange = Exchange(made_up=10)
    exchange.sit_down()
    exchange.run(600)
    rung = [
        event.at
        for events in exchange.events.values()
        for event in events
        if event.type is EventType.RINGING and event.agent == "8001"
    ]
    gaps = [later - sooner for sooner, later in itertools.pairwise(rung)]
    assert len(rung) >= 3
    assert gaps[-1] > gaps[0] > timedelta(seconds=40)


def test_a_caller_talks_for_a_while_then_hangs_up() -> None:
    exchange = Exchange()
    uid = _ring_at_human(exchange)
    exchange.human_says(uid, EventType.ANSWERED)
    exchange.run(80)
    assert exchange.seen()[uid].state.value == "talking"
    exchange.run(180)
    assert exchange.seen()[uid].state.value == "wrap_up"
    assert exchange.events[uid][-1].by == "caller"


def test_what_a_person_wraps_up_is_left_to_them() -> None:
    exchange = Exchange()
    uid = _ring_at_human(exchange)
    exchange.human_says(uid, EventType.ANSWERED)
    exchange.human_says(uid, EventType.ENDED)
    exchange.people[HUMAN] = replace(exchange.people[HUMAN], ready_since=None)
    exchange.run(5)
    assert uid not in exchange.stage.guests
    assert not any(deed.wraps_up for deed in exchange.deeds if deed.guest.uid == uid)


def test_a_held_caller_waits_but_not_for_ever() -> None:
    exchange = Exchange()
    uid = _ring_at_human(exchange)
    exchange.human_says(uid, EventType.ANSWERED)
    exchange.run(5)
    exchange.human_says(uid, EventType.HELD)
    exchange.run(240)
    assert exchange.seen()[uid].state.value == "held"
    exchange.run(300)
    assert exchange.events[uid][-1].type is EventType.ENDED


def test_a_caller_passed_on_is_taken_by_the_colleague() -> None:
    exchange = Exchange()
    uid = _ring_at_human(exchange)
    exchange.human_says(uid, EventType.ANSWERED)
    exchange.run(5)
    exchange.human_says(uid, EventType.TRANSFERRED)
    exchange.run(15)
    seen = exchange.seen()[uid]
    assert seen.state.value == "talking"
    assert seen.agent_id != HUMAN


def test_a_counsellor_is_sent_callers_of_their_own() -> None:
    exchange = Exchange(made_up=0)
    exchange.at -= timedelta(hours=1)
    exchange.look()
    exchange.stage.next_at = exchange.at + timedelta(hours=1)  # nobody else calls
    exchange.sit_down(Role.COUNSELLOR)
    exchange.run(10)
    assert exchange.ringing_at_human()
    sent = [deed.guest for deed in exchange.deeds if deed.guest.uid in exchange.ringing_at_human()]
    assert {guest.kind for guest in sent} == {"mental_health"}


def test_made_up_colleagues_answer_and_write_up() -> None:
    exchange = Exchange(made_up=6)
    exchange.run(900)
    states = [seen.state.value for seen in exchange.seen().values()]
    assert 18 <= len(states) <= 50
    wrapped = [deed for deed in exchange.deeds if deed.wraps_up]
    assert len(wrapped) > 8
    assert all(deed.guest.uid not in exchange.stage.guests for deed in wrapped)


def test_nobody_to_answer_means_callers_give_up_in_the_queue() -> None:
    exchange = Exchange(made_up=1)
    exchange.people[10] = replace(exchange.people[10], ready_since=None)
    exchange.run(900)
    ended = [events for events in exchange.events.values() if events[-1].type is EventType.ENDED]
    assert ended
    assert not any(event.type is EventType.ANSWERED for events in ended for event in events)
    assert len(exchange.stage.guests) <= 25


def test_a_call_that_was_removed_is_forgotten() -> None:
    exchange = Exchange()
    exchange.run(10)
    assert exchange.stage.guests
    exchange.stage.keep(exchange.stage.step(exchange.at, [], exchange.seen()))
    exchange.events.clear()
    exchange.people.clear()
    exchange.look()
    assert exchange.stage.guests == {}


def test_what_was_not_written_is_told_again_under_the_same_name() -> None:
    exchange = Exchange()
    uid = _ring_at_human(exchange)
    exchange.human_says(uid, EventType.ANSWERED)
    exchange.look()
    exchange.at += timedelta(minutes=5)  # the caller has had enough
    told = [_told(exchange, uid) for _ in range(2)]  # the first commit failed
    assert told[0] == told[1] != []


def _told(exchange: Exchange, uid: str) -> list[str]:
    deeds = exchange.stage.step(exchange.at, exchange.people.values(), exchange.seen())
    return [event.event_id for deed in deeds if deed.guest.uid == uid for event in deed.events]


def test_one_seed_one_story() -> None:
    stories = []
    for _ in range(2):
        exchange = Exchange(seed="screenshot")
        exchange.run(300)
        stories.append(exchange.events)
    assert stories[0] == stories[1]
    other = Exchange(seed="another")
    other.run(300)
    assert other.events != stories[0]
