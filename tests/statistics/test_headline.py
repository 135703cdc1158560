"""The month's headline, counted by hand."""

from datetime import datetime

import pytest
from sqlmodel import Session

from hotline.calls.facts import CallEvent, Heard
from hotline.calls.intake import record_events
from hotline.calls.rules import Direction, EventType
from hotline.clock import SHANGHAI
from hotline.statistics.headline import counted
from tests.statistics.days import told

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)


def test_each_call_stands_in_one_figure(session: Session) -> None:
    told(session, "a", NOON, category="consultation")
    told(session, "b", NOON, category="consultation")
    told(session, "c", NOON, category="crisis")
    told(session, "d", NOON, category="non_business")
    told(session, "e", NOON, category="survey")  # not in the set of 2023
    told(session, "f", NOON)
    told(session, "g", NOON, answered=False)
    found = counted(session, "2026-11")
    assert found.version == "2023"
    assert found.categories == {
        "consultation": 2, "complaint": 0, "booking": 0, "manual": 0, "crisis": 1,
        "self_service": 0,
    }  # fmt: skip
    assert (found.total, found.non_business, found.outside) == (3, 1, 1)
    assert (found.unfiled, found.unanswered, found.calls) == (1, 1, 7)


def test_outbound_calls_are_not_taken_in(session: Session) -> None:
    event = CallEvent("out", EventType.STARTED, NOON, direction=Direction.OUTBOUND)
    record_events(session, [Heard("out", event)], received_at=NOON)
    assert counted(session, "2026-11").calls == 0


def test_a_month_begins_and_ends_at_midnight_in_shanghai(session: Session) -> None:
    told(session, "last", datetime(2026, 10, 31, 23, 59, 59, tzinfo=SHANGHAI), category="booking")
    told(session, "first", datetime(2026, 11, 1, tzinfo=SHANGHAI), category="booking")
    told(session, "end", datetime(2026, 11, 30, 23, 59, 59, tzinfo=SHANGHAI), category="booking")
    months = [counted(session, month).total for month in ("2026-10", "2026-11", "2026-12")]
    assert months == [1, 2, 0]


def test_the_set_is_that_of_the_month(session: Session) -> None:
    told(session, "a", datetime(2020, 4, 2, 9, tzinfo=SHANGHAI), category="survey")
    found = counted(session, "2020-04")
    assert (found.version, found.categories["survey"], "manual" in found.categories) == (
        "2020", 1, False,
    )  # fmt: skip


def test_an_empty_month_is_all_noughts(session: Session) -> None:
    found = counted(session, "2021-01")
    assert (found.calls, found.total, found.late) == (0, 0, 0)
    with pytest.raises(ValueError, match="month"):
        counted(session, "2021-13")


def test_what_was_told_late_is_said(session: Session) -> None:
    told(session, "a", NOON, category="booking")
    told(session, "b", NOON, category="booking", hours_late=30)
    found = counted(session, "2026-11")
    assert (found.total, found.late) == (2, 1)
