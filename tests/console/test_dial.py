"""拨打 12320: who may dial, with which ticket, to which door."""

from __future__ import annotations

import pytest
from sqlmodel import select

from hotline import settings, voice_line, voice_tickets
from hotline.agents.rules import Role
from hotline.audit import Action, AuditEntry
from hotline.voice_line import Beat, Health
from hotline.voice_tickets import Door
from tests.people import form_token, signed_in


@pytest.fixture
def supervisor(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR)


def asked(client, caller="13800001111"):
    answer = {"csrf_token": form_token(client), "caller": caller}
    return client.post("/dial/ticket", data=answer, headers={"Accept": "application/json"})


def test_a_ticket_for_one_call_and_where_to_go(supervisor, session, redis):
    voice_line.beat(redis, "a", Beat(Health.OK))
    answer = asked(supervisor)
    assert answer.status_code == 200
    assert answer.json["address"] == f"ws://localhost:{settings.current().ivr_ws_port}/call"
    ticket = voice_tickets.read(answer.json["ticket"])
    assert ticket.door is Door.CALL
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == Action.DIALLED)).one()
    assert entry.person_id == ticket.person_id
    assert "1380000" not in str(entry.detail)


def test_where_nobody_answers_one_is_told_so_before_dialling(supervisor, redis):
    page = supervisor.get("/dial").get_data(as_text=True)
    assert "语音线路未运行，现在打不通" in page
    assert asked(supervisor).status_code == 503


def test_a_number_that_is_none_is_refused_at_its_field(supervisor, redis):
    voice_line.beat(redis, "a", Beat(Health.OK))
    assert asked(supervisor, "一三八").json["fields"].keys() == {"caller"}


def test_a_withheld_number_is_fine(supervisor, redis):
    voice_line.beat(redis, "a", Beat(Health.OK))
    assert asked(supervisor, "").status_code == 200


def test_at_work_an_agent_does_not_ring_the_own_hotline(app, session, redis):
    client = signed_in(app, session, Role.AGENT)
    assert client.get("/dial").status_code == 403
    assert asked(client).status_code == 403
    assert "拨打 12320" not in client.get("/desk").get_data(as_text=True)


def test_in_a_demonstration_everybody_may(app, session, redis, monkeypatch):
    site = settings.current().model_copy(update={"demo": True})
    monkeypatch.setattr(settings, "current", lambda: site)
    client = signed_in(app, session, Role.MANAGER)
    assert client.get("/dial").status_code == 200


def test_only_this_page_may_speak_to_the_voice_line(supervisor, redis):
    policy = supervisor.get("/dial").headers["Content-Security-Policy"]
    assert f"connect-src 'self' ws://localhost:{settings.current().ivr_ws_port}" in policy
    assert "connect-src" not in supervisor.get("/calls").headers["Content-Security-Policy"]
