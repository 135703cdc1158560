"""Which place a few letters find first: the demonstration's 38 hospitals and their departments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.booking import spelling
from hotline.booking.models import Department, Doctor, Hospital, Resource, Slot
from hotline.booking.rules import HalfDay, ResourceKind
from hotline.clock import today
from hotline.console.booking_choice import Choice, where
from hotline.console.booking_grid import grid
from hotline.console.booking_places import MOST_ALIKE, find
from hotline.console.booking_slots import half_day
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


@pytest.fixture
def vaccination(session, city):
    """流感疫苗 and 健康证体检 at one hospital's 保健科; nobody else has them."""
    hospital = session.get(Hospital, next(iter(city.values())).hospital_id)
    department = make_department(session, "预防保健科", hospital)
    found = []
    kinds = ((ResourceKind.VACCINATION, "流感疫苗"), (ResourceKind.HEALTH_CHECK, "健康证体检"))
    for kind, name in kinds:
        slot = make_slot(session, 5, today() + timedelta(days=3), department=department)
        resource = session.get(Resource, slot.resource_id)
        resource.kind, resource.clinic_kind, resource.name = kind, None, name
        slot.clinic_kind = None
        found.append(slot)
    while spelling.write(session):
        pass
    return found


@pytest.mark.parametrize("typed", ["流感", "lgym", "liugan", "lg", "疫苗"])
def test_an_item_is_found_by_characters_and_letters(session, vaccination, typed):
    found = [(one.kind, one.name, one.left) for one in find(session, typed, with_items=True)]
    assert ("item", "流感疫苗", 5) in found[:4]


def test_an_item_is_found_beside_its_hospital_and_is_a_department_s(session, vaccination):
    place = find(session, "jkz", with_items=True)[0]
    assert (place.name, place.department_id) == ("健康证体检", vaccination[1].department_id)
    lies = find(session, "", department=place.department_id, with_items=True)
    assert [one.name for one in lies] == ["流感疫苗", "健康证体检"]
    assert not [one for one in find(session, "jkz") if one.kind == "item"]


def test_what_is_chosen_by_item_shows_its_slots_alone(session, vaccination):
    flu = vaccination[0]
    choice = Choice(item=flu.resource_id, day=flu.day, half=HalfDay.MORNING)
    place = where(session, choice)
    assert place.department.name == "预防保健科"
    assert [one.item for one in half_day(session, place, choice)] == ["流感疫苗"]
    cells = [cell for _, row in grid(session, place).rows for cell in row if cell.left]
    assert [cell.left for cell in cells] == [5]
