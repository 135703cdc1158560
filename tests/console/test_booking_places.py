"""Which place a few letters find first: the demonstration's 38 hospitals and their departments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.booking import spelling
from hotline.booking.models import Department, Doctor, Hospital, Slot
from hotline.clock import today
from hotline.console.booking_places import MOST_ALIKE, find
from hotline.demo.clinics import clinics
from tests.booking.places import make_department, make_slot

BEFORE = today() - timedelta(days=3)


@pytest.fixture
def city(session):
    """Every hospital and department there is, spelt as the housekeeping job spells them."""
    hospitals = {one.name: one for one in session.exec(Hospital.__table__.select())}
    found: dict[str, Hospital] = {}
    departments: dict[tuple[str, str], Department] = {}
    for clinic in clinics():
        if clinic.hospital not in found:
            kept = hospitals.get(clinic.hospital)
            one = session.get(Hospital, kept.id) if kept else Hospital(
                city="南京", name=clinic.hospital)  # fmt: skip
            session.add(one)
            session.flush()
            found[clinic.hospital] = one
        key = (clinic.hospital, clinic.department)
        if key not in departments:
            departments[key] = make_department(session, clinic.department, found[clinic.hospital])
    while spelling.write(session):
        pass
    return departments


def use(session, department: Department, units: int) -> Slot:
    slot = make_slot(session, units, BEFORE, department=department)
    slot.taken = units
    session.flush()
    return slot


def names(session, typed, **within):
    return [place.name for place in find(session, typed, **within)]


def first(session, typed, **within):
    return names(session, typed, **within)[0]


def test_the_list_is_as_long_as_in_the_city(city):
    assert len({hospital for hospital, _ in city}) >= 37
    assert len({department for _, department in city}) >= 25


@pytest.mark.parametrize("used", ["心血管内科", "消化内科"])
def test_of_two_that_fit_alike_the_one_in_use_is_first(session, city, used):
    use(session, city["南京鼓楼医院", used], 50)
    assert first(session, "xn") == used
    assert {"心血管内科", "消化内科"} <= set(names(session, "xn"))


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("gl", "南京鼓楼医院"),
        ("njgl", "南京鼓楼医院"),
        ("gulou", "南京鼓楼医院"),
        ("鼓楼", "南京鼓楼医院"),
        ("xxg", "心血管内科"),
        ("xinxue", "心血管内科"),
        ("心内", "心血管内科"),
        ("xhnk", "消化内科"),
        ("xiaoh", "消化内科"),
        ("hxn", "呼吸内科"),
        ("ek", "儿科"),
    ],
)
def test_letters_pinyin_and_characters_find_what_people_mean(session, city, typed, place):
    use(session, city["南京鼓楼医院", "心血管内科"], 9)
    assert first(session, typed) == place


def test_a_department_of_a_hospital_by_two_words(session, city):
    place = find(session, "gl xxg")[0]
    assert (place.name, "鼓楼" in place.beyond) == ("心血管内科", True)


def test_departments_alike_do_not_hide_the_others(session, city):
    found = names(session, "xn")
    assert found.count("消化内科") <= MOST_ALIKE
    hospital = city["南京鼓楼医院", "消化内科"].hospital_id
    assert first(session, "xhnk", hospital=hospital) == "消化内科"


@pytest.mark.parametrize("typed", ["sx", "dx", "单雄", "shanx", "danx"])
def test_a_doctor_is_found_by_either_reading(session, city, typed):
    session.add(Doctor(department_id=city["南京鼓楼医院", "消化内科"].id, name="单雄"))
    session.flush()
    spelling.write(session)
    assert any(name.startswith("单雄") for name in names(session, typed))
