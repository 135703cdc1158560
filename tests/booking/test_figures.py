"""Figures of booking add up and say what they count."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from hotline.booking import figures, service
from hotline.booking.figures import Scope, Share
from tests.booking.places import AGENT, AT, DAY, make_department, make_slot, person


@pytest.fixture
def city(session):
    """Two departments of one hospital: 6 units of 10 booked, one of them cancelled later."""
    heart = make_department(session)
    eyes = make_department(session, "眼科", session.get_one(_hospital(), heart.hospital_id))
    slots = [make_slot(session, 5, department=heart), make_slot(session, 5, department=eyes)]
    for number in range(6):
        book(session, slots[number // 4], number + 1)
    settle(session, "attended", 2)
    settle(session, "no_show", 1)
    settle(session, "cancelled", 1)
    return heart.hospital_id


def _hospital():
    from hotline.booking.models import Hospital

    return Hospital


def book(session, slot, number):
    held = service.hold(session, slot.key, person(number), "agent", AGENT, at=AT)
    return service.confirm(session, held.hold_id, AGENT, at=AT)


def settle(session, state, how_many):
    """Move so many confirmed bookings on, the oldest first."""
    session.execute(
        text(
            "UPDATE booking SET state = :state WHERE id IN (SELECT id FROM booking"
            " WHERE state = 'confirmed' ORDER BY id LIMIT :n)"
        ),
        {"state": state, "n": how_many},
    )


def test_a_hospital_shows_use_no_shows_and_cancellations_with_their_wholes(session, city):
    (use,) = figures.uses(session, Scope(DAY, DAY))
    assert use.id == city
    assert use.used == Share(5, 10)
    assert use.missed == Share(1, 3)
    assert use.cancelled == Share(1, 6)


def test_departments_add_up_to_their_hospital(session, city):
    departments = figures.uses(session, Scope(DAY, DAY, city))
    (hospital,) = figures.uses(session, Scope(DAY, DAY))
    assert [use.name for use in departments] == ["心内科", "眼科"]
    assert figures.total(departments).used == hospital.used
    assert figures.total(departments).cancelled == hospital.cancelled


def test_other_days_are_not_counted(session, city):
    assert figures.uses(session, Scope(DAY + timedelta(days=1), DAY + timedelta(days=9))) == []
    assert figures.lead_days(session, Scope(DAY + timedelta(days=1), DAY + timedelta(days=9))) == {
        0: 0
    }


def test_holds_are_not_use(session):
    slot = make_slot(session, 5)
    service.hold(session, slot.key, person(1), "agent", AGENT, at=AT)
    (use,) = figures.uses(session, Scope(DAY, DAY))
    assert use.used == Share(0, 5)


def test_stopped_slots_are_no_offer(session):
    slot = make_slot(session, 5)
    slot.is_stopped = True
    session.flush()
    assert figures.uses(session, Scope(DAY, DAY)) == []


def test_lead_days_count_from_the_day_of_booking_in_shanghai(session, city):
    assert figures.lead_days(session, Scope(DAY, DAY)) == {0: 0, 1: 0, 2: 0, 3: 0, 4: 5}
    assert figures.median_days({0: 0, 1: 3, 2: 1, 7: 1}) == 1
    assert figures.median_days({0: 0}) is None


def test_channels_count_what_was_made_even_if_cancelled_later(session, city):
    counts = figures.by_channel(session, Scope(DAY, DAY))
    assert counts[0].bookings == 6
    assert sum(count.bookings for count in counts[1:]) == 0


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 50), max_size=12))
def test_the_median_is_one_of_the_days_or_nothing(leads):
    found = figures.median_days(leads)
    assert (found is None) == (sum(leads.values()) == 0)
    assert found is None or found in leads
