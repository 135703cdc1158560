"""A token that is bound sees and changes what is its own, and nothing else is there for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from hotline.agents import tokens
from hotline.agents.models import ApiToken
from hotline.agents.rules import Role, Scope
from hotline.audit import AuditEntry
from hotline.booking import binding
from hotline.booking.binding import Bound
from hotline.booking.models import Hospital
from hotline.booking.rules import HalfDay
from hotline.booking.selecting import Chosen, by_place
from hotline.clock import SHANGHAI, today
from hotline.errors import Refused
from tests.booking.machines import Machine, bound
from tests.booking.places import DAY, assert_counted, make_department, make_slot
from tests.people import api_token, form_token, signed_in


@pytest.fixture(autouse=True)
def _counted(session, redis):
    yield
    assert_counted(session)


@pytest.fixture
def slot(session):
    return make_slot(session, 3, today() + timedelta(days=4))


@pytest.fixture
def elsewhere(session):
    """A slot of a hospital in another city."""
    hospital = Hospital(city="苏州", name="苏州某医院")
    session.add(hospital)
    session.flush()
    department = make_department(session, "骨科", hospital)
    return make_slot(session, 3, today() + timedelta(days=4), department=department)


def code(answer):
    return answer.status_code, answer.json["code"]


def test_a_channel_of_its_own_need_not_be_said_and_another_is_refused(client, session, slot):
    wechat = bound(client, session, ["wechat"])
    assert wechat.hold(slot, channel=None).status_code == 201
    assert code(wechat.hold(slot, 2, channel="web")) == (403, "channel_not_yours")
    assert code(wechat.hold(slot, 2, channel="没有的渠道")) == (422, "channel_unknown")
    both = bound(client, session, ["wechat", "web"])
    assert code(both.hold(slot, 2, channel=None)) == (422, "channel_required")
    assert both.book(slot, 2, channel="12320网")["channel"] == "web"
    free = Machine(client, api_token(session, Scope.BOOKING))
    assert code(free.hold(slot, 3, channel=None)) == (422, "channel_required")


def test_two_tokens_of_one_channel_share_its_bookings_and_a_third_finds_none(client, session, slot):
    one, other = bound(client, session, ["wechat"]), bound(client, session, ["wechat"])
    stranger = bound(client, session, ["my_nanjing"])
    hold_id = one.hold(slot).json["hold_id"]
    assert code(stranger.post("/bookings", {"hold_id": hold_id})) == (404, "booking_unknown")
    number = other.post("/bookings", {"hold_id": hold_id}).json["booking_no"]
    for path, body in (("cancel", {}), ("change", {"slot_id": slot.id}),
                       ("attendance", {"attended": True})):  # fmt: skip
        answer = stranger.post(f"/bookings/{number}/{path}", body)
        assert code(answer) == (404, "booking_unknown")
    assert stranger.get(f"/bookings/{number}").status_code == 404
    assert one.get(f"/bookings/{number}").json["booking_no"] == number
    assert one.post(f"/bookings/{number}/cancel", {"reason": "有事"}).json["state"] == "cancelled"


def test_a_token_bound_to_a_hospital_knows_no_other(client, session, slot, elsewhere):
    clinic = bound(client, session, ["in_clinic"], [slot.hospital_id])
    there = session.get(Hospital, elsewhere.hospital_id)
    assert [each["id"] for each in clinic.get("/hospitals").json["items"]] == [slot.hospital_id]
    assert code(clinic.get(f"/departments?hospital={there.id}")) == (404, "hospital_unknown")
    assert code(clinic.get(f"/slots?hospital={there.name}")) == (404, "hospital_unknown")
    assert {each["slot_id"] for each in clinic.get("/slots").json["items"]} == {slot.id}
    assert code(clinic.hold(elsewhere, channel=None)) == (404, "slot_unknown")
    booked = clinic.book(slot, channel=None)
    assert (booked["channel"], booked["booking_kind"]) == ("in_clinic", "in_clinic")
    moved = clinic.post(f"/bookings/{booked['booking_no']}/change", {"slot_id": elsewhere.id})
    assert code(moved) == (404, "slot_unknown")


def test_a_city_stands_for_all_its_hospitals(client, session, slot, elsewhere):
    suzhou = bound(client, session, ["third_party"], cities=["苏州"])
    assert {each["slot_id"] for each in suzhou.get("/slots").json["items"]} == {elsewhere.id}
    assert suzhou.hold(elsewhere, channel=None).status_code == 201
    assert code(suzhou.hold(slot, 2, channel=None)) == (404, "slot_unknown")


def test_a_hospital_reports_attendance_of_whoever_booked_there(client, session, slot, elsewhere):
    wechat = bound(client, session, ["wechat"])
    here, there = wechat.book(slot)["booking_no"], wechat.book(elsewhere, 2)["booking_no"]
    clinic = bound(client, session, ["in_clinic"], [slot.hospital_id])
    said = {"attended": False}
    assert clinic.post(f"/bookings/{here}/attendance", said).json["state"] == "no_show"
    assert code(clinic.post(f"/bookings/{there}/attendance", said)) == (404, "booking_unknown")
    assert clinic.get(f"/bookings/{here}").status_code == 404, "it is another channel's"
    registry = bound(client, session, hospitals=[slot.hospital_id])
    assert registry.get(f"/bookings/{here}").json["state"] == "no_show"
    assert code(registry.post(f"/bookings/{here}/cancel", {})) == (404, "booking_unknown")


def test_even_a_token_of_every_scope_keeps_to_what_it_is_bound_to(client, session, slot):
    one = bound(client, session, ["wechat"])
    booked = one.book(slot)["booking_no"]
    other = bound(client, session, ["web"], scope=Scope.ALL)
    assert other.get(f"/bookings/{booked}").status_code == 404


def test_one_lists_what_is_ones_own_masked_and_page_after_page(client, session, slot):
    wechat, web = bound(client, session, ["wechat"]), bound(client, session, ["web"])
    mine = [wechat.book(slot, number)["booking_no"] for number in (1, 2)]
    web.book(slot, 3, channel=None)
    seen, cursor = [], ""
    while cursor is not None:
        page = wechat.get(f"/bookings?limit=1&cursor={cursor}").json
        seen += page["items"]
        cursor = page["next_cursor"]
    assert [each["booking_no"] for each in seen] == mine
    assert {each["patient"]["name"] for each in seen} == {"王**"}
    wechat.post(f"/bookings/{mine[0]}/cancel", {})
    kept = wechat.get("/bookings?state=confirmed").json["items"]
    assert [each["booking_no"] for each in kept] == mine[1:]
    assert code(wechat.get("/bookings?channel=web")) == (403, "channel_not_yours")
    tomorrow = today() + timedelta(days=1)
    assert wechat.get(f"/bookings?from={tomorrow}&to={tomorrow}").json["items"] == []
    assert code(wechat.get(f"/bookings?to={today() - timedelta(1)}")) == (422, "range_invalid")
    assert code(wechat.get("/bookings?cursor=abc")) == (400, "cursor_invalid")


def test_one_sees_how_many_wait_before(client, session):
    full = make_slot(session, 1, today() + timedelta(days=4))
    wechat, web = bound(client, session, ["wechat"]), bound(client, session, ["web"])
    booked = wechat.book(full)["booking_no"]
    first = web.wait(full, 2).json["hold_id"]
    second = wechat.wait(full, 3).json["hold_id"]
    (shown,) = wechat.get(f"/waiting?slot_id={full.id}").json["items"]
    assert (shown["hold_id"], shown["state"], shown["ahead"]) == (second, "waiting", 1)
    wechat.post(f"/bookings/{booked}/cancel", {})
    (offered,) = web.get("/waiting").json["items"]
    assert (offered["hold_id"], offered["state"]) == (first, "offered")
    assert offered["expires_at"]


def test_a_hospital_stops_and_resumes_its_own_clinics_only(client, session, slot, elsewhere):
    wechat = bound(client, session, ["wechat"])
    booked = wechat.book(slot)["booking_no"]
    clinic = bound(client, session, hospitals=[slot.hospital_id])
    day = slot.day.isoformat()
    wanted = {"from": day, "to": day, "half_day": "morning", "reason": "医生外出"}
    assert code(clinic.post("/slots/stop", {"slot_ids": [elsewhere.id], "reason": "停诊"})) == (
        404, "slot_unknown")  # fmt: skip
    assert code(wechat.post("/slots/stop", wanted)) == (403, "hospital_token_needed")
    first, again = (clinic.post("/slots/stop", wanted, key="stop").json for _ in range(2))
    assert first == again == {"slots": 1, "affected": 1}
    assert wechat.get(f"/bookings/{booked}").json["state"] == "stopped"
    assert code(wechat.hold(slot, 2)) == (409, "slot_closed")
    assert clinic.post("/slots/stop", wanted).json == {"slots": 0, "affected": 0}
    opened = clinic.post("/slots/resume", {"slot_ids": [slot.id]})
    assert opened.json == {"slots": 1, "affected": 0}
    assert wechat.hold(slot, 2).status_code == 201


def test_a_channel_tells_its_own_patients_of_a_stopped_clinic(client, session, slot):
    wechat, web = bound(client, session, ["wechat"]), bound(client, session, ["web"])
    mine = wechat.book(slot)["booking_no"]
    other = web.book(slot, 2, channel=None)["booking_no"]
    clinic = bound(client, session, hospitals=[slot.hospital_id])
    clinic.post("/slots/stop", {"slot_ids": [slot.id], "reason": "医生外出"})
    (shown,) = wechat.get("/call-backs").json["items"]
    assert (shown["booking_no"], shown["reason"]) == (mine, "医生外出")
    assert len(clinic.get(f"/call-backs?hospital={slot.hospital_id}").json["items"]) == 2
    said = {"told": True}
    assert code(wechat.post(f"/call-backs/{other}", said)) == (404, "booking_unknown")
    assert wechat.post(f"/call-backs/{mine}", {"told": False}).status_code == 422
    for _ in range(2):
        assert wechat.post(f"/call-backs/{mine}", said).json == {"booking_no": mine, "told": True}
    assert wechat.get("/call-backs").json["items"] == []
    assert [each["booking_no"] for each in clinic.get("/call-backs").json["items"]] == [other]


def test_who_was_never_stopped_cannot_be_told(client, session, slot):
    wechat = bound(client, session, ["wechat"])
    number = wechat.book(slot)["booking_no"]
    assert code(wechat.post(f"/call-backs/{number}", {"told": True})) == (404, "booking_unknown")


def test_a_clinic_that_is_over_is_not_meant_by_a_range_of_days(session):
    heart = make_department(session)
    morning, evening = (
        make_slot(session, 1, DAY, department=heart, half=half)
        for half in (HalfDay.MORNING, HalfDay.EVENING)
    )
    chosen = Chosen(heart.hospital_id, DAY, DAY, (heart.id,))
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, 30, tzinfo=SHANGHAI)
    assert by_place(session, chosen, stopped=False, at=noon) == [evening.id]
    early = noon - timedelta(hours=6)
    assert by_place(session, chosen, stopped=False, at=early) == [morning.id, evening.id]
    assert by_place(session, chosen, stopped=True, at=early) == []
    only = Chosen(heart.hospital_id, DAY, DAY, half=HalfDay.MORNING)
    assert by_place(session, only, stopped=False, at=early) == [morning.id]


def test_a_stop_says_what_is_missing(client, session, slot):
    everything = Machine(client, api_token(session, Scope.ALL))
    assert code(everything.post("/slots/stop", {"reason": "停诊"})) == (422, "hospital_required")
    asked = {"hospital": str(slot.hospital_id), "reason": "停诊"}
    backwards = asked | {"from": "2028-03-01", "to": "2028-02-29"}
    assert code(everything.post("/slots/stop", backwards)) == (422, "range_invalid")
    assert everything.post("/slots/stop", asked | {"from": "2027-02-29"}).status_code == 422


def test_a_binding_must_be_of_what_there_is_and_of_booking(session):
    row, _ = tokens.create_token(session, "微信", Role.INTEGRATION, [Scope.BOOKING])
    for wanted in (Bound(["nothing"]), Bound(hospitals=[2**40]), Bound(cities=["无此市"])):
        with pytest.raises(Refused, match="binding_invalid"):
            binding.bind(session, row.key, wanted)
    calls, _ = tokens.create_token(session, "话务", Role.INTEGRATION, [Scope.CALLS])
    with pytest.raises(Refused, match="binding_invalid"):
        binding.bind(session, calls.key, Bound(["wechat"]))
    binding.bind(session, calls.key, Bound())


def test_an_admin_binds_a_token_and_it_is_on_record(app, session, redis, slot):
    browser = signed_in(app, session, Role.ADMIN)
    form = {"csrf_token": form_token(browser), "name": "微信", "scope": "booking"}
    made = browser.post("/admin/tokens", data=form | {"channel": ["wechat"]})
    assert "只显示这一次" in made.get_data(as_text=True)
    row = session.exec(select(ApiToken).where(ApiToken.name == "微信")).one()
    assert (row.channels, row.hospital_ids) == (["wechat"], None)
    address = f"/admin/tokens/{row.id}/binding"
    assert 'value="wechat" checked' in browser.get(address).get_data(as_text=True)
    changed = {"csrf_token": form["csrf_token"], "hospital": [slot.hospital_id], "reason": "诊间"}
    assert browser.post(address, data=changed).status_code == 302
    session.refresh(row)
    assert (row.channels, row.hospital_ids) == (None, [slot.hospital_id])
    entry = session.exec(
        select(AuditEntry).where(AuditEntry.action == "token_changed").order_by(AuditEntry.id)
    ).all()[-1]
    assert (entry.detail["before"]["channels"], entry.detail["after"]["channels"]) == (["微信"], [])
    wrong = browser.post(address, data=changed | {"hospital": [2**40]})
    assert (wrong.status_code, "请重新选择" in wrong.get_data(as_text=True)) == (422, True)
    assert "第" in browser.get("/admin/tokens").get_data(as_text=True)


def test_what_is_typed_at_the_command_line_is_found_by_name(session, slot):
    name = session.get(Hospital, slot.hospital_id).name
    found = binding.read(session, ["微信", "web"], [name, "城市:南京"])
    assert found == Bound(["wechat", "web"], [slot.hospital_id], ["南京"])
