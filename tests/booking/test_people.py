"""Patients are found by name though names are encrypted; keys may be rotated meanwhile."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline.booking import patients, people, service
from hotline.booking.models import PatientAccount
from tests.booking.places import AGENT, AT, make_slot, person

UNNAME = text("UPDATE patient_account SET name_hash = NULL, born_hash = NULL")


def account(session, number=1, name="王小明") -> PatientAccount:
    known = patients.read(person(number, name=name), AT)
    _, key = patients.register(session, known, 3, AT)
    return session.get_one(PatientAccount, key, populate_existing=True)


def found(session, name):
    query = select(PatientAccount.id).where(PatientAccount.name_hash == people.name_hash(name))
    return list(session.exec(query))


def test_a_name_is_found_however_it_was_written(session):
    one = account(session, name="阿依古丽•买买提")
    other = account(session, 2, "Anna Maria Lopez")
    assert found(session, "阿依古丽·买买提") == [one.id]
    assert found(session, "阿依古丽买买提") == [one.id]
    assert found(session, "anna maria LOPEZ") == [other.id]
    assert found(session, "王小明") == []


def test_a_surname_and_a_birth_date_find_who_has_both(session):
    one = account(session)
    assert one.born_hash == people.born_hash("王五", date(1980, 1, 1))
    assert one.born_hash != people.born_hash("李五", date(1980, 1, 1))
    assert one.born_hash != people.born_hash("王五", date(1980, 1, 2))


def test_who_says_another_name_is_found_by_the_new_one(session):
    service.hold(session, make_slot(session).id, person(name="王小明"), "agent", AGENT, at=AT)
    service.hold(session, make_slot(session).id, person(name="王晓明"), "agent", AGENT, at=AT)
    assert found(session, "王小明") == []
    assert len(found(session, "王晓明")) == 1


def test_accounts_from_before_are_filled_in_some_at_a_time(session):
    accounts = [account(session, number) for number in range(1, 6)]
    session.execute(UNNAME)
    assert [people.write(session, 2) for _ in range(4)] == [2, 2, 1, 0]
    for one in accounts:
        session.refresh(one)
        assert one.name_hash == people.name_hash("王小明")
        assert one.born_hash == people.born_hash("王", date(1980, 1, 1))


def test_a_damaged_name_keeps_nobody_from_being_filled_in(session):
    damaged, whole = account(session), account(session, 2)
    session.execute(UNNAME)
    broken = text("UPDATE patient_account SET name = :bytes WHERE id = :id")
    session.execute(broken, {"bytes": b"\x01\x01" + bytes(40), "id": damaged.id})
    assert people.write(session) == 2
    assert found(session, "王小明") == [whole.id]


@pytest.mark.parametrize("name", ["王小明", "〇二", "Ö", "𠮷野"])
def test_what_is_kept_says_nothing_of_the_name(name):
    kept = people.hashes(name, date(1980, 1, 1))
    assert all(name.encode() not in value and len(value) == 16 for value in kept.values())
