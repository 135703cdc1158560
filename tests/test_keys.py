"""Rotation writes every value again under the newest key, and may be broken off."""

import shutil

import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline import keys, sealed, security, settings
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.booking import patients
from hotline.booking import people as names
from hotline.booking.models import PatientAccount
from hotline.clock import now
from hotline.db import transaction
from tests.booking.places import person as patient
from workorders import attaching


@pytest.fixture
def people(committed):
    """Three people with encrypted secrets, and no files of other tests."""
    for directory in keys.SEALED:
        shutil.rmtree(settings.current().data_dir / directory, ignore_errors=True)
    with transaction() as session:
        for number in range(3):
            row = Person(username=f"person{number}", name="人", role=Role.ADMIN)
            row.totp_secret = f"SECRET{number}"
            session.add(row)


@pytest.fixture
def new_key(monkeypatch):
    """A second key, which is now the newest."""
    secrets = settings.current().secrets
    monkeypatch.setattr(secrets, "encryption", {**secrets.encryption, 2: b"2" * 32})
    return secrets


def test_everything_is_under_the_newest_key_afterwards(people, new_key):
    assert keys.left_over() == {"person.totp_secret": 3}
    assert keys.rotate() == 3
    assert keys.left_over() == {}
    new_key.encryption.pop(1)  # the old key may now be forgotten
    with transaction() as session:
        secrets = {person.totp_secret for person in session.exec(select(Person))}
    assert secrets == {"SECRET0", "SECRET1", "SECRET2"}


def test_a_rotation_broken_off_goes_on_where_it_stopped(people, new_key, monkeypatch):
    monkeypatch.setattr(keys, "BATCH", 1)

    def stop(name, done):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keys.rotate(stop)
    assert keys.left_over() == {"person.totp_secret": 1}
    assert keys.rotate() == 1


def test_rows_another_holds_are_left_for_the_next_round(people, new_key):
    with transaction() as session:
        session.execute(text("SELECT id FROM person WHERE username = 'person0' FOR UPDATE"))
        assert keys.rotate() == 2
    assert keys.rotate() == 1


def test_values_without_a_key_are_never_lost_silently(people, monkeypatch):
    monkeypatch.setattr(settings.current().secrets, "encryption", {9: b"9" * 32})
    with pytest.raises(ValueError, match="no key 1"):
        keys.rotate()
    assert security.encrypt("x", "y")[1] == 9


def test_patients_are_still_found_by_name_after_a_rotation(committed, new_key):
    with transaction() as session:
        known = patients.read(patient(name="王小明"), now())
        patients.register(session, known, 3, now())
    keys.rotate()
    new_key.encryption.pop(1)
    with transaction() as session:
        query = select(PatientAccount).where(PatientAccount.name_hash == names.name_hash("王小明"))
        assert session.exec(query).one().name == "王小明"


def test_files_of_work_orders_can_be_read_when_the_old_key_is_gone(people, new_key, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(new_key, "encryption", {1: new_key.encryption[1]})
        path = attaching._write("鉴定书".encode())
    assert keys.rotate() == 4
    new_key.encryption.pop(1)
    pieces = sealed.read(attaching.directory() / path, attaching.context(path))
    assert b"".join(pieces).decode() == "鉴定书"
