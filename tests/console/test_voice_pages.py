"""The pages of the voice line: a call as a conversation, figures, the queue."""

from __future__ import annotations

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.calls.models import Call, CallTurn
from hotline.calls.voice_rules import Verdict
from tests.calls.voices import called, ended, said
from tests.people import form_token, signed_in

DAYS = "from=2026-11-20&to=2026-11-20"


@pytest.fixture
def supervisor(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


@pytest.fixture
def call(session, redis) -> Call:
    called(session)
    said(session, confidence=0.42, alternatives=(("鼓楼区", 0.3),), wait=850)
    said(session, expects="department", heard="我的电话是13800001111", missed=True)
    said(session, expects="last_four", heard="按键 4 位", outcome="keys")
    said(session, expects="confirm", heard=None, outcome="no_input", missed=True)
    ended(session, "call-1", "booked", "person", reason="asked", turns=4, missed=2, age="old")
    session.commit()
    return session.exec(select(Call)).one()


def test_a_call_reads_as_a_conversation(supervisor, call):
    page = supervisor.get(f"/calls/{call.call_no}").text
    assert "等 0.8 秒" in page
    assert "把握 42%" in page
    assert "鼓楼区 30%" in page
    assert "（没有回答）" in page
    assert "没听懂" in page
    assert "转人工：来电人要人工" in page
    assert "138****1111" in page
    assert "13800001111" not in page


def test_a_confidential_conversation_stays_with_those_who_may_read_it(
    app, session, supervisor, call
):
    call.confidential = True
    session.commit()
    agent = signed_in(app, session, Role.AGENT, "xiaomei")
    hidden = agent.get(f"/calls/{call.call_no}").text
    assert "（保密）" in hidden
    assert "鼓楼" not in hidden
    assert "鼓楼医院" in supervisor.get(f"/calls/{call.call_no}").text


def test_the_figures_of_the_days_asked_for(supervisor, call):
    page = supervisor.get(f"/voice?{DAYS}").text
    assert "语音线路办成了 1 通，占 100.0%" in page
    assert "70 岁以上" in page
    assert "这些天没有语音线路的来电" in supervisor.get("/voice?from=2026-01-01&to=2026-01-02").text
    assert supervisor.get("/voice?from=2026-02-01&to=2026-01-01").status_code == 422


def test_the_calls_behind_them(supervisor, call):
    page = supervisor.get(f"/voice/calls?{DAYS}&end=booked&reason=asked&age=old").text
    assert call.call_no in page
    assert "原因：来电人要人工" in page
    assert call.call_no not in supervisor.get(f"/voice/calls?{DAYS}&end=abandoned").text
    assert supervisor.get("/voice/calls?cursor=nonsense").status_code == 400


def test_the_queue_shows_doubts_and_goes_on_after_each(supervisor, session, call):
    page = supervisor.get("/voice/checks").text
    assert "共 2 条" in page
    assert "13800001111" not in page
    second, first = session.exec(
        select(CallTurn).where(CallTurn.doubt != None).order_by(CallTurn.id.desc())  # noqa: E711
    ).all()
    shown = supervisor.get(f"/voice/checks/{first.id}").text
    assert "把握不大" in shown
    assert "这通来电没有录音" in supervisor.get(f"/voice/sound/{first.id}").text
    token = form_token(supervisor)
    empty = supervisor.post(
        f"/voice/checks/{first.id}", data={"verdict": "said", "csrf_token": token}
    )
    assert empty.status_code == 422
    assert "请写下实际说的话" in empty.text
    answer = supervisor.post(
        f"/voice/checks/{first.id}", data={"verdict": "right", "csrf_token": token}
    )
    assert answer.location.endswith(f"/voice/checks/{second.id}")
    answer = supervisor.post(
        f"/voice/checks/{second.id}", data={"verdict": "unclear", "csrf_token": token}
    )
    assert answer.location.endswith("/voice/checks")
    session.expire_all()
    assert (first.verdict, first.said) == (Verdict.SAID, "鼓楼医院")
    assert second.verdict is Verdict.UNCLEAR
    done = supervisor.get("/voice/checks?done=1").text
    assert "共 2 条" in done
    assert "校对：鼓楼医院" in supervisor.get(f"/calls/{call.call_no}").text


def test_who_listens_and_judges_is_on_record(supervisor, session, call):
    turn = session.exec(select(CallTurn).where(CallTurn.expects == "hospital")).one()
    supervisor.get(f"/voice/checks/{turn.id}")
    supervisor.post(
        f"/voice/checks/{turn.id}",
        data={"verdict": "said", "said": "鼓楼区医院", "csrf_token": form_token(supervisor)},
    )
    lines = session.exec(select(AuditEntry).where(AuditEntry.subject == call.subject)).all()
    assert [line.action for line in lines] == ["record_read", "record_changed"]
    assert "鼓楼" not in str([line.detail for line in lines])


def test_what_is_personal_cannot_be_opened(supervisor, session, call):
    turn = session.exec(select(CallTurn).where(CallTurn.expects == "last_four")).one()
    assert supervisor.get(f"/voice/checks/{turn.id}").status_code == 404
    assert supervisor.get(f"/voice/sound/{turn.id}.wav").status_code == 404
