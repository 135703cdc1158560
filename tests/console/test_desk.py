"""The desk through its doors: what is typed is never lost, what is missing is said."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from hotline import settings
from hotline.agents.models import Person
from hotline.agents.presence import set_presence
from hotline.agents.rules import Presence, Role
from hotline.booking.models import Department, Doctor, Hospital
from hotline.calls import aliases, desk, turns
from hotline.calls.rules import Disposition, State
from hotline.calls.service import get_call
from tests.booking.places import make_slot
from tests.people import form_token, signed_in


@pytest.fixture
def agent(app, session, redis) -> FlaskClient:
    return signed_in(app, session, Role.AGENT, "xiaomei")


@pytest.fixture
def call(session: Session, agent: FlaskClient):
    """A call that rings at the agent's telephone."""
    call = desk.start(session, "13900001234")
    desk.queue(session, call, "综合咨询")
    desk.ring(session, call, "xiaomei")
    session.commit()
    return call


def save(agent: FlaskClient, call_no: str, text: str, version: int):
    return agent.put(
        f"/desk/{call_no}/note",
        data={"text": text, "version": version},
        headers={"X-CSRF-Token": form_token(agent), "Accept": "application/json"},
    )


def press(agent: FlaskClient, call_no: str, deed: str, **more: str):
    return agent.post(f"/desk/{call_no}/{deed}", data={"csrf_token": form_token(agent), **more})


def at_desk(session: Session, username: str) -> None:
    person = session.exec(select(Person).where(Person.username == username)).one()
    set_presence(session, person.key, Presence.READY)
    session.commit()


def test_a_ring_shows_on_every_page_with_the_number_masked(agent, call):
    panel = agent.get("/shell/ring").text
    assert "139****1234" in panel
    assert "data-ringing" in panel


def test_a_call_at_a_pbx_telephone_is_answered_and_ended_there(agent, session, call):
    aliases.remember(session, "1763600400.1", call.call_uid)
    session.commit()
    panel = agent.get("/shell/ring").text
    assert "请用话机接听" in panel
    assert f"/desk/{call.call_no}/answer" not in panel
    for deed in ("answer", "hold", "end", "transfer"):
        assert press(agent, call.call_no, deed, to="xiaomei").status_code == 409
    assert get_call(session, call.call_uid).state is State.RINGING
    assert agent.get(f"/desk/{call.call_no}/bar").text.count("data-telephone") == 0


def test_who_answers_the_telephone_while_writing_up_another_call_is_led_to_it(agent, call):
    press(agent, call.call_no, "answer")
    for page, is_led in (("/desk", False), (f"/desk/{call.call_no}", False),
                         ("/desk/20261101-00001", True), ("/calls", True)):  # fmt: skip
        here = {"HX-Current-URL": f"http://localhost{page}?x=1"}
        panel = agent.get("/shell/ring", headers=here).text
        assert (f"/desk/{call.call_no}" in panel) is is_led


@pytest.fixture
def people_at_pages(monkeypatch):
    monkeypatch.setenv("HOTLINE_IVR_PERSON", "desk")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


@pytest.mark.usefixtures("people_at_pages")
def test_with_people_at_their_pages_its_buttons_stay(agent, session, call):
    aliases.remember(session, "1763600400.1", call.call_uid)
    session.commit()
    press(agent, call.call_no, "answer")
    assert get_call(session, call.call_uid).state is State.TALKING


def test_the_desk_leads_to_the_call_at_hand(agent, call):
    press(agent, call.call_no, "answer")
    assert agent.get("/desk").headers["Location"].endswith(call.call_no)
    assert agent.get("/desk/now").headers["HX-Redirect"].endswith(call.call_no)


def test_a_note_is_kept_and_suggests(agent, call):
    press(agent, call.call_no, "answer")
    answer = save(agent, call.call_no, "想给孩子打水痘疫苗", 0).json
    assert answer["version"] == 1
    assert answer["suggestions"][0]["subcategory"] == "vaccination"
    assert "疫苗" in answer["suggestions"][0]["words"]
    assert "想给孩子打水痘疫苗" in agent.get(f"/desk/{call.call_no}").text


def test_words_of_danger_come_back_at_once(agent, call):
    press(agent, call.call_no, "answer")
    danger = save(agent, call.call_no, "他说不想活了，刚吞了一瓶安眠药", 0).json["danger"]
    assert danger["level"] == "high"
    assert danger["reasons"]


def test_an_old_version_overwrites_nothing(agent, call):
    press(agent, call.call_no, "answer")
    save(agent, call.call_no, "第一句", 0)
    assert save(agent, call.call_no, "另一处的话", 0).status_code == 409
    assert agent.get(f"/desk/{call.call_no}/note").json == {"text": "第一句", "version": 1}


def test_only_category_and_result_are_asked_for(agent, session, call):
    press(agent, call.call_no, "answer")
    save(agent, call.call_no, "想给孩子打水痘疫苗", 0)
    press(agent, call.call_no, "end")
    refused = press(agent, call.call_no, "finish", category="consultation")
    assert refused.status_code == 422
    assert "请选择处理结果" in refused.text
    assert "想给孩子打水痘疫苗" in refused.text
    done = press(agent, call.call_no, "finish", category="consultation", disposition="answered")
    assert done.status_code == 302
    kept = get_call(session, call.call_uid)
    assert kept.disposition is Disposition.ANSWERED
    assert kept.summary == "想给孩子打水痘疫苗"


def test_a_colleague_cannot_hang_up_my_call(app, agent, session, call):
    press(agent, call.call_no, "answer")
    other = signed_in(app, session, Role.AGENT, "jianguo")
    assert press(other, call.call_no, "end").status_code == 403


def test_the_whole_number_wants_a_reason(agent, call):
    token = {"csrf_token": form_token(agent)}
    address = f"/shell/reveal/{call.call_no}"
    assert agent.post(address, data=token | {"reason": ""}).status_code == 422
    shown = agent.post(address, data=token | {"reason": "回拨来电人"})
    assert shown.json == {"value": "13900001234"}


def test_practice_calls_exist_in_demonstrations_only(agent):
    answer = agent.post("/desk/practice", data={"csrf_token": form_token(agent)})
    assert answer.status_code == 403


def test_a_call_passed_on_rings_at_the_colleague_and_frees_me(app, agent, session, call):
    press(agent, call.call_no, "answer")
    save(agent, call.call_no, "想给孩子打水痘疫苗", 0)
    other = signed_in(app, session, Role.AGENT, "jianguo")
    at_desk(session, "jianguo")
    press(agent, call.call_no, "transfer", to="jianguo")
    assert "data-ringing" in other.get("/shell/ring").text
    assert agent.get("/desk").status_code == 200
    assert "就绪" in agent.get("/shell/presence").text
    press(other, call.call_no, "answer")
    assert "想给孩子打水痘疫苗" in other.get(f"/desk/{call.call_no}").text


def test_who_has_just_left_is_not_rung_and_the_caller_stays(app, agent, session, call):
    press(agent, call.call_no, "answer")
    signed_in(app, session, Role.AGENT, "jianguo")  # offline
    answer = press(agent, call.call_no, "transfer", to="jianguo")
    assert answer.headers["Location"].endswith(call.call_no)
    assert "请另选一位" in agent.get(answer.headers["Location"]).text
    assert get_call(session, call.call_uid).state is State.TALKING


def test_the_floor_says_whose_telephone_rings(app, agent, session, call):
    supervisor = signed_in(app, session, Role.SUPERVISOR, "banzhang")
    at_desk(session, "xiaomei")
    floor = supervisor.get("/live-board/now").text
    assert re.search(r'class="agent-line"(?:(?!</div>).)*振铃', floor, re.DOTALL)
    press(agent, call.call_no, "answer")
    assert "振铃</span>" not in supervisor.get("/live-board/now").text


def test_an_old_unsettled_call_does_not_stand_in_the_way(agent, session, call):
    press(agent, call.call_no, "answer")
    press(agent, call.call_no, "end")
    kept = get_call(session, call.call_uid)
    kept.ended_at = kept.ended_at - timedelta(hours=2)
    kept.started_at = kept.answered_at = kept.ended_at
    session.commit()
    page = agent.get("/desk")
    assert page.status_code == 200
    assert call.call_no in page.text


def test_booking_begins_with_all_that_the_voice_line_understood(agent, session, call):
    slot = make_slot(session)
    department = session.get(Department, slot.department_id)
    doctor = Doctor(department_id=department.id, name="王建国")
    namesake = Doctor(department_id=make_slot(session).department_id, name="王建国")
    session.add_all([namesake, doctor])
    session.flush()
    hospital = session.get(Hospital, department.hospital_id).name
    turns.record_turn(session, call.call_uid, expects="offer", heard="好", slots={
        "hospital": hospital, "department": department.name, "doctor": "王建国",
        "date": "2026-11-24 至 2026-11-30", "half_day": "上午"})  # fmt: skip
    session.commit()
    desk.answer(session, call, "xiaomei")
    session.commit()
    page = agent.get(f"/desk/{call.call_no}").text
    address = html.unescape(re.search(r'data-panel="([^"]+)"', page)[1])
    asked = parse_qs(urlsplit(address).query)
    assert {name: value[0] for name, value in asked.items()} == {
        "hospital": str(department.hospital_id), "department": str(department.id),
        "doctor": str(doctor.id), "day": "2026-11-24", "half": "morning", "call": call.call_no,
    }  # fmt: skip
