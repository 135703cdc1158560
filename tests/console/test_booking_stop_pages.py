"""停诊 through its pages: what is found, stopped and resumed, who is called, who may not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.booking import service, stopping
from hotline.booking.models import Ban, Booking, Doctor, Hospital, PatientAccount, Resource
from hotline.booking.rules import HalfDay, State
from hotline.booking.stop_models import CallState, StopCall, StopCallAttempt
from hotline.clock import today
from tests.booking.places import AGENT, make_department, make_slot, person
from tests.console.test_booking_pages import post
from tests.people import signed_in

SOON = today() + timedelta(days=3)


@pytest.fixture
def leader(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


@pytest.fixture
def agent(app, session, redis):
    return signed_in(app, session, Role.AGENT, "xiaomei")


@pytest.fixture
def department(session):
    """Cardiology at a hospital with letters to find it by."""
    hospital = Hospital(city="南京", name="南京梅山医院", short_name="梅山医院", initials="njmsyy")
    session.add(hospital)
    session.flush()
    department = make_department(session, "心血管内科", hospital)
    department.initials = "xxgnk"
    session.commit()
    return department


@pytest.fixture
def slot(session, department):
    return make_slot(session, capacity=3, day=SOON, department=department)


def book(session, slot, number=1) -> Booking:
    held = service.hold(session, slot.id, person(number), "agent", AGENT)
    booking = service.confirm(session, held.hold_id, AGENT)
    session.commit()
    return booking


def stop(session, slot) -> StopCall:
    stopping.stop_clinic(session, [slot.id], "医生出差")
    session.commit()
    return session.exec(select(StopCall)).first()


def test_the_finder_leads_to_the_clinics_of_a_place(session, leader, slot):
    doctor = Doctor(department_id=slot.department_id, name="欧阳若兰", initials="oyrl")
    session.add(doctor)
    session.flush()
    session.get(Resource, slot.resource_id).doctor_id = doctor.id
    make_slot(session, day=SOON, half=HalfDay.AFTERNOON)
    session.commit()
    places = leader.get("/booking/stop/places?q=oyrl").json["places"]
    page = leader.get(places[0]["address"]).text
    assert "欧阳若兰" in page
    assert page.count('name="selected"') == 1
    assert 'name="selected"' not in leader.get("/booking/stop").text


@pytest.mark.parametrize(("asked", "count"), [
    ("half=morning", 2), ("half=evening", 0), ("shown=stopped", 0), ("shown=open", 2),
    ("from=x&to=y", 2), ("from=2020-01-01&to=2020-01-02", 0), ("half=x&shown=x&doctor=x", 2),
])  # fmt: skip
def test_clinics_are_narrowed_by_day_half_and_state(session, leader, department, asked, count):
    for more in (0, 1):
        make_slot(session, day=SOON + timedelta(days=more), department=department)
    session.commit()
    page = leader.get(f"/booking/stop?department={department.id}&{asked}").text
    assert page.count('name="selected"') == count


def test_the_list_pages(session, leader, department):
    for n in range(60):
        make_slot(session, day=SOON + timedelta(days=n % 3), department=department)
    session.commit()
    first = leader.get(f"/booking/stop?department={department.id}").text
    onward = (
        re.search(r'href="([^"]*cursor[^"]*)" rel="next"', first).group(1).replace("&amp;", "&")
    )
    keys = re.findall(r'name="selected" value="(\d+)"', first + leader.get(onward).text)
    assert (len(keys), len(set(keys))) == (60, 60)


def test_first_whom_it_touches_then_the_reason_then_the_list(session, leader, department, slot):
    booking = book(session, slot)
    address = f"/booking/stop/chosen?department={department.id}"
    before = post(leader, address, selected=slot.id, action="stop").text
    assert "停诊并通知 1 人" in before
    assert "电话预约" in before
    assert session.exec(select(StopCall)).all() == []
    refused = post(leader, "/booking/stop/confirm", selected=slot.id, reason="")
    assert refused.status_code == 422
    assert f'value="{slot.id}"' in refused.text
    done = post(leader, "/booking/stop/confirm", selected=slot.id, reason="医生出差")
    stop_id = session.exec(select(StopCall.stop_id)).one()
    assert done.location == f"/booking/stopped?stop={stop_id}"
    page = leader.get(done.location).text
    assert booking.booking_no in page
    assert "只看这次停诊：医生出差" in page


def test_all_that_fit_are_stopped_and_resumed(session, leader, department):
    slots = [make_slot(session, day=SOON, department=department) for _ in range(3)]
    session.commit()
    address = f"/booking/stop/chosen?department={department.id}"
    before = post(leader, address, all="yes", action="stop").text
    assert before.count('type="hidden" name="selected"') == 3
    confirm = f"/booking/stop/confirm?department={department.id}"
    keys = [slot.id for slot in slots]
    assert "/booking/stop?" in post(leader, confirm, selected=keys, reason="台风").location
    again = post(leader, address, selected=keys[0], action="stop")
    assert again.status_code == 302
    assert "都已经停诊" in leader.get(again.location).text
    post(leader, address, selected=keys[:2], action="resume", reason="台风过去")
    session.expire_all()
    assert [slot.is_stopped for slot in slots] == [False, False, True]
    page = leader.get(post(leader, address, action="stop").location).text
    assert "请先勾选要处理的门诊" in page


def test_an_admin_stops_and_is_not_led_to_patients(app, session, redis, slot):
    book(session, slot)
    admin = signed_in(app, session, Role.ADMIN)
    done = post(admin, "/booking/stop/confirm", selected=slot.id, reason="医生出差")
    assert done.location.startswith("/booking/stop?")
    assert admin.get("/booking/stopped").status_code == 403


def test_calling_goes_from_next_to_result(session, agent, slot):
    booking = book(session, slot)
    duty = stop(session, slot)
    assert "打下一个" in agent.get("/booking/stopped").text
    assert post(agent, "/booking/stopped/next").status_code == 302
    page = agent.get("/booking/stopped").text
    assert "我正在打：王小明" in page
    assert "（医生出差）" in page
    assert person().mobile not in page
    address = f"/booking/stopped/{duty.id}/result"
    assert post(agent, address, result="x").status_code == 422
    post(agent, address, result="no_answer", note="下午再打 13851234567")
    page = agent.get("/booking/stopped").text
    assert "无人接听" in page
    assert "13851234567" not in page
    post(agent, f"/booking/stopped/{duty.id}/claim")
    back = post(agent, address, result="told", back="/booking/stopped?whose=done").location
    assert back == "/booking/stopped?whose=done"
    assert booking.booking_no in agent.get(back).text
    assert booking.booking_no not in agent.get("/booking/stopped").text
    session.refresh(duty)
    assert duty.state is CallState.TOLD
    assert len(session.exec(select(StopCallAttempt)).all()) == 2


def test_no_other_site_is_returned_to(session, agent, slot):
    book(session, slot)
    stop(session, slot)
    assert (
        post(agent, "/booking/stopped/next", back="//evil.example").location == "/booking/stopped"
    )


def test_two_agents_do_not_call_one_person(app, session, agent, slot):
    book(session, slot)
    duty = stop(session, slot)
    post(agent, f"/booking/stopped/{duty.id}/claim")
    other = signed_in(app, session, Role.AGENT, "jianguo")
    page = other.get(post(other, f"/booking/stopped/{duty.id}/claim").location).text
    assert "同事正在打这个电话" in page
    leader = signed_in(app, session, Role.SUPERVISOR)
    assert "接手" in leader.get("/booking/stopped").text
    post(leader, f"/booking/stopped/{duty.id}/claim")
    assert "我正在打" in leader.get("/booking/stopped").text


def test_a_stopped_booking_is_changed_into_a_new_one(session, agent, department, slot):
    old = book(session, slot)
    duty = stop(session, slot)
    other = make_slot(session, day=SOON + timedelta(days=1), department=department)
    session.commit()
    shown = agent.get(f"/booking/bookings/{old.booking_no}").text
    assert f"change={old.booking_no}" in shown
    form = agent.get(f"/booking/patient?slot={other.id}&change={old.booking_no}").text
    assert "确认另约" in form
    done = post(agent, f"/booking/bookings/{old.booking_no}/change", slot=other.id).text
    new = session.exec(select(Booking).where(Booking.state == State.CONFIRMED)).one()
    assert new.booking_no in done
    assert "新预约号" in done
    assert new.patient_id == old.patient_id
    session.refresh(duty)
    assert (duty.state, duty.rebooked_id) == (CallState.REBOOKED, new.id)
    assert new.booking_no in agent.get("/booking/stopped?whose=done").text


@pytest.mark.parametrize("asked", ["stop=x", "day=x", "hospital=9999999999999999999", "whose=x",
                                   "cursor=bad", "stop=1&whose=mine"])  # fmt: skip
def test_a_strange_address_breaks_nothing(agent, asked):
    for page in ("stopped", "stopped/list"):
        assert agent.get(f"/booking/{page}?{asked}").status_code in (200, 400)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_out_of_this_world_breaks_nothing(leader, department, day):
    page = leader.get(f"/booking/stop?department={department.id}&from={day}")
    assert page.status_code == 200
    assert leader.get(f"/booking?department={department.id}&day={day}").status_code == 200


def test_the_file_of_a_patient_is_masked_and_pages(session, leader, department):
    for n in range(25):
        day = SOON + timedelta(days=n % 4)
        book(session, make_slot(session, day=day, department=make_department(session, f"科{n}")))
    account = session.exec(select(PatientAccount)).one()
    address = f"/booking/patients/{account.patient_id}"
    page = leader.get(address).text
    assert person().id_number not in page
    assert person().mobile not in page
    assert "共 25 条" in page
    onward = re.search(r'href="([^"]*cursor[^"]*)" rel="next"', page).group(1)
    assert "本页 5 条" in leader.get(onward).text
    reveal = f"/booking/accounts/{account.id}/reveal"
    assert post(leader, f"{reveal}/mobile", reason="").status_code == 422
    assert post(leader, f"{reveal}/mobile", reason="核对").json == {"value": person().mobile}
    assert post(leader, f"{reveal}/id_number", reason="核对").json == {"value": person().id_number}
    assert post(leader, f"{reveal}/name", reason="核对").json == {"value": "王小明"}


def test_a_ban_is_set_and_lifted_with_reasons(session, leader, slot):
    booking = book(session, slot)
    address = f"/booking/patients/{booking.patient_id}"
    refused = post(leader, f"{address}/ban", days="abc", reason="倒卖号源")
    assert refused.status_code == 422
    assert 'value="倒卖号源"' in refused.text
    assert post(leader, f"{address}/ban", days=30, reason="倒卖号源").status_code == 302
    page = leader.get(address).text
    assert "停约到" in page
    assert "倒卖号源" in page
    ban = session.exec(select(Ban)).one()
    assert post(leader, f"/booking/bans/{ban.id}/lift", reason="").status_code == 422
    post(leader, f"/booking/bans/{ban.id}/lift", reason="核实有误")
    assert "核实有误" in leader.get(address).text
    assert leader.get("/booking/patients/999999").status_code == 404


def test_a_place_is_freed_only_without_open_bookings(session, leader, slot):
    booking = book(session, slot)
    address = f"/booking/accounts/{booking.account_id}/free"
    back = post(leader, address, reason="换了手机号").location
    assert back == f"/booking/patients/{booking.patient_id}"
    assert "还有未结束的预约" in leader.get(back).text
    assert post(leader, "/booking/accounts/999999/free", reason="换了手机号").status_code == 404
    stop(session, slot)
    assert post(leader, address, reason="换了手机号").status_code == 302
    assert "已解绑" in leader.get(f"/booking/patients/{booking.patient_id}").text
