"""What has to be recorded."""

from datetime import date, time, timedelta
from decimal import Decimal

from hotline.booking.models import Doctor, Hospital
from hotline.demo.clinics import departments, hospitals
from ivr.dialogue import words
from ivr.voice import wanted
from tests.booking.places import DAY, make_department, make_slot

TEXTS = {piece.text for piece in wanted.shipped() if not piece.slow}
SLOW = {piece.text for piece in wanted.shipped() if piece.slow}


def test_every_day_and_time_is_wanted():
    for ahead in range(800):
        assert TEXTS.issuperset(words.day(date(2026, 1, 1) + timedelta(days=ahead)))
    for minutes in range(24 * 60):
        at = time(*divmod(minutes, 60))
        assert TEXTS.issuperset(words.clock(at))
        assert SLOW.issuperset(words.clock(at))


def test_every_booking_number_is_wanted():
    said = set(words.booking_no("20261121-000123")) | set(words.digits("0123456789"))
    assert SLOW.issuperset(said - {"，"})


def test_places_of_the_demonstration_are_wanted():
    assert TEXTS.issuperset(hospitals())
    assert TEXTS.issuperset(name for each in hospitals() for name in departments(each))


def test_people_are_wanted_by_surname():
    assert {"王女士", "李先生", "欧阳小朋友"} <= TEXTS


def test_nothing_is_recorded_twice():
    keys = [piece.key for piece in wanted.shipped()]
    assert len(keys) == len(set(keys))


def test_an_archive_holds_one_sort():
    main, slow, answers = wanted.archives().values()
    assert not any(piece.slow for piece in (*main, *answers))
    assert all(piece.slow for piece in slow)
    assert {piece.text for piece in slow} <= {piece.text for piece in main}
    assert not {piece.key for piece in main} & {piece.key for piece in answers}


def test_a_site_wants_its_own_names_and_fees(session):
    hospital = Hospital(name="澄江人民医院", city="澄江")
    session.add(hospital)
    session.flush()
    department = make_department(session, "高压氧科", hospital)
    make_slot(session, day=DAY, department=department).fee = Decimal("137.00")
    session.add(Doctor(name="单雨桐", department_id=department.id))
    session.flush()
    found = {piece.text: piece for piece in wanted.of_site(session, DAY)}
    assert {"澄江人民医院", "高压氧科", "单雨桐", "一百三十七元"} <= set(found)
    assert found["单雨桐"].person
    assert not found["澄江人民医院"].person
