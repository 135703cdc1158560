"""The audit log is only ever added to, and carries no number."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from hotline import audit
from hotline.audit import Action, AuditEntry
from hotline.audit_views import AuditFilter, entries
from hotline.clock import today


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE audit_entry SET subject = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_to_change_it(session, deed):
    audit.record(session, Action.RECORD_READ, "call:1")
    session.flush()
    with pytest.raises(DBAPIError, match="only ever added to"):
        session.execute(text(deed))


def test_numbers_in_reasons_and_details_are_hidden(session):
    audit.record(
        session,
        Action.NUMBER_REVEALED,
        "call:1",
        reason="回拨13800001111",
        detail={"note": "身份证32010619490307123X"},
    )
    session.flush()
    entry = session.exec(select(AuditEntry)).one()
    assert entry.reason == "回拨138****1111"
    assert entry.detail == {"note": "身份证320****123X"}


def test_what_the_system_does_by_itself_is_signed_so(session):
    audit.record(session, Action.IMPORTED, "calls")
    session.flush()
    assert session.exec(select(AuditEntry)).one().person_name == "系统"


@pytest.fixture
def lines(session):
    """250 lines of two people."""
    for number in range(250):
        audit.record(
            session,
            Action.RECORD_READ if number % 2 else Action.EXPORTED,
            f"call:{number}",
            person_id=number % 2,
            person_name=("甲", "乙")[number % 2],
        )
    session.flush()


def test_pages_follow_one_another_without_gap_or_repetition(session, lines):
    seen, cursor = [], None
    while True:
        page = entries(session, AuditFilter(), cursor)
        seen += [entry.id for entry in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 250
    assert seen == sorted(seen, reverse=True)


def test_it_is_searched_by_person_action_subject_and_day(session, lines):
    assert entries(session, AuditFilter(person="甲"), None).total == 125
    assert entries(session, AuditFilter(action=Action.RECORD_READ), None).total == 125
    assert entries(session, AuditFilter(subject="call:24"), None).total == 11
    assert entries(session, AuditFilter(since=today(), until=today()), None).total == 250
    assert entries(session, AuditFilter(subject="%"), None).total == 0
