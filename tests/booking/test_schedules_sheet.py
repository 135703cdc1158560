"""Schedules come in and go out as sheets; a file with one fault changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from hotline.booking import schedules_sheet, service
from hotline.booking.cli import booking
from hotline.booking.models import Schedule, Slot
from hotline.booking.schedules_rules import OnHoliday, OnMakeUp
from hotline.clock import today
from tests.booking.places import AGENT, person

HEAD = (
    "医院,院区,科室,医生,职称,号别,星期,单双周,午别,开始,结束,每段分钟,号源数,挂号费,"
    "生效日期,截止日期,节假日,调休日"
)
SINCE = today() - timedelta(days=3)
ROW = (f"第九医院,东院,心内科,王建国,主任医师,专家,每天,每周,上午,08:00,10:00,30,3,25,{SINCE},,"
       "照常出诊,照常按星期")  # fmt: skip


@pytest.fixture
def run(session, redis, tmp_path):
    def run(*rows, code=0, name="a.csv", data=None):
        path = tmp_path / name
        path.write_bytes(data or "\n".join([HEAD, *rows]).encode())
        result = CliRunner().invoke(booking, ["import", str(path)])
        assert result.exit_code == code, result.output
        session.expire_all()
        return result.output

    return run


def test_a_row_is_a_schedule_and_its_slots(session, run):
    said = run(ROW)
    (row,) = session.exec(select(Schedule))
    assert (row.weekdays, row.segment_minutes, row.units) == ("1234567", 30, 3)
    assert (row.on_holiday, row.on_make_up) == (OnHoliday.AS_USUAL, OnMakeUp.AS_USUAL)
    assert len(session.exec(select(Slot.id)).all()) == 4 * 31
    assert "新建医院：第九医院" in said


def test_again_is_nothing_and_a_later_row_takes_over(session, run):
    run(ROW)
    assert "新增 0 行，更新 1 行" in run(ROW)
    later = today() + timedelta(days=5)
    run(ROW.replace(str(SINCE), str(later)).replace(",30,3,", ",30,4,"))
    old, new = session.exec(select(Schedule).order_by(col(Schedule.id)))
    assert (old.valid_until, new.valid_from) == (later - timedelta(days=1), later)
    units = dict(session.exec(select(Slot.day, Slot.capacity)).all())
    assert (units[later - timedelta(days=1)], units[later]) == (3, 4)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("每天", "周八"), "第 3 行 星期：“周八”看不懂"),
        (("08:00", "8点"), "第 3 行 开始"),
        ((",30,3,", ",2,3,"), "第 3 行 每段分钟"),
        (("照常出诊", "看情况"), "第 3 行 节假日"),
        (("心内科", ""), "第 3 行 科室：不能为空"),
        ((",3,25", ",4,25"), "第 3 行 整行：与已有的排班"),
    ],
)
def test_one_fault_and_nothing_is_there(session, run, change, says):
    assert says in run(ROW, ROW.replace(*change), code=1)
    assert session.exec(select(Schedule)).all() == []
    assert session.exec(select(Slot)).all() == []


def test_what_goes_out_comes_in_again_as_the_same(session, run):
    run(ROW, ROW.replace("王建国", "").replace("主任医师", "").replace("专家", "普通"))
    kept = list(schedules_sheet.rows(session, today()))
    assert len(kept) == 3
    said = run(name="b.xlsx", data=schedules_sheet.as_xlsx(iter(kept)))
    assert "新增 0 行，更新 2 行" in said
    assert set(HEAD.split(",")) <= set(kept[0])


def test_dated_rows_that_come_in_later_belong_to_the_sheet(session, run, tmp_path):
    run(ROW)
    day = today() + timedelta(days=4)
    dated = "医院,院区,科室,医生,号别,日期,午别,开始,结束,号源数\n"
    dated += f"第九医院,东院,心内科,王建国,专家,{day},上午,08:00,08:30,9\n"
    run(name="c.csv", data=dated.encode())
    run(ROW)
    (slot,) = session.exec(select(Slot).where(Slot.day == day, Slot.capacity == 9))
    assert (slot.planned, slot.schedule_id) == (None, None)


def test_who_books_a_made_up_slot_has_a_made_up_booking(session, run):
    run(ROW)
    slot = session.exec(select(Slot).where(Slot.day == today() + timedelta(days=2))).first()
    slot.is_demo = True
    session.flush()
    held = service.hold(session, slot.id, person(), "agent", AGENT)
    assert service.confirm(session, held.hold_id, AGENT).is_demo
