"""A sentence fills as many slots as it speaks of."""

from dataclasses import replace
from datetime import date, time

import pytest

from hotline.booking.rules import ClinicKind, HalfDay
from ivr.dialogue.dates import Days
from ivr.dialogue.facts import Slots
from ivr.dialogue.places import Catalogue, Place
from ivr.dialogue.state import Step
from ivr.dialogue.understand import fill

TODAY = date(2026, 11, 21)
GULOU = Place(1, "南京鼓楼医院", forms=("南京鼓楼医院", "鼓楼医院", "鼓楼"))
CHILDREN = Place(2, "南京市儿童医院", forms=("南京市儿童医院", "儿童医院"))
EYES = Place(3, "南京医科大学眼科医院", forms=("眼科医院",))
HEART = Place(11, "心血管内科", 1)
BONES = Place(12, "骨科", 1)
CHILDRENS_HEART = Place(21, "心血管内科", 2)
CHILDREN_INNER = Place(22, "小儿内科", 2)
GLASSES = Place(31, "屈光科", 3)
WANG = Place(101, "王建国", 11)
CITY = Catalogue(
    (GULOU, CHILDREN, EYES), (HEART, BONES, CHILDRENS_HEART, CHILDREN_INNER, GLASSES), (WANG,)
)
TOMORROW = Days(date(2026, 11, 22), date(2026, 11, 22))


def understood(said, slots=None, step=Step.MENU):
    return fill(said, slots or Slots(), step, CITY, TODAY)


def test_one_sentence_fills_five_slots():
    now = understood("我想挂明天上午鼓楼医院心内科的专家号")
    assert now.slots == Slots(
        hospital=GULOU, department=HEART, kind=ClinicKind.EXPERT, any_doctor=True, days=TOMORROW,
        half=HalfDay.MORNING,
    )  # fmt: skip
    assert set(now.changed) == {
        Step.HOSPITAL, Step.DEPARTMENT, Step.DOCTOR, Step.DAY, Step.HALF,
    }  # fmt: skip


def test_a_hospital_named_after_a_department_names_no_department():
    now = understood("眼科医院")
    assert (now.slots.hospital, now.slots.department) == (EYES, None)


def test_a_department_before_the_hospital_waits_for_it():
    first = understood("挂个骨科")
    assert first.slots.hospital == GULOU  # only one has bones
    waiting = understood("心内科")
    assert (waiting.slots.hospital, waiting.slots.department_said) == (None, "心血管内科")
    then = understood("鼓楼", waiting.slots, Step.HOSPITAL)
    assert (then.slots.department, then.slots.department_said) == (HEART, "")


def test_another_hospital_keeps_the_department_of_that_name():
    before = Slots(hospital=GULOU, department=HEART, doctor=WANG)
    now = understood("不是，是儿童医院", before, Step.DAY)
    assert (now.slots.department, now.slots.doctor) == (CHILDRENS_HEART, None)
    without = understood("儿童医院", replace(before, department=BONES), Step.DAY)
    assert without.slots.department is None


def test_a_doctor_by_name():
    before = Slots(hospital=GULOU, department=HEART)
    assert understood("王建国医生", before, Step.DEPARTMENT).slots.doctor == WANG
    assert understood("王建国", before, Step.DOCTOR).slots.doctor == WANG
    assert understood("都可以", before, Step.DOCTOR).slots.any_doctor


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("专家号", ClinicKind.EXPERT),
        ("普通号", ClinicKind.GENERAL),
        ("著名专家", ClinicKind.FAMOUS_EXPERT),
    ],
)
def test_a_kind_of_clinic(said, kind):
    assert understood(said, step=Step.DOCTOR).slots.kind is kind


def test_times_and_any_half():
    assert understood("下午三点", step=Step.HALF).slots.at == time(15)
    assert understood("都行", step=Step.HALF).slots.any_half
    assert not understood("都行", step=Step.DAY).slots.any_half


def test_the_earliest_is_two_weeks_wide():
    assert understood("越快越好", step=Step.DAY).slots.days == Days(
        date(2026, 11, 22), date(2026, 12, 5)
    )


def test_what_means_nothing_changes_nothing():
    now = understood("今儿天气真不错啊你说是吧".replace("今儿", ""))
    assert not now.anything
    assert understood("二月三十号", step=Step.DAY).no_such_day
