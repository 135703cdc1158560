"""Many callers at once with real commits, and processes killed in the middle: the pool counts."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.booking import changing, jobs, service
from hotline.booking.models import Booking, Slot
from hotline.booking.rules import State
from hotline.db import transaction
from hotline.errors import Refused
from tests.booking.places import (
    AGENT,
    AT,
    DAY,
    assert_counted,
    make_department,
    make_slot,
    person,
    taken,
)

THREADS = 12


def slots(count: int, capacity: int = 1) -> list[Slot]:
    """Slots of departments of their own, committed."""
    with transaction() as session:
        return [make_slot(session, capacity) for _ in range(count)]


def hold(slot_id, number, at=AT):
    with transaction() as session:
        return service.hold(session, slot_id, person(number), "agent", AGENT, at=at).hold_id


def confirm(hold_id, at=AT):
    with transaction() as session:
        return service.confirm(session, hold_id, AGENT, at=at).booking_no


def together(acts):
    """Run these at the same moment; what each gave, or the code of its refusal."""
    gate = threading.Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def counted():
    with transaction() as session:
        assert_counted(session)


def test_twelve_callers_for_three_units_get_three(committed, redis):
    (slot,) = slots(1, capacity=3)
    said = together([lambda n=n: hold(slot.id, n) for n in range(1, THREADS + 1)])
    assert said.count("slot_taken") == THREADS - 3
    counted()


def test_one_patient_who_asks_everywhere_at_once_gets_one(committed, redis):
    with transaction() as session:
        heart = make_department(session)
        wanted = [make_slot(session, department=heart).id for _ in range(8)]
    said = together([lambda key=key: hold(key, 1) for key in wanted])
    assert said.count("duplicate_booking") == 7
    counted()


def test_of_a_mobile_that_books_for_eight_at_once_three_are_served(committed, redis):
    (slot,) = slots(1, capacity=20)

    def one(number):
        with transaction() as session:
            who = person(number, mobile=7)
            return service.hold(session, slot.id, who, "agent", AGENT, at=AT).hold_id

    said = together([lambda n=n: one(n) for n in range(1, 9)])
    assert said.count("mobile_limit") == 5
    counted()


def test_a_hold_confirmed_by_all_at_once_is_one_booking(committed, redis):
    (slot,) = slots(1)
    held = hold(slot.id, 1)
    said = together([lambda: confirm(held) for _ in range(6)])
    assert len(set(said)) == 1
    counted()


def test_confirmed_and_cleared_at_the_moment_it_runs_out_is_one_or_the_other(committed, redis):
    for number in range(1, 7):
        (slot,) = slots(1)
        held = hold(slot.id, number)
        just = AT + timedelta(minutes=5) - timedelta(microseconds=1)
        first, second = together(
            [
                lambda held=held, at=just: confirm(held, at),
                lambda key=slot.id, n=number: hold(key, n + 50, AT + timedelta(minutes=5)),
            ]
        )
        assert (first == "hold_expired") is (second != "slot_taken")
    counted()


def test_two_who_change_places_wait_but_never_in_a_circle(committed, redis):
    left, right = slots(2, capacity=2)
    one, two = confirm(hold(left.id, 1)), confirm(hold(right.id, 2))

    def move(number, target):
        with transaction() as session:
            return changing.change(session, number, target, AGENT, at=AT).slot_id

    said = together([lambda: move(one, right.id), lambda: move(two, left.id)])
    assert said == [right.id, left.id]
    counted()


def mixed(seed: int, keys: list[int], steps: int, at=AT) -> int:
    """One caller's random day; how many bookings stand at its end."""
    dice, mine = random.Random(seed), []
    for step in range(steps):
        try:
            number = seed * 100 + step
            held = hold(dice.choice(keys), number, at)
            if dice.random() < 0.7:
                mine.append(confirm(held, at))
            if mine and dice.random() < 0.4:
                with transaction() as session:
                    changing.cancel(session, mine.pop(), "有事", AGENT, at=at)
        except Refused as refusal:
            if refusal.code != "slot_taken":
                raise
    return len(mine)


def test_a_rush_of_mixed_deeds_oversells_and_loses_nothing(committed, redis):
    keys = [slot.id for slot in slots(5, capacity=3)]
    standing = sum(together([lambda n=n: mixed(n, keys, 12) for n in range(1, THREADS + 1)]))
    counted()
    with transaction() as session:
        confirmed = session.exec(select(Booking).where(Booking.state == State.CONFIRMED)).all()
        assert len(confirmed) == standing


# Killed while it books in a loop: after a hold, between two commits, wherever it is.
CALLER = """
import sys
from tests.booking.test_races import mixed
from tests.booking.places import AT
print("ready", flush=True)
mixed(int(sys.argv[1]), [int(key) for key in sys.argv[2:]], 10_000)
"""


@pytest.mark.parametrize("moment", [0.2, 0.5])
def test_callers_killed_in_the_middle_lose_no_unit(committed, redis, moment):
    keys = [slot.id for slot in slots(3, capacity=50)]
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", CALLER, str(seed), *map(str, keys)],
            stdout=subprocess.PIPE,
            env=dict(os.environ),
            text=True,
        )
        for seed in (1, 2, 3)
    ]
    try:
        for caller in callers:
            assert "ready" in caller.stdout.readline()
        threading.Event().wait(moment)
    finally:
        for caller in callers:
            caller.send_signal(signal.SIGKILL)
            caller.wait()
            caller.stdout.close()
    counted()
    later = AT + timedelta(minutes=5)
    with transaction() as session:
        before = {slot.id: slot for slot in session.exec(select(Slot))}
        confirmed = session.exec(select(Booking).where(Booking.state == State.CONFIRMED)).all()
    left = sum(slot.capacity for slot in before.values()) - len(confirmed)
    got = [
        key
        for n in range(left)
        for key in keys
        if _gets(key, 5000 + n * 3 + keys.index(key), later)
    ]
    assert len(got) == left, "what the dead had held was not free for others"
    counted()


def _gets(key: int, number: int, at) -> bool:
    try:
        return bool(hold(key, number, at))
    except Refused:
        return False


def test_the_sweep_ends_what_ran_out_and_may_run_twice_at_once(committed, redis):
    long_ago = timedelta(days=3650)
    with transaction() as session:
        slot = make_slot(session, 5, DAY - long_ago)
    for number in (1, 2, 3):
        hold(slot.id, number, AT - long_ago)
    together([jobs.expire_holds] * 3)
    with transaction() as session:
        assert taken(session, slot) == 0
    counted()
