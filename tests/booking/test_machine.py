"""Thousands of interleavings of everything callers do, held against a model of the pool.

``HYPOTHESIS_POOL_EXAMPLES`` asks for more histories than a test run has time for.
"""

from __future__ import annotations

import os
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlmodel import select

from hotline.booking import changing, service, stopping, sweep
from hotline.booking.models import Booking
from hotline.errors import Refused
from tests.booking.model import Model
from tests.booking.places import (
    AGENT,
    AT,
    assert_counted,
    make_department,
    make_slot,
    person,
    taken,
)

SLOTS = 3
PATIENTS = st.integers(0, 3)
slots = st.integers(0, SLOTS - 1)
claims = st.integers(0, 30)


class Pool(RuleBasedStateMachine):
    """Two slots of one department, one of another; four patients; an hour or a day."""

    session = None

    def __init__(self):
        super().__init__()
        self.savepoint = self.session.begin_nested()
        heart, eyes = (make_department(self.session, name) for name in ("心内科", "眼科"))
        places = ((1, heart), (2, heart), (1, eyes))
        self.slots = [make_slot(self.session, n, department=place) for n, place in places]
        self.model = Model([1, 2, 1], [0, 0, 1], AT)
        self.hold_ids = []

    def teardown(self):
        self.savepoint.rollback()
        self.session.expunge_all()

    def both(self, act, real, *arguments):
        """Do it in both worlds; they must agree on how it ended."""
        expected = self.model.do(act, *arguments)
        try:
            with self.session.begin_nested():
                answer, said = real(), "ok"
        except Refused as refusal:
            answer, said = None, refusal.code
        assert said == expected, (act, arguments)
        return answer if said == "ok" else None

    def pick(self, number):
        return number % len(self.hold_ids) if self.hold_ids else None

    def booking_no(self, number):
        query = select(Booking).where(Booking.hold_id == self.hold_ids[number])
        return self.session.exec(query).one().booking_no or "none"

    @rule(slot=slots, patient=PATIENTS)
    def hold(self, slot, patient):
        who, key = person(patient + 1), self.slots[slot].id
        held = self.both(
            "hold",
            lambda: service.hold(self.session, key, who, "agent", AGENT, at=self.model.at),
            slot,
            patient,
        )
        if held:
            self.hold_ids.append(held.hold_id)

    @rule(slot=slots, patient=PATIENTS)
    def wait(self, slot, patient):
        who, key = person(patient + 1), self.slots[slot].id
        hold_id = self.both(
            "wait",
            lambda: service.wait(self.session, key, who, "agent", AGENT, at=self.model.at),
            slot,
            patient,
        )
        if hold_id:
            self.hold_ids.append(hold_id)

    @rule(number=claims)
    def confirm(self, number):
        if (picked := self.pick(number)) is not None:
            hold_id = self.hold_ids[picked]
            self.both(
                "confirm",
                lambda: service.confirm(self.session, hold_id, AGENT, at=self.model.at),
                picked,
            )

    @rule(number=claims)
    def release(self, number):
        if (picked := self.pick(number)) is not None:
            hold_id = self.hold_ids[picked]
            self.both(
                "release",
                lambda: service.release(self.session, hold_id, AGENT, at=self.model.at),
                picked,
            )

    @rule(number=claims)
    def cancel(self, number):
        if (picked := self.pick(number)) is not None:
            name = self.booking_no(picked)
            self.both(
                "cancel",
                lambda: changing.cancel(self.session, name, "有事", AGENT, at=self.model.at),
                picked,
            )

    @rule(number=claims, slot=slots)
    def change(self, number, slot):
        if (picked := self.pick(number)) is not None:
            name, key = self.booking_no(picked), self.slots[slot].id
            self.both(
                "change",
                lambda: changing.change(self.session, name, key, AGENT, at=self.model.at),
                picked,
                slot,
            )

    @rule(slot=slots)
    def sweep(self, slot):
        key = self.slots[slot].id
        self.both("sweep", lambda: sweep.expire(self.session, key, self.model.at), slot)

    @rule(slot=slots, dice=st.integers(0, 9))
    def stop(self, slot, dice):
        if dice == 0:
            key = self.slots[slot].id
            self.both(
                "stop",
                lambda: stopping.stop_clinic(self.session, [key], "出差", at=self.model.at),
                slot,
            )

    @rule(minutes=st.sampled_from([1, 4, 5, 6, 29, 30, 31]))
    def time_goes_by(self, minutes):
        self.model.at += timedelta(minutes=minutes)

    @invariant()
    def every_unit_is_accounted_for(self):
        assert_counted(self.session)
        for number, slot in enumerate(self.slots):
            assert taken(self.session, slot) == self.model.units(number)

    @invariant()
    def every_claim_is_where_the_model_has_it(self):
        self.session.expire_all()
        rows = self.session.exec(
            select(Booking.state).where(Booking.hold_id.in_(self.hold_ids)).order_by(Booking.id)
        )
        assert [state.value for state in rows] == [claim.state for claim in self.model.claims]


def test_the_pool_does_what_its_model_does(session, redis):
    Pool.session = session
    run_state_machine_as_test(
        Pool,
        settings=settings(
            max_examples=int(os.environ.get("HYPOTHESIS_POOL_EXAMPLES", "25")),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
