"""Every change in the pool is told to the desks, once a transaction, and a refusal is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline import live
from hotline.booking import changing, service, stopping, sweep
from hotline.db import transaction
from hotline.errors import Refused
from tests.booking.places import AGENT, AT, make_slot, person


def heard(redis, deed):
    """How often the desks hear of a deed, and what it gave."""
    with redis.pubsub(ignore_subscribe_messages=True) as told:
        told.subscribe(live.channel())
        told.get_message(timeout=1)
        with transaction() as session:
            found = deed(session)
        count = 0
        while told.get_message(timeout=0.2):
            count += 1
    return count, found


def test_each_deed_is_told_once(session, redis):
    slot = make_slot(session)
    told, held = heard(redis, lambda s: service.hold(s, slot.id, person(), "agent", AGENT, at=AT))
    assert told == 1
    waits = lambda s: service.wait(s, slot.id, person(2), "agent", AGENT, at=AT)  # noqa: E731
    assert heard(redis, waits)[0] == 1
    told, booking = heard(redis, lambda s: service.confirm(s, held.hold_id, AGENT, at=AT))
    assert told == 1
    number, other = booking.booking_no, make_slot(session)
    for deed in (
        lambda s: changing.change(s, number, other.id, AGENT, at=AT),
        lambda s: sweep.expire(s, slot.id, AT + timedelta(hours=1)),
        lambda s: changing.cancel(s, number, "有事", AGENT, at=AT),
        lambda s: stopping.stop_clinic(s, [slot.id], "出差", at=AT),
    ):
        assert heard(redis, deed)[0] == 1


def test_what_is_refused_is_not_told(session, redis):
    with pytest.raises(Refused):
        heard(redis, lambda s: service.confirm(s, "forged", AGENT, at=AT))
    assert heard(redis, lambda _: None)[0] == 0
