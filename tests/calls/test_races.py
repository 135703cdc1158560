"""Several processes at once, and one killed in the middle: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.agents.service import create_person
from hotline.calls import desk
from hotline.calls.facts import Heard
from hotline.calls.intake import record_events
from hotline.calls.models import Call, CallNote
from hotline.calls.rules import State
from hotline.calls.service import get_call, save_note
from hotline.db import transaction
from hotline.errors import Refused
from tests.calls.events import answered_call, event
from tests.calls.test_intake import NOW, heard

CALLS = 25


def everything() -> list[Heard]:
    return [each for n in range(CALLS) for each in heard(answered_call(), f"call-{n:02}")]


def send(batch: list[Heard]) -> list[str]:
    with transaction() as session:
        return record_events(session, batch, received_at=NOW).accepted


def together(*acts):
    """Run these at the same moment; what each gave, or the Refused it raised."""
    gate = threading.Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def assert_all_there_once() -> None:
    with transaction() as session:
        assert session.execute(text("SELECT count(*) FROM call_event")).scalar() == CALLS * 9
        calls = session.exec(select(Call)).all()
        assert len(calls) == CALLS
        assert {(call.state, call.talk_seconds, call.holds) for call in calls} == {
            (State.WRAP_UP, 40, 1)
        }


def test_two_batches_that_share_calls_wait_but_never_in_a_circle(committed, redis):
    odd, even = everything()[::2], everything()[1::2][::-1]
    first, second = together(lambda: send(odd), lambda: send(even))
    assert len(first) + len(second) == CALLS * 9
    assert_all_there_once()


def test_the_same_batch_from_four_senders_counts_once(committed, redis):
    batch = everything()
    taken = together(*[lambda part=part: send(part) for part in (batch, batch[::-1], batch, batch)])
    assert sorted(event_id for each in taken for event_id in each) == sorted(
        each.event_id for each in batch
    )
    assert_all_there_once()


def test_one_id_sent_for_two_calls_at_once_belongs_to_one(committed, redis):
    def claim(uid):
        return lambda: send([Heard(uid, event("started", 0, event_id="same", received_at=None))])

    taken = together(claim("a"), claim("b"))
    assert sorted(map(len, taken)) == [0, 1]
    with transaction() as session:
        assert len(session.exec(select(Call)).all()) == 1


def test_spoken_numbers_taken_at_once_differ(committed, redis):
    def start(uid):
        send([Heard(uid, event("started", 0, event_id=uid))])

    def many(sender):
        return lambda: [start(f"{sender}-{number}") for number in range(20)]

    together(*[many(sender) for sender in "abcd"])
    with transaction() as session:
        numbers = session.exec(select(Call.call_no)).all()
        assert len(set(numbers)) == 80


def test_of_two_agents_who_answer_one_gets_the_call(committed, redis):
    with transaction() as session:
        create_person(session, "zhao", Role.AGENT, "赵红")
        create_person(session, "qian", Role.AGENT, "钱红")
        call = desk.ring(session, desk.start(session, "13800001111"), "zhao")

    def answer(agent):
        def act():
            with transaction() as session:
                return desk.answer(session, call, agent).agent

        return act  # fmt: skip

    assert "call_state" in together(answer("zhao"), answer("qian"))


def test_of_two_who_save_a_note_one_is_told_of_the_other(committed, redis):
    with transaction() as session:
        by = create_person(session, "zhao", Role.AGENT, "赵红")[0].key
        uid = desk.start(session, "13800001111").call_uid

    def save(words):
        def act():
            with transaction() as session:
                return save_note(session, uid, words, 0, by).text

        return act  # fmt: skip

    answers = together(save("甲"), save("乙"))
    assert "note_conflict" in answers
    with transaction() as session:
        kept = session.get(CallNote, get_call(session, uid).id)
        assert kept.text in answers


SENDER = """
from tests.calls.test_races import everything
from hotline.calls.intake import record_events
from hotline.db import transaction
from tests.calls.test_intake import NOW
import sys, time
with transaction() as session:
    record_events(session, everything(), received_at=NOW)
    print("written, not committed", flush=True)
    time.sleep(60)
"""


def test_a_process_killed_in_the_middle_leaves_nothing_and_the_repetition_all(committed, redis):
    sender = subprocess.Popen(
        [sys.executable, "-c", SENDER], stdout=subprocess.PIPE, env=dict(os.environ), text=True
    )
    try:
        assert "written" in sender.stdout.readline()
    finally:
        sender.send_signal(signal.SIGKILL)
        sender.wait()
        sender.stdout.close()
    with transaction() as session:
        assert session.execute(text("SELECT count(*) FROM call_event")).scalar() == 0
    assert len(send(everything())) == CALLS * 9
    assert send(everything()) == []
    assert_all_there_once()


@pytest.mark.parametrize("moment", [0.01, 0.05, 0.2])
def test_whenever_it_is_killed_all_or_nothing_of_a_batch_is_there(committed, redis, moment):
    loop = SENDER.replace("    print", "print").replace("    time.sleep(60)", "time.sleep(60)")
    ready = loop.replace("with transaction()", 'print("ready", flush=True)\nwith transaction()')
    sender = subprocess.Popen(
        [sys.executable, "-c", ready], stdout=subprocess.PIPE, env=dict(os.environ), text=True
    )
    try:
        assert "ready" in sender.stdout.readline()
        time.sleep(moment)
    finally:
        sender.send_signal(signal.SIGKILL)
        sender.wait()
        sender.stdout.close()
    with transaction() as session:
        stored = session.execute(text("SELECT count(*) FROM call_event")).scalar()
    assert stored in (0, CALLS * 9)
    assert len(send(everything())) == CALLS * 9 - stored
    assert_all_there_once()
