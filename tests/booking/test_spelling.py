"""Letters to find a name by: heteronyms, limits, and what is added later."""

from __future__ import annotations

import pytest
from sqlmodel import select

from hotline.booking import spelling
from hotline.booking.models import Department, Doctor, Hospital
from tests.booking.places import make_department


@pytest.mark.parametrize(
    ("name", "letters", "pinyin"),
    [
        ("消化内科", "xhnk", "xiaohuaneike"),
        ("重庆医院", "cqyy", "chongqingyiyuan"),  # a word with one reading
        ("单雄", "sx", "shanxiong"),
        ("单雄", "dx", "danxiong"),
        ("仇和", "qh", "qiuhe"),
        ("行知医院", "xzyy", "xingzhiyiyuan"),
        ("解小东", "xxd", "xiexiaodong"),
        ("曾小贤", "zxx", "zengxiaoxian"),
        ("南京市第一医院", "njsdyyy", "nanjingshidiyiyiyuan"),
        ("3D 打印门诊", "3ddymz", "3ddayinmenzhen"),
    ],
)
def test_every_common_reading_is_spelt(name, letters, pinyin):
    initials, whole = spelling.spelt([name], 60)
    assert letters in initials.split()
    assert pinyin in whole.split()


@pytest.mark.parametrize("name", ["单" * 40, "重" * 200, "", "·", "𠮷野", "医" * 60])
def test_no_spelling_is_too_long_for_its_column(name):
    initials, whole = spelling.spelt([name], 40)
    assert len(initials) <= 40
    assert len(whole) <= 400


def test_places_are_spelt_some_at_a_time_and_what_was_set_stays(session):
    hospital = Hospital(city="南京", name="南京长江医院", initials="cjyiyuan")
    session.add(hospital)
    session.flush()
    department = make_department(session, "重症医学科", hospital)
    doctor = Doctor(department_id=department.id, name="单雄")
    session.add(doctor)
    session.flush()
    while spelling.write(session, 1):
        pass
    for one in (hospital, department, doctor):
        session.refresh(one)
    assert hospital.initials.split()[0] == "cjyiyuan"
    assert "njcjyy" in hospital.initials.split()
    assert "zzyxk" in department.initials.split()
    assert "shanxiong" in doctor.pinyin.split()
    for table in (Hospital, Department, Doctor):
        assert session.exec(select(table).where(table.pinyin == "")).all() == []
