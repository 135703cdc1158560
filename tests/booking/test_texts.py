"""Text messages leave once, or are tried again; jobs may run twice."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pkgutil import resolve_name

import pytest
from sqlmodel import select

from hotline import schedule
from hotline.booking import attendance, jobs, sending, service
from hotline.booking.gateway import HttpGateway, LogGateway, NotSent, Text
from hotline.booking.models import Booking, PatientAccount, TextMessage
from hotline.booking.rules import State
from hotline.booking.text_models import TextState
from hotline.clock import now
from tests.booking.places import AGENT, AT, DAY, make_slot, person, set_rule


class Fake:
    """A gateway that fails so many times and remembers."""

    def __init__(self, failures=0):
        self.failures, self.sent = failures, []

    def send(self, message):
        if self.failures:
            self.failures -= 1
            raise NotSent("HTTP 503")
        self.sent.append(message)


@pytest.fixture
def message(session, redis):
    """The message of a booking made just now."""
    held = service.hold(session, make_slot(session).id, person(), "agent", AGENT, at=AT)
    service.confirm(session, held.hold_id, AGENT, at=AT)
    return session.exec(select(TextMessage)).one()


def test_a_message_is_sent_once(session, message):
    gateway = Fake()
    assert sending.send(message.id, gateway, at=AT)
    assert not sending.send(message.id, gateway, at=AT + timedelta(days=1))
    assert [each.mobile for each in gateway.sent] == ["+8613800000001"]
    session.refresh(message)
    assert message.state is TextState.SENT


def test_a_failed_try_waits_and_then_goes(session, message):
    gateway = Fake(failures=1)
    assert not sending.send(message.id, gateway, at=AT)
    assert sending.due(session, AT + timedelta(seconds=59)) == []
    assert sending.due(session, AT + timedelta(minutes=1)) == [message.id]
    assert sending.send(message.id, gateway, at=AT + timedelta(minutes=1))


def test_what_never_goes_is_given_up_and_said_so(session, message):
    gateway, at = Fake(failures=99), AT
    while sending.due(session, at + timedelta(days=1)):
        at += timedelta(days=1)
        sending.send(message.id, gateway, at=at)
    session.refresh(message)
    assert (message.state, message.attempts) == (TextState.GIVEN_UP, len(sending.PAUSES) + 1)
    assert message.last_error == "HTTP 503"


def test_the_log_says_neither_number_nor_text(capsys):
    LogGateway().send(Text(1, "+8613800001111", "confirmed", "王小明已预约"))
    said = capsys.readouterr().out
    assert "138****1111" in said
    assert "13800001111" not in said
    assert "王小明" not in said


@pytest.mark.parametrize("status", [200, 500])
def test_the_http_gateway_posts_and_minds_the_answer(status):
    heard = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        gateway = HttpGateway(f"http://127.0.0.1:{server.server_port}/sms", "token")
        try:
            gateway.send(Text(7, "+8613800001111", "confirmed", "您好"))
            is_taken = True
        except NotSent as failure:
            is_taken = str(failure) != f"HTTP {status}"
        thread.join()
    assert is_taken is (status == 200)
    said = {"id": 7, "mobile": "13800001111", "template": "confirmed", "text": "您好"}
    assert heard == [("Bearer token", said)]


def test_a_gateway_that_is_not_there_is_worth_another_try():
    with pytest.raises(NotSent):
        HttpGateway("http://127.0.0.1:1/").send(Text(1, "+8613800001111", "confirmed", "x"))


def test_jobs_of_booking_are_on_the_schedule_and_exist():
    named = [entry.job for entry in schedule.PERIODIC if entry.name.startswith("booking")]
    assert {"expire_holds", "send_due_texts", "close_past"} <= {
        resolve_name(each).__name__ for each in named
    }


def test_a_message_says_what_is_so_when_it_is_sent_and_keeps_nothing_before(session, message):
    assert (message.mobile, message.body) == (None, None)
    account = session.exec(select(PatientAccount)).one()
    account.name = "欧阳小明"
    session.flush()
    gateway = Fake(failures=1)
    sending.send(message.id, gateway, at=AT)
    assert sending.send(message.id, gateway, at=AT + timedelta(minutes=1))
    session.refresh(message)
    assert (message.mobile, message.body) == (gateway.sent[0].mobile, gateway.sent[0].body)
    assert "欧阳小明已预约11月24日上午" in message.body


def test_the_sweep_sends_what_was_left(session, message):
    jobs.send_due_texts()
    session.refresh(message)
    assert message.state is TextState.SENT


def test_a_visit_nobody_reported_counts_only_where_the_hospital_says_so(session, redis):
    bookings = []
    for number in (1, 2):
        slot = make_slot(session)
        held = service.hold(session, slot.id, person(number), "agent", AGENT, at=AT)
        bookings.append(service.confirm(session, held.hold_id, AGENT, at=AT))
    set_rule(session, "unreported", "视为爽约", hospital_id=bookings[0].hospital_id)
    day_after = DAY + timedelta(days=1)
    for booking_no in attendance.unreported(session, day_after):
        attendance.settle_unreported(session, booking_no, now())
    states = session.exec(select(Booking.state).order_by(Booking.id)).all()
    assert states == [State.NO_SHOW, State.CONFIRMED]
