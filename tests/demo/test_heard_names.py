"""Names that made-up callers told the voice line: queued, listened to, and gone with the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis
from sqlmodel import Session, select

from hotline import db
from hotline.booking import name_queue
from hotline.booking.models import PatientAccount
from hotline.booking.name_models import NameCheck, NameVerdict
from hotline.booking.name_queue import Asked
from hotline.calls.models import VoiceCall
from hotline.clock import now
from hotline.demo import booked, clinics, heard_names
from hotline.demo.clinic_load import load_clinics
from hotline.demo.load import Order, load
from hotline.demo.remove import remove


@pytest.fixture
def city(monkeypatch, committed: str, redis: Redis) -> Iterator[Session]:
    """A small city whose patients like to book with the voice line."""
    monkeypatch.setattr(clinics, "hospitals", lambda: ("南京鼓楼医院", "南京市中医院"))
    monkeypatch.setattr(booked, "PATIENTS", 60)
    monkeypatch.setattr(booked, "PER_DAY", 20)
    monkeypatch.setattr(booked, "_CHANNELS", {"agent": 1, "voice": 2})
    load(Order(days=3, per_day=500))
    load_clinics()
    with Session(db.engine()) as session:
        yield session


def _how(check: NameCheck) -> str:
    return check.verdict.value if check.verdict else "call" if check.unclear_at else "waits"


def test_some_wait_and_some_have_been_listened_to_each_in_a_call_that_booked(city: Session):
    found = city.exec(
        select(NameCheck, PatientAccount, VoiceCall)
        .join(PatientAccount, PatientAccount.id == NameCheck.account_id)
        .join(VoiceCall, VoiceCall.call_uid == NameCheck.call_uid)
    ).all()
    assert len(found) == len(city.exec(select(NameCheck.id)).all()) > 3
    assert {call.achieved.value for _, _, call in found} == {"booked"}
    assert len({check.call_uid for check, _, _ in found}) == len(found)
    how = Counter(_how(check) for check, _, _ in found)
    for check, account, _ in found:
        same = check.heard == account.name
        assert check.verdict is None or (check.verdict is NameVerdict.RIGHT) == same
        assert check.checked_at is None or check.heard_at < check.checked_at <= now()
    assert name_queue.count(city, Asked()) == how["waits"]


def test_agents_work_the_queue_off_and_nothing_is_queued_twice(city: Session):
    before = len(city.exec(select(NameCheck.id)).all())
    assert load_clinics() == 0
    assert len(city.exec(select(NameCheck.id)).all()) == before
    heard_names.keep_up(city, now() + timedelta(days=1))
    assert name_queue.count(city, Asked()) == 0
    heard_names.keep_up(city, now() + timedelta(days=6))
    assert {_how(check) for check in city.exec(select(NameCheck))} <= {"right", "corrected"}


def test_they_go_with_their_calls(city: Session):
    assert remove().kept == []
    assert city.exec(select(NameCheck.id)).all() == []
