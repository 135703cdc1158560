"""Figures by hour, day, team and agent, and of those who call again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline.agents.models import PresenceChange, Team
from hotline.agents.rules import Presence
from hotline.clock import SHANGHAI, day_bounds, month_bounds, month_of, now
from hotline.statistics import doctor, jobs, service, tallies
from tests.people import make_person
from tests.statistics.days import told

NINE = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI)
NOVEMBER = month_bounds("2026-11")


def test_calls_by_hour_day_month_category_and_queue(session: Session) -> None:
    told(session, "a", NINE, category="booking")
    told(session, "b", NINE + timedelta(hours=1))
    told(session, "c", NINE + timedelta(days=1), answered=False)
    told(session, "d", datetime(2026, 12, 1, tzinfo=SHANGHAI))

    def calls(by: str) -> dict[object, int]:
        return {key: one.calls for key, one in service.tallies(session, by, *NOVEMBER).items()}

    assert calls("all") == {0: 3}
    assert calls("hour") == {9: 2, 10: 1}
    assert calls("day") == {date(2026, 11, 20): 2, date(2026, 11, 21): 1}
    assert calls("month") == {"2026-11": 3}
    assert calls("category") == {"": 2, "booking": 1}
    assert calls("queue") == {"hotline": 3}
    assert service.tallies(session, "all", *NOVEMBER, queue="crisis") == {}


def test_a_call_at_midnight_belongs_to_the_day_that_begins(session: Session) -> None:
    told(session, "a", datetime(2026, 11, 21, tzinfo=SHANGHAI))
    day = day_bounds(date(2026, 11, 21))
    assert service.tallies(session, "all", *day)[0].calls == 1
    assert service.tallies(session, "all", day[0] - timedelta(days=1), day[0]) == {}


def test_agents_and_teams(session: Session) -> None:
    team = Team(name="甲组")
    session.add(team)
    session.flush()
    mine = make_person(session, "mine", extension="8001")
    mine.team_id = team.id
    other = make_person(session, "other", extension="8002")
    session.add(mine)
    session.flush()
    told(session, "a", NINE, talk=100)
    told(session, "b", NINE + timedelta(hours=2), talk=200)
    told(session, "c", NINE, agent="8002")
    told(session, "d", NINE, answered=False)
    by_agent = service.agent_tallies(session, "agent", *NOVEMBER)
    assert {key: one.answered for key, one in by_agent.items()} == {mine.key: 2, other.key: 1}
    by_team = service.agent_tallies(session, "team", *NOVEMBER)
    assert {key: one.talk_seconds for key, one in by_team.items()} == {team.id: 300, 0: 60}
    of_team = service.agent_tallies(session, "hour", *NOVEMBER, team=team.id)
    assert {hour: one.calls for hour, one in of_team.items()} == {9: 1, 11: 1}
    assert service.agent_tallies(session, "all", *NOVEMBER, agent=other.key)[0].calls == 1


def test_occupancy_is_cut_to_the_time_asked_for(session: Session) -> None:
    person = make_person(session, "one")
    spans = [("ready", -1, 0.5), ("talking", 0.5, 2), ("wrap_up", 2, 2.5), ("break", 2.5, 9)]
    for presence, begins, ends in spans:
        session.add(
            PresenceChange(
                person_id=person.key,
                presence=Presence(presence),
                from_at=NINE + timedelta(hours=begins),
                until_at=NINE + timedelta(hours=ends),
            )
        )
    session.flush()
    found = service.occupancies(session, NINE, NINE + timedelta(hours=3))[person.key]
    assert (found.numerator, found.denominator) == (2 * 3600, 2.5 * 3600)


def test_months_from_the_first_call_on(session: Session) -> None:
    assert service.months(session) == [month_of(now())]
    begun = month_bounds(month_of(month_bounds(month_of(now()))[0] - timedelta(days=40)))[0]
    told(session, "a", begun)
    found = service.months(session)
    assert (found[0], found[-1]) == (month_of(begun), month_of(now()))
    assert found == sorted(set(found))


def test_the_job_takes_all_in(session: Session) -> None:
    for uid in "abc":
        told(session, uid, NINE)
    jobs.take_in()
    assert tallies.waiting(session) == 0
    assert service.tallies(session, "all", *NOVEMBER)[0].calls == 3


def test_doctor_says_what_is_wrong(session: Session) -> None:
    month = month_of(now())
    told(session, "a", now() - timedelta(minutes=5))
    assert [one.mark for one in (doctor.watched(session), doctor.taken(session))] == ["✓", "✓"]
    assert doctor.equal(session, month).mark == "✓"
    session.execute(text("ALTER TABLE call DISABLE TRIGGER call_update_is_tallied"))
    assert doctor.watched(session).mark == "✗"
    session.execute(text("UPDATE call SET category = 'booking'"))
    assert doctor.equal(session, month).mark == "✗"
