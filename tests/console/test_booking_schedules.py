"""Schedules through their pages: previewed, saved, changed, single days, ended; nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from hotline.agents.rules import Role
from hotline.booking import service
from hotline.booking.models import (
    Doctor,
    Hospital,
    Schedule,
    ScheduleException,
    Slot,
)
from hotline.calendar_models import CalendarDayRow
from hotline.clock import today
from hotline.working_days import LAST_YEAR
from tests.booking.places import AGENT, make_department, person
from tests.people import form_token, signed_in

SOON = today() + timedelta(days=3)
TYPED = {
    "doctor": "欧阳若兰", "title": "主任医师", "kind": "expert", "weekdays": list("1234567"),
    "weeks": "every", "half": "morning", "starts_at": "08:00", "ends_at": "11:00",
    "segment_minutes": "60", "units": "4", "units_are": "segment", "fee": "25.50",
    "valid_from": today().isoformat(), "on_holiday": "as_usual", "on_make_up": "as_usual",
}  # fmt: skip


@pytest.fixture
def keeper(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


@pytest.fixture
def department(session):
    hospital = Hospital(city="南京", name="南京梅山医院", initials="njmsyy")
    session.add(hospital)
    session.flush()
    department = make_department(session, "心血管内科", hospital)
    session.commit()
    return department


def post(browser, address, **typed):
    return browser.post(address, data={**typed, "csrf_token": form_token(browser)})


def make(keeper, session, department, **more) -> Schedule:
    answer = post(keeper, "/booking/schedules/new", department=department.id, **(TYPED | more))
    assert answer.status_code == 302, answer.text
    return session.exec(select(Schedule).order_by(col(Schedule.id).desc())).first()


def capacities(session, day):
    session.expire_all()
    query = select(Slot.capacity).where(Slot.day == day).order_by(Slot.starts_at)
    return list(session.exec(query))


def test_what_is_previewed_is_what_is_saved(session, keeper, department):
    shown = post(keeper, "/booking/schedules/preview", department=department.id, **TYPED).text
    assert "每段 4 个，共 12 个" in shown
    assert "08:00-09:00（4）" in shown
    assert session.exec(select(Schedule)).all() == [], "a preview saves nothing"
    row = make(keeper, session, department)
    assert capacities(session, SOON) == [4, 4, 4]
    assert session.exec(select(Doctor.initials)).one() == "oyrl"
    assert "0/12" in keeper.get(f"/booking/schedules/{row.id}").text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"weekdays": []}, "请选择星期几"),
        ({"units": "许多"}, "“许多”应为 1 到 9999 的整数"),
        ({"ends_at": "07:00"}, "应晚于开始时间"),
        ({"kind": ""}, "请选择号别"),
        ({"fee": "免费"}, "应为金额"),
        ({"valid_until": "2001-01-01"}, "截止日期不能早于生效日期"),
    ],
)
def test_a_fault_is_named_what_was_typed_stays_and_nothing_is_made(
    session, keeper, department, change, says
):
    answer = post(keeper, "/booking/schedules/new", department=department.id, **(TYPED | change))
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="欧阳若兰"' in answer.text
    for table in (Schedule, Slot, Doctor):
        assert session.exec(select(table)).all() == []


def test_a_second_one_at_the_same_time_is_refused(session, keeper, department):
    make(keeper, session, department)
    answer = post(keeper, "/booking/schedules/new", department=department.id, **TYPED)
    assert (answer.status_code, "时间重叠" in answer.text) == (422, True)


def test_a_change_holds_from_its_day_on(session, keeper, department):
    row = make(keeper, session, department)
    later = TYPED | {"units": "6", "valid_from": SOON.isoformat()}
    assert post(keeper, f"/booking/schedules/{row.id}/change", **later).status_code == 302
    assert capacities(session, SOON - timedelta(days=1)) == [4, 4, 4]
    assert capacities(session, SOON) == [6, 6, 6]
    late = TYPED | {"valid_from": "2020-01-01"}
    answer = post(keeper, f"/booking/schedules/{row.id}/change", **late)
    assert "过去的排班不改" in answer.text


def test_a_single_day_and_back(session, keeper, department):
    row = make(keeper, session, department)
    address, day = f"/booking/schedules/{row.id}/day", SOON.isoformat()
    answer = post(keeper, address, day=day, kind="units", units="9", reason="")
    assert (answer.status_code, "请填写原因" in answer.text) == (422, True)
    assert post(keeper, address, day=day, kind="units", units="9", reason="加号").status_code == 302
    assert capacities(session, SOON) == [9, 9, 9]
    assert "改号数" in keeper.get(f"/booking/schedules/{row.id}?day={day}").text
    post(keeper, address, day=day, action="clear")
    assert capacities(session, SOON) == [4, 4, 4]
    assert session.exec(select(ScheduleException)).all() == []


def test_an_end_leaves_the_booked_to_be_stopped(session, keeper, department):
    row = make(keeper, session, department)
    slot = session.exec(select(Slot).where(Slot.day == SOON)).first()
    held = service.hold(session, slot.id, person(), "agent", AGENT)
    service.confirm(session, held.hold_id, AGENT)
    last = today().isoformat()
    answer = post(keeper, f"/booking/schedules/{row.id}/end", last=last, end_reason="")
    assert "请填写原因" in answer.text
    answer = post(keeper, f"/booking/schedules/{row.id}/end", last=last, end_reason="退休")
    assert answer.status_code == 302
    assert capacities(session, SOON) == [1]
    listed = keeper.get("/booking/schedules").text
    assert "1 个时段约出的号超出排班" in listed
    assert "已约 1，排班 0" in listed


def test_the_list_is_narrowed_and_paged(session, keeper, department):
    other = make_department(session, "眼科")
    session.commit()
    make(keeper, session, department)
    make(keeper, session, other, doctor="赵红")
    assert "赵红" not in keeper.get(f"/booking/schedules?department={department.id}").text
    assert "赵红" in keeper.get("/booking/schedules").text
    assert "欧阳若兰" not in keeper.get("/booking/schedules?state=past").text
    assert "周一至周日" in keeper.get("/booking/schedules/export").text
    assert keeper.get("/booking/schedules/export?format=xlsx").data[:2] == b"PK"


def test_a_week_shows_booked_of_offered(session, keeper, department):
    make(keeper, session, department)
    address = f"/booking/schedules/week?department={department.id}&day={SOON}"
    assert "<b>0/12</b>" in keeper.get(address).text
    assert "还没有选科室" in keeper.get("/booking/schedules/week").text


def test_a_few_letters_lead_to_a_place(keeper, department):
    (found, *_) = keeper.get("/booking/schedules/places?q=njms&then=week").json["places"]
    assert found["address"].startswith("/booking/schedules/week?hospital=")


def test_a_year_that_is_not_published_is_said_by_hand(session, keeper):
    year = max(LAST_YEAR + 1, today().year)
    if year > today().year + 1:
        pytest.skip("the calendar knows next year")
    address, said = "/booking/schedules/calendar/year", {"year": str(year)}
    for holidays, worked, says in (
        ("2-30", "", "看不懂"),
        ("10-1至10-7", "", "至少应有元旦"),
        ("1-1至1-3", "1-3", "同时写在放假日里"),
    ):
        answer = post(keeper, address, holidays=holidays, worked=worked, **said)
        assert (answer.status_code, says in answer.text) == (422, True), says
    assert (
        post(keeper, address, holidays="1-1至1-3，10-1", worked="10-10", **said).status_code == 302
    )
    kinds = [row.kind.value for row in session.exec(select(CalendarDayRow))]
    assert (kinds.count("holiday"), kinds.count("make_up")) == (4, 1)
    assert "已录入" in keeper.get("/booking/schedules/calendar").text
    day = f"{year}-10-10"
    address = "/booking/schedules/calendar/make-up"
    assert post(keeper, address, day=day, stands_for="").status_code == 422
    assert post(keeper, address, day=day, stands_for=f"{year}-10-08").status_code == 302


def test_what_is_not_there_is_said(keeper):
    assert keeper.get("/booking/schedules/1").status_code == 404
    assert keeper.get("/booking/schedules/new?department=1").status_code == 404
