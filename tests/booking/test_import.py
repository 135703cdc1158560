"""Files of hospitals, schedules and rules come in whole, or not at all."""

from __future__ import annotations

from datetime import time, timedelta

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from hotline.booking import changing, service
from hotline.booking.cli import booking
from hotline.booking.models import Booking, Department, Doctor, Hospital, Slot
from hotline.booking.policy import Policy
from hotline.booking.rules import ClinicKind, State
from hotline.booking.sheet import ImportReport, Line
from hotline.clock import now, today
from tests.booking.places import AGENT, assert_counted, person

DAY = today() + timedelta(days=4)
HEADERS = "医院,院区,科室,医生,职称,号别,日期,午别,开始,结束,号源数,挂号费"
ROW = f"南京鼓楼医院,北院,心内科,王建国,主任医师,专家,{DAY},上午,08:00,08:30,5,25.50"


@pytest.fixture
def run(session, redis, tmp_path):
    """Import files given by name and content."""

    def run(*options, code=0, **contents):
        paths = []
        for name, content in contents.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(str(path))
        result = CliRunner().invoke(booking, ["import", *paths, *options])
        assert result.exit_code == code, result.output
        return result.output

    return run


def sheet(*rows):
    return "\n".join([HEADERS, *rows]) + "\n"


def slots(session):
    return list(session.exec(select(Slot).order_by(Slot.id)))


def test_a_schedule_makes_slots_and_what_is_unknown(session, run):
    said = run(a_csv=sheet(ROW))
    (slot,) = slots(session)
    assert (slot.capacity, slot.starts_at, str(slot.fee)) == (5, time(8), "25.50")
    assert slot.clinic_kind is ClinicKind.EXPERT
    assert "新建科室：心内科" in said
    assert "新建医生：王建国" in said
    assert "新建医院" not in said, "the hospital was known"
    assert session.exec(select(Doctor.initials)).one() == "wjg"


def test_a_schedule_imported_again_changes_numbers_and_doubles_nothing(session, run):
    run(a_csv=sheet(ROW))
    said = run(a_csv=sheet(ROW.replace(",5,25.50", ",7,30")))
    (slot,) = slots(session)
    session.refresh(slot)
    assert (slot.capacity, str(slot.fee)) == (7, "30.00")
    assert "更新 1 行" in said


def test_what_may_be_empty_may_be_missing_and_more_columns_are_named(session, run):
    said = run(a_csv=f"科室,医院,号别,日期,午别,号源数,备注\n儿科,新医院,普通,{DAY},下午,3,x\n")
    assert "未使用的列：备注" in said
    assert "新建医院：新医院" in said
    assert [slot.starts_at for slot in slots(session)] == [None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_the_encoding_is_recognised(session, run, encoding):
    run(a_csv=sheet(ROW).encode(encoding))
    assert len(slots(session)) == 1


def test_a_spreadsheet_is_read_like_its_text(session, run, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADERS.split(","))
    book.active.append(
        ["南京鼓楼医院", None, "心内科", None, None, "普通", DAY, "上午", time(8), None, 5, 10.5]
    )
    book.save(tmp_path / "s.xlsx")
    run(s_xlsx=(tmp_path / "s.xlsx").read_bytes())
    (slot,) = slots(session)
    assert (slot.day, slot.starts_at, str(slot.fee)) == (DAY, time(8), "10.50")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((f"{DAY}", "2026-02-30"), "第 3 行 日期：日期“2026-02-30”不存在"),
        ((f"{DAY}", "1999-01-01"), "第 3 行 日期：1999-01-01 离今天太远"),
        (("专家", "神医"), "第 3 行 号别：“神医”不认识"),
        (("上午", "凌晨"), "第 3 行 午别：“凌晨”不认识"),
        (("08:00", "25:00"), "第 3 行 开始：时间“25:00”看不懂"),
        (("08:30", "07:30"), "第 3 行 结束：应晚于开始时间"),
        ((",5,", ",-5,"), "第 3 行 号源数：“-5”应为"),
        (("25.50", "NaN"), "第 3 行 挂号费：“NaN”应为金额"),
        (("25.50", "1.005"), "第 3 行 挂号费"),
        (("心内科", ""), "第 3 行 科室：不能为空"),
        (("心内科", "心" * 61), "第 3 行 科室：不能超过 60 个字"),
    ],
)
def test_one_wrong_cell_and_nothing_is_imported(session, run, change, says):
    second = ROW.replace("王建国", "赵红").replace(*change)
    said = run(code=1, a_csv=sheet(ROW, second))
    assert says in said
    assert slots(session) == []
    assert session.exec(select(Department)).all() == []


def test_the_same_slot_twice_in_a_file_is_a_fault(session, run):
    assert "第 3 行 整行：与第 2 行是同一个号源" in run(code=1, a_csv=sheet(ROW, ROW))


def test_a_dry_run_finds_what_is_wrong_and_writes_nothing(session, run):
    rules = f"医院,规则,值,生效日期\n新医院,可约天数,14,{today()}\n"
    hospitals = "医院,简称\n新医院,新院\n"
    said = run("--dry-run", rules_csv=rules, hospitals_csv=hospitals, slots_csv=sheet(ROW))
    assert said.count("检查通过") == 3
    assert slots(session) == []
    assert session.exec(select(Hospital).where(Hospital.name == "新医院")).all() == []


def test_units_that_are_booked_are_not_taken_away(session, run):
    run(a_csv=sheet(ROW))
    (slot,) = slots(session)
    for number in (1, 2):
        held = service.hold(session, slot.id, person(number), "agent", AGENT)
        service.confirm(session, held.hold_id, AGENT)
    said = run(code=1, a_csv=sheet(ROW.replace(",5,", ",1,")))
    assert "第 2 行 号源数：已约出 2 个" in said
    session.refresh(slot)
    assert slot.capacity == 5
    run(a_csv=sheet(ROW.replace(",5,", ",2,")))
    assert_counted(session)


def test_added_units_go_to_who_waits(session, run):
    run(a_csv=sheet(ROW.replace(",5,", ",1,")))
    (slot,) = slots(session)
    service.hold(session, slot.id, person(1), "agent", AGENT)
    service.wait(session, slot.id, person(2), "agent", AGENT)
    run(a_csv=sheet(ROW.replace(",5,", ",3,")))
    states = session.exec(select(Booking.state).order_by(Booking.id)).all()
    assert states == [State.HELD, State.OFFERED]
    assert_counted(session)


def test_rules_come_in_by_hospital_or_city_and_hold_from_their_day(session, run):
    run(
        rules_csv=f"医院,规则,值,生效日期\n鼓楼医院,可约天数,14,{today()}\n"
        f",次日停约,13:00,{today()}\n鼓楼医院,次日停约,默认,{today()}\n",
        slots_csv=sheet(ROW),
    )
    (slot,) = slots(session)
    policy = changing.policy_of(session, slot.id, "agent", now()).policy
    assert (policy.window_days, policy.cut_off) == (14, time(13))
    assert policy != Policy()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("没有的医院,可约天数,14,2026-01-01", "第 2 行 医院：没有“没有的医院”"),
        (",可约天数,很多,2026-01-01", "第 2 行 值：“可约天数”的值“很多”应为"),
        (",心情,好,2026-01-01", "第 2 行 规则：“心情”不认识"),
        (",可约天数,14,明天", "第 2 行 生效日期"),
    ],
)
def test_a_rule_that_means_nothing_is_said_by_row_and_column(run, row, says):
    assert says in run(code=1, a_csv=f"医院,规则,值,生效日期\n{row}\n")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", "姓名,年龄\n张三,5\n", "医院,科室,日期,号源数\n"]
)
def test_what_is_no_such_file_is_refused_with_a_sentence(session, run, content):
    assert "。" in run(code=1, a_csv=content)


def test_what_is_exported_can_be_imported(session, run):
    run(a_csv=sheet(ROW))
    exported = CliRunner().invoke(booking, ["export", "--hospital", "鼓楼医院"])
    assert exported.exit_code == 0, exported.output
    said = run(b_csv=exported.output)
    assert "更新 1 行" in said
    assert "未使用的列：已约" in said


@given(st.text(max_size=12))
def test_any_cell_is_a_date_or_a_fault(text):
    report = ImportReport("x")
    day = Line(1, {"日期": text}, report).day("日期")
    assert (day is None) is bool(report.faults)
