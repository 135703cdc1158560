"""A call the switchboard did not tell of is logged by hand and then sorted like any other."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.calls.models import Call
from hotline.calls.rules import Source, State
from hotline.clock import local, now
from tests.people import form_token, signed_in


def submit(browser, **typed):
    started = local(now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    form = {"caller": "13900001234", "started_at": started, "minutes": "7", **typed}
    return browser.post("/calls/register", data={**form, "csrf_token": form_token(browser)})


@pytest.fixture
def browser(app, session, client):
    """An agent's browser."""
    return signed_in(app, session, Role.AGENT)


def test_it_is_kept_and_waits_for_its_wrap_up_at_the_desk(browser, session):
    answer = submit(browser, caller_name="李女士")
    call = session.exec(select(Call)).one()
    assert answer.location.endswith(f"/desk/{call.call_no}")
    assert (call.source, call.state) == (Source.MANUAL, State.WRAP_UP)
    assert (call.talk_seconds, call.caller_name) == (420, "李女士")
    assert browser.get(answer.location).status_code == 200


def test_a_withheld_number_is_no_obstacle(browser, session):
    assert submit(browser, caller="").status_code == 302
    assert session.exec(select(Call)).one().caller is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"caller": "abc"}, "号码格式不正确"),
        ({"started_at": "yesterday"}, "请填写开始时间"),
        ({"started_at": "2999-01-01T00:00"}, "不能晚于现在"),
        ({"minutes": "-1"}, "0 到 1440"),
        ({"minutes": "many"}, "0 到 1440"),
    ],
)
def test_bad_input_is_explained_and_what_was_typed_is_kept(browser, session, typed, sentence):
    answer = submit(browser, caller_name="李女士", **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="李女士"' in answer.text
    assert session.exec(select(Call)).all() == []


def test_a_name_is_shown_and_never_run(browser, session):
    location = submit(browser, caller_name="<script>alert(1)</script>").location
    assert "<script>alert(1)" not in browser.get(location).text
