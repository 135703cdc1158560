"""What the gateway never took is sent again or let be, by a person who says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from hotline.audit import AuditEntry
from hotline.booking import changing, sending, service, text_outbox
from hotline.booking.models import Booking, TextMessage
from hotline.booking.text_models import TextState
from hotline.errors import Refused
from tests.booking.places import AGENT, AT, make_slot, person
from tests.booking.test_texts import Fake


@pytest.fixture
def stuck(session, redis):
    """A message of a booking that was tried too often."""
    held = service.hold(session, make_slot(session).id, person(), "agent", AGENT, at=AT)
    service.confirm(session, held.hold_id, AGENT, at=AT)
    message = session.exec(select(TextMessage)).one()
    message.state, message.attempts, message.last_error = TextState.GIVEN_UP, 6, "HTTP 503"
    session.commit()
    return message


def test_it_is_sent_again_from_the_first_try_on(session, stuck):
    text_outbox.again(session, stuck.id, "短信平台已恢复", at=AT)
    session.commit()
    assert sending.due(session, AT) == [stuck.id]
    assert sending.send(stuck.id, gateway := Fake(), at=AT)
    assert len(gateway.sent) == 1
    entry = session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert (entry.reason, entry.detail["text"]) == ("短信平台已恢复", "confirmed")


def test_what_is_no_longer_so_is_not_sent_again(session, stuck):
    booking = session.get(Booking, stuck.booking_id)
    changing.cancel(session, booking.booking_no, "有事", AGENT, at=AT)
    with pytest.raises(Refused, match="已退号") as refused:
        text_outbox.again(session, stuck.id, "短信平台已恢复", at=AT)
    assert refused.value.code == "text_outdated"
    text_outbox.dismiss(session, stuck.id, "内容已不符合实际")
    session.commit()
    session.refresh(stuck)
    assert stuck.state is TextState.DISMISSED
    assert stuck.id not in sending.due(session, AT + timedelta(days=9))


def test_without_a_reason_nothing_is_done(session, stuck):
    for deed in (text_outbox.again, text_outbox.dismiss):
        with pytest.raises(Refused, match="原因"), session.begin_nested():
            deed(session, stuck.id, " ")
    session.expire_all()
    assert stuck.state is TextState.GIVEN_UP


def test_only_what_was_given_up_is_anybodys_business(session, stuck):
    text_outbox.dismiss(session, stuck.id, "已电话告知")
    with pytest.raises(Refused, match="不用办理"):
        text_outbox.again(session, stuck.id, "再发一次")
    with pytest.raises(Refused) as refused:
        text_outbox.dismiss(session, 0, "已电话告知")
    assert refused.value.status == 404


def test_health_counts_what_waits_fails_and_was_given_up(session, stuck):
    held = service.hold(session, make_slot(session).id, person(2), "agent", AGENT, at=AT)
    service.confirm(session, held.hold_id, AGENT, at=AT)
    found = text_outbox.health(session, AT + timedelta(minutes=1))
    assert (found.due, found.failing, found.given_up, found.is_late) == (1, 0, 1, False)
    assert found.last_error == "HTTP 503"
    assert text_outbox.health(session, AT + timedelta(minutes=3)).is_late
    fresh = sending.due(session, AT)
    sending.send(fresh[0], Fake(failures=1), at=AT)
    found = text_outbox.health(session, AT + timedelta(minutes=3))
    assert (found.failing, found.is_late) == (1, False)
    sending.send(fresh[0], Fake(), at=AT + timedelta(minutes=1))
    found = text_outbox.health(session, AT + timedelta(minutes=3))
    assert (found.due, found.sent_today, found.last_sent) == (0, 1, AT + timedelta(minutes=1))
