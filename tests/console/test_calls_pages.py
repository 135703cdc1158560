"""The pages of calls, through their doors."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from hotline.agents.rules import Role
from hotline.calls import desk, service
from hotline.calls.confidential import SYSTEM
from hotline.calls.wrap_up import WrapUp, wrap_up
from hotline.clock import now
from hotline.console import calls_filter
from tests.people import form_token, signed_in

NUMBER = "13900001234"


@pytest.fixture
def agent(app, session, redis) -> FlaskClient:
    return signed_in(app, session, Role.AGENT, "xiaomei")


def settled(session: Session, summary: str, *, confidential: bool = False):
    """A call of today that a colleague has settled."""
    began = now() - timedelta(minutes=9)
    call = service.register_call(
        session, caller=NUMBER, started_at=began, ended_at=began + timedelta(minutes=3), agent=None
    )
    form = WrapUp("consultation", "answered", "vaccination", summary, confidential=confidential)
    wrap_up(session, call.call_uid, form, SYSTEM)
    session.commit()
    return call


def test_a_number_never_stands_in_an_address(agent, session):
    settled(session, "问水痘疫苗")
    found = agent.post("/search", data={"q": "139 0000 1234", "csrf_token": form_token(agent)})
    address = unquote(found.headers["Location"])
    assert "1234" not in address.replace(calls_filter.hash_of(NUMBER), "")
    assert "问水痘疫苗" in agent.get(address).text


def test_a_call_number_leads_to_its_page(agent, session):
    call = settled(session, "问水痘疫苗")
    found = agent.post("/search", data={"q": call.call_no, "csrf_token": form_token(agent)})
    page = agent.get(found.headers["Location"]).text
    assert "139****1234" in page
    assert NUMBER not in page


def test_what_is_confidential_shows_to_nobody_else(agent, session):
    call = settled(session, "要求保密的内容", confidential=True)
    for address in ("/calls", f"/calls/{call.call_no}", "/calls/export.csv"):
        assert "要求保密的内容" not in agent.get(address).text


def test_a_condition_can_be_taken_away_by_its_chip(agent, session):
    settled(session, "问水痘疫苗")
    page = agent.get("/calls?disposition=answered&q=疫苗").text
    assert "结果：当场答复" in page
    assert 'href="/calls?q=%E7%96%AB%E8%8B%97"' in page


def test_the_export_is_what_is_filtered(agent, session):
    settled(session, "问水痘疫苗")
    settled(session, "问手足口病")
    export = agent.get("/calls/export.csv?q=手足口").get_data(as_text=True)
    assert "问手足口病" in export
    assert "问水痘疫苗" not in export


def test_conditions_nobody_understands_do_not_narrow(agent, session):
    settled(session, "问水痘疫苗")
    assert "问水痘疫苗" in agent.get("/calls?from=whenever&agent=x&state=sideways").text


def test_an_unsettled_call_is_on_the_list_until_it_is_settled(agent, session):
    began = now() - timedelta(minutes=9)
    call = service.register_call(
        session, caller=NUMBER, started_at=began, ended_at=now(), agent="xiaomei"
    )
    session.commit()
    assert call.call_no in agent.get("/calls/undisposed").text
    answer = agent.post(
        f"/desk/{call.call_no}/finish",
        data={
            "category": "consultation",
            "disposition": "answered",
            "csrf_token": form_token(agent),
        },
    )
    assert answer.status_code == 302
    assert "已登记" in agent.get("/desk").text
    assert call.call_no not in agent.get("/calls/undisposed").text


def test_the_board_counts_who_waits(app, session, redis):
    call = desk.start(session, NUMBER)
    desk.queue(session, call, "综合咨询")
    session.commit()
    page = signed_in(app, session, Role.SUPERVISOR).get("/live-board").text
    assert "综合咨询" in page
    assert NUMBER not in page
