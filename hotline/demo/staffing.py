"""The demonstration people as rows."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline.agents.models import Person
from hotline.agents.service import create_team
from hotline.clock import now
from hotline.demo.people import Worker, staff

# They cannot sign in: no password. The well-known ones get theirs from ``accounts``.
_PERSON = text(
    """
    INSERT INTO person (username, name, role, team_id, extension, must_change_password,
                        failed_attempts, is_active, is_demo, presence, presence_since, created_at)
    VALUES (:username, :name, :role, :team_id, :extension, false, 0, true, true, 'offline',
            :now, :now)
    ON CONFLICT DO NOTHING
    """
)


def ensure_people(session: Session) -> dict[str, int]:
    """The demonstration people by user name, made where missing.

    A name or extension that a real person has stays theirs: the city has one worker less.
    """
    known = people_of(session)
    missing = [worker for worker in staff() if worker.username not in known]
    if missing:
        _insert(session, missing)
        known = people_of(session)
    return known


def people_of(session: Session) -> dict[str, int]:
    """Ids of the demonstration people by user name."""
    rows = session.exec(select(Person.username, Person.id).where(col(Person.is_demo))).all()
    return {username: key for username, key in rows if key is not None}


def workers_in(people: dict[str, int]) -> tuple[Worker, ...]:
    """Those of the 200 who are there."""
    return tuple(worker for worker in staff() if worker.username in people)


def _insert(session: Session, workers: list[Worker]) -> None:
    teams = {w.team: create_team(session, w.team, is_demo=True).id for w in workers}
    rows = [
        {
            "username": worker.username,
            "name": worker.name,
            "role": worker.role.value,
            "team_id": teams[worker.team],
            "extension": worker.extension,
            "now": now(),
        }
        for worker in workers
    ]
    session.execute(_PERSON, rows)
