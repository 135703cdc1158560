"""Which hospital, department or doctor somebody means."""

import pytest

from hotline.classification.departments import called, ways_to_call
from ivr.dialogue.places import Catalogue, How, Place

HOSPITALS = (
    Place(1, "南京鼓楼医院", forms=("南京鼓楼医院", "鼓楼医院", "鼓楼")),
    Place(2, "南京市儿童医院", forms=("南京市儿童医院", "儿童医院", "儿童")),
    Place(3, "南京鼓楼医院江北国际医院", forms=("南京鼓楼医院江北国际医院", "江北国际医院")),
    Place(4, "南京市江宁医院", forms=("南京市江宁医院", "江宁医院")),
    Place(5, "南京市江宁医院（湖山路）", forms=("湖山路", "江宁医院")),
)
DEPARTMENTS = (
    Place(11, "心血管内科", 1, weight=5),
    Place(12, "胸外科", 1),
    Place(13, "心胸外科", 1),
    Place(14, "骨科", 1),
    Place(21, "心内科门诊", 2),
    Place(22, "儿科", 2),
)
DOCTORS = (Place(101, "王建国", 11), Place(102, "李敏", 11), Place(103, "李敏", 14))


def nearest(said, ways):
    """An ear that takes n for l at the beginning."""
    return [way for way in ways if said.replace("骨楼", "鼓楼") == way]


CITY = Catalogue(HOSPITALS, DEPARTMENTS, DOCTORS, nearest)


@pytest.mark.parametrize(
    ("said", "ids", "how"),
    [
        ("我想挂鼓楼医院的号", [1], How.NAME),
        ("鼓楼", [1], How.NAME),
        ("南京鼓楼医院江北国际医院", [3], How.NAME),
        ("儿童医院", [2], How.NAME),
        ("江宁医院", [4, 5], How.NAME),
        ("骨楼", [1], How.SOUND),
    ],
)
def test_a_hospital(said, ids, how):
    meant = CITY.find_hospital(said)
    assert ([place.id for place in meant.places], meant.how) == (ids, how)


def test_a_hospital_nobody_knows():
    assert CITY.find_hospital("协和医院") is None
    assert CITY.find_hospital("骨楼", by_sound=False) is None


@pytest.mark.parametrize(
    ("said", "hospital", "ids", "how"),
    [
        ("心血管内科", 1, [11], How.NAME),
        ("心内科", 1, [11], How.KIND),
        ("心血管内科", 2, [21], How.KIND),
        ("心胸外科", 1, [13], How.NAME),
        ("胸外科", 1, [12], How.NAME),
        ("我心慌，心跳得快", 1, [11], How.SYMPTOM),
        ("崴了脚骨折", 1, [14], How.SYMPTOM),
    ],
)
def test_a_department(said, hospital, ids, how):
    meant = CITY.find_department(said, hospital)
    assert ([place.id for place in meant.places], meant.how) == (ids, how)


def test_a_department_of_any_hospital_is_of_several():
    meant = CITY.find_department("心内科", None)
    assert {place.id for place in meant.places} == {11, 21}
    assert meant.only is None


def test_a_doctor_within_the_department():
    assert CITY.find_doctor("王建国医生", 11).only.id == 101
    assert [place.id for place in CITY.find_doctor("李敏", None).places] == [102, 103]
    assert CITY.find_doctor("赵大夫", 11) is None


def test_the_most_used_department_is_offered_first():
    assert next(iter(CITY.departments_of(1))).id == 11
    assert CITY.hospital(1).name == "南京鼓楼医院"
    assert CITY.department(99) is None


def test_what_departments_are_called():
    assert called("心胸外科") == ("心胸外科",)
    assert called("肚子疼") == ()
    assert ways_to_call("普通外科") == ("普通外科", "普外科", "普外", "外科门诊")
    assert ways_to_call("心脏中心") == ("心脏中心",)
