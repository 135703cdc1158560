"""One engine a process, one transaction a door."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline import db
from hotline.agents.models import Team


def test_a_hundred_first_requests_at_once_share_one_engine(committed):
    db._engines.clear()
    start, found = threading.Barrier(100), []

    def first_request():
        start.wait()
        found.append(db.engine())

    threads = [threading.Thread(target=first_request) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 100
    assert len({id(engine) for engine in found}) == 1


def test_an_error_leaves_nothing_behind(committed):
    with pytest.raises(ZeroDivisionError), db.transaction() as session:
        session.add(Team(name=f"{1 / 0}"))
    with db.transaction() as session:
        assert session.exec(select(Team)).all() == []


def test_what_was_asked_for_runs_after_the_commit_and_only_then(committed):
    seen = []
    with db.transaction() as session:
        session.add(Team(name="一组"))
        db.after_commit(session, lambda: seen.append(_teams()))
        assert seen == []
    assert seen == [["一组"]]


def _teams():
    with db.transaction() as session:
        return [team.name for team in session.exec(select(Team))]


def test_a_doorbell_that_fails_undoes_nothing(committed):
    with db.transaction() as session:
        session.add(Team(name="一组"))
        db.after_commit(session, lambda: 1 / 0)
    assert _teams() == ["一组"]


def test_instants_come_back_in_utc(session):
    assert session.execute(text("SHOW timezone")).scalar_one() == "UTC"


@pytest.mark.parametrize("idle", [0, 60])
def test_a_connection_that_the_server_ended_is_opened_anew(committed, monkeypatch, idle):
    """Whether it is noticed by what the server said, or by asking who lay long."""
    monkeypatch.setattr(db, "IDLE_SECONDS", idle)
    with db.transaction() as session, db.transaction() as other:
        gone = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        left = other.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(committed.replace("+psycopg", ""), autocommit=True) as server:
        for pid in (gone, left):
            server.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    for _ in range(3):
        with db.transaction() as session:
            assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() not in (gone, left)
