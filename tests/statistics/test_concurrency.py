"""Several who write, one who takes in, one who rebuilds, and one who is killed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hotline import cli, db
from hotline.clock import SHANGHAI
from hotline.db import transaction
from hotline.statistics import headline, jobs, tallies
from tests.statistics.days import told

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)
ROUNDS = 12


def _together(*deeds: Callable[[], None]) -> None:
    start = Barrier(len(deeds))

    def run(deed: Callable[[], None]) -> None:
        start.wait()
        for _ in range(ROUNDS):
            deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        for done in [pool.submit(run, deed) for deed in deeds]:
            done.result()


def _writer(name: str) -> Callable[[], None]:
    """Tells of calls in the same hours as everybody else, each sorted at once."""
    numbers = iter(range(1000))

    def write() -> None:
        number = next(numbers)
        with transaction() as session:
            at = NOON + timedelta(minutes=number * 20)
            told(session, f"{name}{number}", at, category="booking" if number % 2 else None)

    return write


def test_writers_and_keepers_do_not_disturb_each_other(committed: str) -> None:
    def rebuild() -> None:
        with transaction() as session:
            assert tallies.rebuild(session, "2026-11").is_equal

    _together(_writer("a"), _writer("b"), _writer("c"), jobs.take_in, jobs.take_in, rebuild)
    with transaction() as session:
        assert headline.counted(session, "2026-11").calls == 3 * ROUNDS
        assert headline.counted(session, "2026-11") == headline.scanned(session, "2026-11")
        assert tallies.compare(session, "2026-11").is_equal


def test_a_keeper_killed_half_way_leaves_everything(committed: str) -> None:
    with transaction() as session:
        told(session, "a", NOON, category="booking")

    def killed() -> None:
        with transaction() as session:
            mine = session.execute(text("SELECT pg_backend_pid()")).scalar()
            assert tallies.take_in(session) > 0
            with db.engine().connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
            session.execute(text("SELECT 1"))

    with pytest.raises(OperationalError):
        killed()
    with transaction() as session:
        assert tallies.waiting(session) > 0
        assert tallies.compare(session, "2026-11").is_equal
        assert headline.counted(session, "2026-11").total == 1


def test_the_command_says_what_was_wrong_and_mends_it(committed: str) -> None:
    with transaction() as session:
        told(session, "a", NOON, category="booking")
        tallies.take_in(session)
        session.execute(text("UPDATE call_tally SET late = 7 WHERE category = 'booking'"))

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.hotline, ["statistics", "rebuild", *words])
        return done.exit_code, done.output

    asked = ("--month", "2026-11")
    assert run(*asked, "--check") == (
        1, "2026-11：1 通来电，1 处不符。\n  11-20 12 时 hotline/booking：late 差 -7\n",
    )  # fmt: skip
    assert run(*asked)[1].startswith("2026-11：1 通来电，1 处不符，已更正。")
    assert run(*asked) == (0, "2026-11：1 通来电，全部相符。\n")
    assert run("--all")[0] == 0
    assert run("--month", "2026-13")[0] == 1
