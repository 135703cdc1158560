"""Calls that needed no person: sorted by what the caller got."""

from __future__ import annotations

import pytest

from hotline.calls.rules import Disposition
from hotline.calls.self_served import settle
from hotline.calls.voice_rules import Achieved, Left
from tests.calls.events import event
from tests.calls.test_intake import get_call, tell


@pytest.fixture
def call(session, redis):
    tell(session, [event("started", 0), event("ivr_entered", 1)])
    return get_call(session)


@pytest.mark.parametrize(
    ("achieved", "sorted_as"),
    [
        (Achieved.ANSWERED, ("self_service", None, Disposition.ANSWERED)),
        (Achieved.BOOKED, ("booking", "book", Disposition.BOOKED)),
        (Achieved.CANCELLED, ("booking", "cancel", Disposition.ANSWERED)),
    ],
)
@pytest.mark.parametrize("went", [Left.DONE, Left.HUNG_UP])
def test_what_the_caller_got_is_what_it_counts_as(session, call, achieved, sorted_as, went):
    settled = settle(session, call.call_uid, achieved, went, ["流感疫苗什么时候打"] * 2)
    assert (settled.category, settled.subcategory, settled.disposition) == sorted_as
    assert settled.wrapped_up_by is None
    assert settled.wrapped_up_at is not None
    assert settled.summary == f"{achieved.label}；流感疫苗什么时候打"
    assert "流感疫苗" in settled.search_text


@pytest.mark.parametrize(
    ("achieved", "went"),
    [
        (Achieved.NOTHING, Left.DONE),
        (Achieved.NOTHING, Left.HUNG_UP),
        (Achieved.ANSWERED, Left.PERSON),
        (Achieved.BOOKED, Left.CRISIS),
    ],
)
def test_who_got_nothing_or_a_person_is_sorted_by_people(session, call, achieved, went):
    assert settle(session, call.call_uid, achieved, went) is None
    assert call.disposition is None


def test_what_somebody_has_sorted_stays(session, call):
    settle(session, call.call_uid, Achieved.ANSWERED, Left.DONE)
    assert settle(session, call.call_uid, Achieved.BOOKED, Left.DONE) is None
    assert get_call(session).category == "self_service"


def test_a_call_nobody_told_us_of(session, redis):
    assert settle(session, "unknown", Achieved.ANSWERED, Left.DONE) is None
