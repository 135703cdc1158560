"""Booking through its pages: each refusal has its sentence, what was typed stays, nothing leaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.booking import service, stopping
from hotline.booking.models import Booking, BookingRule, Doctor, Hospital, Resource, Slot
from hotline.booking.rules import HalfDay, State
from hotline.calls import desk
from hotline.clock import today
from hotline.console.booking_places import find
from hotline.console.booking_words import spoken_number
from tests.booking.places import AGENT, make_department, make_slot, person
from tests.people import form_token, signed_in

SOON = today() + timedelta(days=3)


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
def slot(session, department) -> Slot:
    return make_slot(session, day=SOON, department=department)


def post(browser, address, **typed):
    headers = {"HX-Request": "true"}
    return browser.post(address, data={**typed, "csrf_token": form_token(browser)}, headers=headers)


def hold(browser, slot, number=1, **typed):
    who = person(number)
    form = {"patient_name": who.name, "id_number": who.id_number, "mobile": who.mobile}
    return post(browser, "/booking/hold", slot=slot.id, **(form | typed))


def book(browser, session, slot, number=1) -> Booking:
    assert hold(browser, slot, number).status_code == 200
    held = session.exec(select(Booking).order_by(Booking.id.desc())).first()
    assert post(browser, f"/booking/held/{held.id}/confirm").status_code == 200
    session.refresh(held)
    return held


@pytest.mark.parametrize("typed", ["njms", "梅山", "xxg", "心内", "ms xn", "心血管 梅山", "xxgnk"])
def test_a_few_letters_find_a_place(session, agent, department, typed):
    places = agent.get("/booking/places", query_string={"q": typed}).json["places"]
    assert any(one["name"] in ("南京梅山医院", "心血管内科") for one in places)


def test_a_doctor_is_found_with_what_is_left(session, agent, slot):
    doctor = Doctor(department_id=slot.department_id, name="欧阳若兰", initials="oyrl")
    session.add(doctor)
    session.flush()
    session.get(Resource, slot.resource_id).doctor_id = doctor.id
    session.commit()
    (found,) = agent.get("/booking/places?q=oyrl").json["places"]
    assert (found["kind"], found["left"]) == ("doctor", 1)
    assert "欧阳若兰" in agent.get(found["address"]).text


@pytest.mark.parametrize("typed", ["%", "_", "' OR 1=1 --", "\\", "", "a" * 500])
def test_what_means_something_to_the_database_means_nothing_here(session, department, typed):
    assert all(place.kind in ("hospital", "department", "doctor") for place in find(session, typed))


def test_the_grid_says_in_words_what_each_half_day_is(session, agent, department, slot):
    make_slot(session, day=today(), department=department)
    make_slot(session, day=today() + timedelta(days=12), department=department)
    full = make_slot(session, day=SOON, department=department, half=HalfDay.AFTERNOON)
    service.hold(session, full.id, person(7), "agent", AGENT)
    session.commit()
    page = agent.get(f"/booking/panel?department={department.id}").text
    for said in ("余 1", "满", "停约", "未放", "可约明天起"):
        assert said in page


def test_a_full_or_stopped_slot_cannot_be_picked(session, agent, department, slot):
    address = f"/booking/slots?department={department.id}&day={SOON}&half=morning"
    assert f"slot={slot.id}" in agent.get(address).text
    stopping.stop_clinic(session, [slot.id], "医生出差")
    session.commit()
    page = agent.get(address).text
    assert f"slot={slot.id}" not in page
    assert "停诊（医生出差）" in page


def test_from_slot_to_number(session, agent, slot):
    form = agent.get(f"/booking/patient?slot={slot.id}").text
    assert "就诊人姓名" in form
    held = hold(agent, slot).text
    assert "我复述一遍：为王小明" in held
    assert "data-until" in held
    booking = session.exec(select(Booking)).one()
    assert booking.state is State.HELD
    assert booking.hold_id not in held
    done = post(agent, f"/booking/held/{booking.id}/confirm").text
    session.refresh(booking)
    assert booking.booking_no in done
    assert spoken_number(booking.booking_no) in done
    assert booking.owner == "xiaomei"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"id_number": "320102198001010010"}, "校验位不符"),
        ({"patient_name": "王"}, "2 到 50 个字"),
        ({"mobile": "02583280000"}, "11 位手机号"),
        ({"guardian_name": "李", "guardian_id": person(9).id_number}, "2 到 50 个字"),
        ({"account": "999"}, "没有这位就诊人"),
    ],
)
def test_refused_input_is_explained_and_what_was_typed_is_kept(agent, slot, typed, sentence):
    answer = hold(agent, slot, **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = {"id_number": person().id_number} | typed
    kept.pop("account", None)
    for value in kept.values():
        assert f'value="{value}"' in answer.text


def test_a_slot_that_went_meanwhile_is_said_with_the_form(session, agent, slot):
    service.hold(session, slot.id, person(5), "agent", AGENT)
    session.commit()
    answer = hold(agent, slot)
    assert answer.status_code == 422
    assert "已约满" in answer.text
    assert person().id_number in answer.text
    assert "登记候补" in answer.text
    who = person()
    typed = {"patient_name": who.name, "id_number": who.id_number, "mobile": who.mobile}
    assert "登记候补：" in post(agent, "/booking/wait", slot=slot.id, **typed).text
    assert post(agent, "/booking/wait", slot=slot.id, **typed).status_code == 422
    assert session.exec(select(Booking.state).order_by(Booking.id)).all()[-1] is State.WAITING


def test_a_name_is_shown_and_never_run(session, agent, slot):
    refused = hold(agent, slot, patient_name="<script>alert(1)</script>")
    assert refused.status_code == 422
    assert "<script>alert" not in refused.text


def test_the_number_typed_so_far_says_whose_it_may_be(agent):
    said = post(agent, "/booking/identity", id_number=person().id_number).json
    assert said["ok"]
    assert "1980年" in said["words"]
    assert "岁" in said["words"]
    assert not post(agent, "/booking/identity", id_number="320102198001010010").json["ok"]


def test_another_agents_hold_is_not_mine_to_confirm(app, session, agent, slot):
    hold(agent, slot)
    held = session.exec(select(Booking)).one()
    other = signed_in(app, session, Role.AGENT, "jianguo")
    assert post(other, f"/booking/held/{held.id}/confirm").status_code == 422
    assert other.get(f"/booking/held/{held.id}").status_code == 404
    assert held.state is State.HELD


def test_a_hold_of_mine_outlives_a_reload_and_may_be_given_up(session, agent, slot):
    hold(agent, slot)
    held = session.exec(select(Booking)).one()
    assert "您还占着" in agent.get("/booking").text
    post(agent, f"/booking/held/{held.id}/release")
    session.refresh(held)
    assert held.state is State.RELEASED
    assert "您还占着" not in agent.get("/booking").text


def test_a_caller_who_is_known_has_nothing_to_repeat(session, agent, slot, department):
    who = person(3)
    service.hold(session, slot.id, who, "agent", AGENT)
    call = desk.start(session, who.mobile)
    desk.ring(session, call, "xiaomei")
    session.commit()
    other = make_slot(session, day=SOON + timedelta(days=1), department=department)
    page = agent.get(f"/booking/patient?slot={other.id}&call={call.call_no}").text
    assert "王小明" in page
    assert who.id_number not in page
    account = session.exec(select(Booking.account_id)).one()
    answer = post(agent, "/booking/hold", slot=other.id, call=call.call_no, account=account)
    assert "我复述一遍" in answer.text
    newest = session.exec(select(Booking).order_by(Booking.id.desc())).first()
    assert newest.call_uid == call.call_uid


def test_the_list_is_masked_and_no_number_stands_in_an_address(session, agent, slot):
    booking, who = book(agent, session, slot), person()
    found = post(agent, "/booking/bookings/find", q=who.mobile)
    assert who.mobile not in found.location
    page = agent.get(found.location).text
    assert booking.booking_no in page
    assert "王**" in page
    assert who.mobile not in page
    by_document = post(agent, "/booking/bookings/find", q=who.id_number).location
    assert who.id_number not in by_document
    assert booking.booking_no in agent.get(by_document).text
    assert booking.booking_no not in agent.get("/booking/bookings?mobile=00ff").text
    assert post(agent, "/booking/bookings/find", q="什么1").status_code == 422


@pytest.mark.parametrize(
    "asked", ["hospital=1x", "hospital=99999999999999999999", "state=x", "from=x", "mobile=zz",
              "channel='", "cursor=bad"],
)  # fmt: skip
def test_a_strange_address_of_the_list_breaks_nothing(agent, asked):
    assert agent.get(f"/booking/bookings?{asked}").status_code in (200, 400)


def test_what_is_hidden_is_shown_for_a_reason(session, agent, slot):
    booking = book(agent, session, slot)
    address = f"/booking/bookings/{booking.booking_no}"
    assert person().id_number not in agent.get(address).text
    assert post(agent, f"{address}/reveal/id_number", reason="").status_code == 422
    shown = post(agent, f"{address}/reveal/id_number", reason="核对身份")
    assert shown.json == {"value": person().id_number}


def test_cancel_wants_a_reason_and_change_keeps_the_number(session, agent, slot, department):
    booking = book(agent, session, slot)
    address = f"/booking/bookings/{booking.booking_no}"
    other = make_slot(session, day=SOON + timedelta(days=1), department=department)
    form = agent.get(f"/booking/patient?slot={other.id}&change={booking.booking_no}").text
    assert "确认改约" in form
    assert booking.booking_no in post(agent, f"{address}/change", slot=other.id).text
    assert post(agent, f"{address}/cancel", reason="").status_code == 422
    assert post(agent, f"{address}/cancel", reason="临时有事").status_code == 302
    session.refresh(booking)
    assert (booking.state, booking.slot_id) == (State.CANCELLED, other.id)


def test_attendance_is_kept_and_may_be_corrected(session, agent, slot):
    booking = book(agent, session, slot)
    address = f"/booking/bookings/{booking.booking_no}/attendance"
    post(agent, address, attended="no")
    post(agent, address, attended="yes")
    session.refresh(booking)
    assert booking.state is State.ATTENDED


def test_the_search_box_finds_a_booking_by_its_number(session, agent, slot):
    booking = book(agent, session, slot)
    found = post(agent, "/search", q=booking.booking_no)
    onward = agent.get(found.location)
    assert onward.location.endswith(f"/booking/bookings/{booking.booking_no}")


def test_rules_are_said_in_a_sentence_and_grow_by_dated_rows(app, session, agent, department):
    assert "预约后不能退号" in agent.get("/booking/rules").text
    admin = signed_in(app, session, Role.ADMIN)
    typed = {"hospital": department.hospital_id, "name": "may_cancel", "value": "也许",
             "effective_on": today()}  # fmt: skip
    refused = post(admin, "/booking/rules", **typed)
    assert refused.status_code == 422
    assert "应为 是 或 否" in refused.text
    assert 'value="也许"' in refused.text
    assert post(admin, "/booking/rules", **typed | {"value": "否"}).status_code == 302
    assert post(admin, "/booking/rules", **typed | {"value": "是"}).status_code == 422
    yesterday = today() - timedelta(days=1)
    assert post(admin, "/booking/rules", **typed | {"effective_on": yesterday}).status_code == 422
    row = session.exec(select(BookingRule).where(
        BookingRule.hospital_id == department.hospital_id)).one()  # fmt: skip
    assert row.value == "否"
