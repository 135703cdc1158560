"""A site whose calls are older than its tallies: upgrading counts them all."""

from __future__ import annotations

from datetime import datetime

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import Session

from hotline import db, migrate
from hotline.agents.rules import Role
from hotline.agents.service import create_person
from hotline.clock import SHANGHAI
from hotline.db import transaction
from hotline.statistics import headline, service, tallies
from tests.people import PASSWORD
from tests.statistics.days import told

BEFORE = "0018"
MONTHS = ("2026-07", "2026-08", "2026-09")
CALLS = 3000
LATE = CALLS // 40 - CALLS // 200  # every 40th, if it was inbound
# In the columns there were: answered and not, sorted and not, by many hands, of three months.
_FILL = text(
    """
    INSERT INTO call (call_uid, call_no, direction, state, source, queue, agent, agent_id,
        started_at, queued_at, waiting_since, answered_at, ended_at, last_event_at, talk_seconds,
        hold_seconds, transfers, abandoned_in, short_abandon, self_served, category, category_set,
        disposition, wrapped_up_at, created_at, updated_at)
    SELECT 'old-' || n, 'old' || n, CASE WHEN n % 50 = 0 THEN 'outbound' ELSE 'inbound' END,
        'closed', 'import', (ARRAY['hotline', 'night', NULL])[1 + n % 3], NULL,
        CASE WHEN n % 7 <> 0 THEN (CAST(:agents AS bigint[]))[1 + n % 3] END,
        start, start, CASE WHEN n % 11 <> 0 THEN start END,
        CASE WHEN n % 7 <> 0 AND n % 11 <> 0 THEN start + n % 40 * interval '1 second' END,
        start + (40 + n % 400) * interval '1 second', start,
        n % 300, n % 20, n % 3, CASE WHEN n % 11 = 0 THEN 'ivr' WHEN n % 7 = 0 THEN 'queue' END,
        n % 21 = 0, n % 13 = 0, (ARRAY['booking', 'consultation', 'complaint', 'non_business',
        'survey', NULL])[1 + n % 6], '2023', CASE WHEN n % 6 <> 5 THEN 'answered' END,
        CASE WHEN n % 6 <> 5 THEN start + (60 + n % 4000) * interval '1 second' END, start, start
    FROM (SELECT n, timestamptz '2026-06-30 15:30+00' + n * interval '44 minutes' AS start
          FROM generate_series(1, :calls) n) AS made
    """
)
_TOLD_LATE = text(
    "INSERT INTO call_event (call_uid, event_id, type, at, received_at, data, digest)"
    " SELECT call_uid, call_uid, 'ended', started_at, started_at + interval '30 hours', '{}', ''"
    " FROM call WHERE id % 40 = 0"
)


@pytest.fixture
def old_site(committed: str) -> None:
    """A database as it was before there were tallies, full of calls."""
    with transaction() as session:
        made = [
            create_person(session, name, Role.AGENT, name, PASSWORD)[0]
            for name in ("ada", "bea", "cia")
        ]
        agents = [person.key for person in made]
    with db.engine().connect() as connection:
        command.downgrade(migrate.config(connection), BEFORE)
        connection.execute(_FILL, {"calls": CALLS, "agents": agents})
        connection.execute(_TOLD_LATE)
        connection.commit()


@pytest.mark.usefixtures("old_site")
def test_calls_of_before_are_counted_and_those_of_after_go_on() -> None:
    with db.engine().connect() as connection:
        assert "0019" in migrate.upgrade(connection)
    with transaction() as session:
        while tallies.take_in(session):
            pass
        _assert_equal(session)
        assert sum(headline.counted(session, month).late for month in MONTHS) == LATE
        told(session, "new", datetime(2026, 9, 3, 9, tzinfo=SHANGHAI), category="booking")
        session.execute(text("UPDATE call SET category = 'complaint' WHERE call_uid = 'old-2000'"))
    with transaction() as session:
        assert tallies.waiting(session) > 0
        _assert_equal(session)


_TRANSFERRED = text(
    "SELECT (SELECT sum(transferred) FROM call_tally_now),"
    " (SELECT sum(transferred) FROM agent_tally_now),"
    " (SELECT count(*) FROM call WHERE direction = 'inbound' AND transfers > 0"
    "  AND (answered_at IS NOT NULL OR :all))"
)


@pytest.mark.usefixtures("old_site")
def test_transferred_calls_that_nobody_answered_go_out_of_the_figures() -> None:
    with db.engine().connect() as connection:
        command.upgrade(migrate.config(connection), "0027")
        *kept, every = connection.execute(_TRANSFERRED, {"all": True}).one()
        assert kept == [every, every]
        connection.commit()
        migrate.upgrade(connection)
    with transaction() as session:
        *kept, answered = session.execute(_TRANSFERRED, {"all": False}).one()
        assert kept == [answered, answered]
        assert 0 < answered < every
        _assert_equal(session)


def _assert_equal(session: Session) -> None:
    for month in MONTHS:
        compared = tallies.compare(session, month)
        assert compared.calls > CALLS // 5
        assert compared.differences == []
        assert headline.counted(session, month) == headline.scanned(session, month)
    start, end = datetime(2026, 6, 1, tzinfo=SHANGHAI), datetime(2026, 10, 1, tzinfo=SHANGHAI)
    kept = service.tallies(session, "all", start, end)[0]
    assert kept.calls >= CALLS - CALLS // 50
    assert len(service.agent_tallies(session, "agent", start, end)) == 3
