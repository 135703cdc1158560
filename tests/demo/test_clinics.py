"""The demonstration's hospitals: on offer every day, partly booked, counted, and gone again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from hotline.booking import service
from hotline.booking.models import Booking, Slot
from hotline.booking.rules import State
from hotline.clock import now, today
from hotline.demo import booked, clinics
from hotline.demo.clinic_load import load_clinics, remove_clinics
from tests.booking.places import AGENT, assert_counted, make_slot, person


@pytest.fixture
def city(monkeypatch, session, redis):
    """A city of three hospitals."""
    monkeypatch.setattr(
        clinics, "hospitals", lambda: ("南京鼓楼医院", "南京市中医院", clinics.EYES)
    )
    monkeypatch.setattr(booked, "PATIENTS", 60)
    monkeypatch.setattr(booked, "PER_DAY", 20)
    return session


def _days(session: Session) -> list[date]:
    return sorted(session.exec(select(Slot.day).distinct()))


def test_a_month_is_on_offer_and_every_booking_is_counted(city):
    assert load_clinics() > 50
    assert _days(city)[-1] == today() + timedelta(days=30)
    assert_counted(city)
    states = set(city.exec(select(Booking.state)))
    assert states == {State.CONFIRMED, State.ATTENDED, State.NO_SHOW, State.CANCELLED}
    channels = set(city.exec(select(Booking.channel)))
    assert {"agent", "wechat", "health_nanjing"} <= channels


def test_a_second_load_adds_nothing_and_a_city_that_slept_catches_up(city):
    load_clinics(now() - timedelta(days=20))
    assert _days(city)[-1] == today() + timedelta(days=10)
    load_clinics()
    count = len(city.exec(select(Slot.id)).all())
    assert _days(city)[-1] == today() + timedelta(days=30)
    assert load_clinics() == 0
    assert len(city.exec(select(Slot.id)).all()) == count
    past = select(Booking.id).where(Booking.day < today(), Booking.state == State.CONFIRMED)
    assert city.exec(past).all() == []
    assert_counted(city)


def test_removal_leaves_what_is_real(city):
    real = make_slot(city, day=today() + timedelta(days=3))
    service.hold(city, real.id, person(), "agent", AGENT)
    before = city.execute(text("SELECT count(*) FROM hospital")).scalar_one()
    load_clinics()
    remove_clinics(city)
    city.expire_all()
    assert city.exec(select(Slot.id)).all() == [real.id]
    assert len(city.exec(select(Booking.id)).all()) == 1
    for table in ("hospital", "slot", "schedule", "patient", "booking", "text_message"):
        left = text(f"SELECT count(*) FROM {table} WHERE is_demo")
        assert city.execute(left).scalar_one() == 0, table
    assert city.execute(text("SELECT count(*) FROM hospital")).scalar_one() == before
    assert city.execute(text("SELECT count(*) FROM department")).scalar_one() == 1
