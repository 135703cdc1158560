"""姓名待核: names of the voice line's new patients, heard by somebody and written right."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta

import pytest
from sqlmodel import select

from hotline import clock, settings
from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.booking import name_checks, name_queue, people, service
from hotline.booking.models import PatientAccount
from hotline.booking.name_models import NameCheck, NameVerdict
from hotline.booking.name_queue import Asked
from hotline.booking.patients import Applicant
from hotline.calls.models import Call
from hotline.errors import Refused
from ivr.deeds import BY, Deeds
from ivr.dialogue.events import Deed, Do
from ivr.dialogue.facts import Claim
from ivr.media.transport import CallInfo
from tests.booking.places import AT, DAY, make_slot, person
from tests.calls.voices import called, said
from tests.ivr.sounds import noise, voice
from tests.ivr.test_corrections import SPOKE, samples
from tests.ivr.test_recording import record
from tests.people import form_token, make_person, signed_in

UID = "11111111-1111-4111-8111-111111111111"
CALLER = "13800000001"


@pytest.fixture
def place():
    directory = settings.current().data_dir.absolute() / "recordings"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def booked(session, number=1, name="王晓明", day=DAY, uid=UID):
    """Somebody new books with the voice line; the name is as it was heard."""
    deeds = Deeds(CallInfo(uid, f"138{number:08}", "12320"), lambda: AT)
    claim = Claim(make_slot(session, day=day).id, id_number=person(number).id_number, name=name)
    assert deeds.do(Do(Deed.HOLD, claim)).refused is None
    return deeds.do(Do(Deed.CONFIRM)).result.booking_no


def checks(session):
    return list(session.exec(select(NameCheck).order_by(NameCheck.id)))


def rows(session, which=""):
    return [row[0] for row in name_queue.queue(session, Asked(which)).rows]


@pytest.fixture
def agent(app, session, redis):
    return signed_in(app, session, Role.AGENT, "xiaomei")


def post(browser, address, **data):
    return browser.post(address, data={"csrf_token": form_token(browser), **data})


def test_a_name_that_was_heard_waits_for_somebody_to_listen(session, redis):
    booked(session)
    (check,) = rows(session)
    assert (check.heard, check.call_uid) == ("王晓明", UID)


def test_a_hold_that_was_given_up_asks_nobody(session, redis):
    deeds = Deeds(CallInfo(UID, CALLER, "12320"), lambda: AT)
    claim = Claim(make_slot(session).id, id_number=person(1).id_number, name="王晓明")
    deeds.do(Do(Deed.HOLD, claim))
    deeds.close()
    assert len(checks(session)) == 1
    assert rows(session) == []
    # nothing was booked, so nobody has heard it: the name said in the next call counts
    booked(session, name="王小明")
    assert [check.heard for check in rows(session)] == ["王小明"]
    assert session.exec(select(PatientAccount)).one().name == "王小明"


def test_a_name_that_was_written_is_not_overwritten_by_one_that_was_heard(session, redis):
    service.hold(session, make_slot(session).id, person(1, name="王小明"), "agent", BY, at=AT)
    booked(session, name="王晓明", day=DAY + timedelta(days=1))
    assert session.exec(select(PatientAccount)).one().name == "王小明"
    assert checks(session) == []


def test_the_soonest_visit_comes_first_and_what_is_over_last(session, redis, monkeypatch):
    late = booked(session, 2, day=date(2026, 11, 26))
    soon = booked(session, 3, day=date(2026, 11, 23))
    assert [row[2].booking_no for row in name_queue.queue(session, Asked()).rows] == [soon, late]
    monkeypatch.setattr(name_queue, "today", lambda: date(2026, 11, 25))
    assert [row[2].booking_no for row in name_queue.queue(session, Asked()).rows] == [late, soon]


def test_the_list_goes_on_where_it_ended(session, redis, monkeypatch):
    monkeypatch.setattr(name_queue, "PAGE", 2)
    for number in range(1, 6):
        booked(session, number)
    seen, cursor = [], None
    for _ in range(3):
        page = name_queue.queue(session, Asked(), cursor)
        seen, cursor = seen + [row[0].id for row in page.rows], page.next_cursor
    assert seen == [check.id for check in checks(session)]
    assert (cursor, page.total) == (None, 5)
    by = make_person(session).key
    for check in checks(session):
        name_checks.settle(session, check.key, "王小明", by)
    first = name_queue.queue(session, Asked("done"))
    second = name_queue.queue(session, Asked("done"), first.next_cursor)
    assert len({row[0].id for row in (*first.rows, *second.rows)}) == 4
    with pytest.raises(Refused, match="cursor_invalid"):
        name_queue.queue(session, Asked(), "WyJhIiwiYiIsImMiXQ")


def test_a_corrected_name_is_found_by_its_new_spelling(session, redis):
    booked(session, name="王晓明")
    by = make_person(session).key
    assert name_checks.settle(session, rows(session)[0].key, " 汪小明 ", by) is (
        NameVerdict.CORRECTED
    )
    account = session.exec(select(PatientAccount)).one()
    assert account.name == "汪小明"
    assert account.name_hash == people.name_hash("汪小明")
    assert account.born_hash == people.born_hash("汪小明", date(1980, 1, 1))
    assert rows(session) == []
    assert len(rows(session, "done")) == 1


def test_nobody_checks_a_name_twice(session, redis):
    booked(session)
    one, other = make_person(session, "one").key, make_person(session, "other").key
    check = rows(session)[0]
    assert name_checks.settle(session, check.key, "王晓明", one) is NameVerdict.RIGHT
    with pytest.raises(Refused) as refusal:
        name_checks.settle(session, check.key, "王小明", other)
    assert refusal.value.status == 409
    with pytest.raises(Refused):
        name_checks.cannot_tell(session, check.key, other)
    assert check.checked_by == one
    # and the next booking of the same patient asks nobody again
    booked(session, day=DAY + timedelta(days=1), name="王笑明")
    assert rows(session) == []
    assert session.exec(select(PatientAccount)).one().name == "王晓明"


def test_what_cannot_be_told_waits_for_a_call(session, redis):
    booked(session)
    by = make_person(session).key
    name_checks.cannot_tell(session, rows(session)[0].key, by)
    assert rows(session) == []
    (check,) = rows(session, "call")
    name_checks.settle(session, check.key, "王小明", by)
    assert rows(session, "call") == []


def test_an_agent_goes_through_the_list(agent, session):
    called(session, UID)
    first = booked(session, 1, "王晓明", date(2026, 11, 23))
    booked(session, 2, "李明", date(2026, 11, 24))
    session.commit()
    page = agent.get("/names").text
    assert "王**" in page
    assert "王晓明" not in page
    assert "共 2 条" in page
    one, other = checks(session)
    shown = agent.get(f"/names/{one.id}").text
    assert "王晓明" in shown
    assert first in shown
    assert "138****0001" in shown
    wrong = post(agent, f"/names/{one.id}", name="1")
    assert wrong.status_code == 422
    assert "请填写就诊人姓名" in wrong.text
    answer = post(agent, f"/names/{one.id}", name="王小明")
    assert answer.location.endswith(f"/names/{other.id}")
    assert post(agent, f"/names/{other.id}/unclear").location.endswith("/names")
    assert "没有待核对的姓名" in agent.get("/names").text
    assert "录音听不清" in agent.get("/names?which=call").text
    assert "已改正" in agent.get("/names?which=done").text
    late = post(agent, f"/names/{one.id}", name="王晓明")
    assert late.status_code == 302
    assert "刚被同事核对过" in agent.get("/names").text
    lines = session.exec(select(AuditEntry).where(AuditEntry.action == "record_changed")).all()
    assert [line.detail["name_check"] for line in lines if "name_check" in line.detail] == [
        "corrected", "unclear",
    ]  # fmt: skip
    assert "王小明" not in str([line.detail for line in lines])


def test_the_agent_hears_the_name_and_nothing_else(agent, session, place):
    called(session, UID)
    record(place, bytes(32000) + voice(0.6) + bytes(32000), noise(4.6, level=0.2), UID)
    (made,) = place.iterdir()
    call = session.exec(select(Call).where(Call.call_uid == UID)).one()
    made.rename(place / clock.local(call.started_at).date().isoformat())
    said(session, UID, "hospital", "鼓楼")
    said(session, UID, "name", "口述 3 字", times=SPOKE)
    booked(session)
    (check,) = checks(session)
    check.heard_at = clock.now()
    session.commit()
    assert f"/names/sound/{check.id}.wav" in agent.get(f"/names/sound/{check.id}").text
    sound = samples(agent.get(f"/names/sound/{check.id}.wav").data)
    assert 0 < len(sound) < 8000 * 3
    heard = session.exec(select(AuditEntry).where(AuditEntry.subject == call.subject)).all()
    assert [line.detail for line in heard] == [{"recording": True}]
    shutil.rmtree(place)
    assert "请打电话核对" in agent.get(f"/names/sound/{check.id}").text
    assert agent.get(f"/names/sound/{check.id}.wav").status_code == 404


def test_a_confidential_call_stays_with_those_who_may_read_it(agent, app, session):
    called(session, UID)
    booked(session)
    session.exec(select(Call).where(Call.call_uid == UID)).one().confidential = True
    session.commit()
    (check,) = checks(session)
    assert "没有待核对的姓名" in agent.get("/names").text
    assert agent.get(f"/names/{check.id}").status_code == 403
    supervisor = signed_in(app, session, Role.SUPERVISOR, "banzhang")
    assert supervisor.get(f"/names/{check.id}").status_code == 200


def test_who_may_be_heard_is_no_secret_of_the_form(session):
    """A hold without a name says so as every hold does."""
    deeds = Deeds(CallInfo(UID, CALLER, "12320"), lambda: AT)
    claim = Claim(make_slot(session).id, id_number="1", name="王小明")
    assert deeds.do(Do(Deed.HOLD, claim)).refused == "id_number_invalid"
    assert Applicant("x", "y", "z").guardian is None


def test_the_rail_says_how_many_wait_to_those_who_may_hear_them(agent, app, session):
    called(session, UID)
    booked(session)
    session.commit()
    assert re.search(r'id="count-names"[^>]*>.*待办 </span>1<', agent.get("/shell/counts").text)
    session.exec(select(Call).where(Call.call_uid == UID)).one().confidential = True
    session.commit()
    assert re.search(r'id="count-names"[^>]* hidden', agent.get("/shell/counts").text)
    manager = signed_in(app, session, Role.MANAGER, "jingli")
    assert manager.get("/shell/counts").status_code == 403
    assert "shell/counts" not in manager.get("/voice").text
