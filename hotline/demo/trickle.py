"""Calls that come while one looks: ``python -m hotline.demo.trickle`` beside `hotline up`.

One process a database. The database may go away and come back; on SIGTERM every made-up call
ends and the made-up people go home.
"""

from __future__ import annotations

import random
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from hotline import logs, settings
from hotline.clock import now
from hotline.db import transaction
from hotline.demo import live_store, locks, upkeep
from hotline.demo.accounts import require_demo
from hotline.demo.stage import Stage
from hotline.errors import NotStarted

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
AWAY_SECONDS = 3.0


class Trickle:
    """The live demonstration, one look after another."""

    def __init__(self, rate: float = 1.0, seed: str | None = None) -> None:
        self.rng = random.Random(seed)
        self.stage = Stage(self.rng, rate)
        self.has_begun = False
        self.due = dict.fromkeys(_CHORES, datetime.min.replace(tzinfo=UTC))

    def begin(self, at: datetime) -> None:
        """Clear away what a killed predecessor left; nothing when the database was just away."""
        if self.has_begun:
            return
        with transaction() as session:
            ended = upkeep.tidy(session, at)
        if ended:
            log.info("demo_calls_left_over", calls=ended)
        self.has_begun = True

    def look(self, at: datetime) -> int:
        """One look: read, decide, write; how many events were told."""
        self._do_chores(at)
        with transaction() as session:
            locks.share(session, locks.Lock.DATA)
            people = live_store.read_people(session)
            seen = live_store.read_calls(session, list(self.stage.guests))
            deeds = self.stage.step(at, people, seen)
            live_store.write(session, deeds, self.rng)
        self.stage.keep(deeds)
        return sum(len(deed.events) for deed in deeds)

    def _do_chores(self, at: datetime) -> None:
        for chore, every in _CHORES.items():
            if at >= self.due[chore]:
                with transaction() as session:
                    locks.share(session, locks.Lock.DATA)
                    chore(session, at, self.rng)
                self.due[chore] = at + every

    def end(self, at: datetime) -> None:
        """Everybody hangs up and goes home."""
        with transaction() as session:
            upkeep.tidy(session, at)
        self.stage.guests.clear()


_CHORES: dict[Callable[[Session, datetime, random.Random], None], timedelta] = {
    upkeep.keep_shifts: timedelta(seconds=30),
    upkeep.work_lists: timedelta(minutes=5),
    upkeep.keep_clinics: timedelta(hours=1),
}


def run(trickle: Trickle, stop: threading.Event) -> None:
    """Look every second until told to stop, whatever becomes of the database meanwhile."""
    while not stop.is_set():
        try:
            _run_while_connected(trickle, stop)
        except SQLAlchemyError as error:
            log.warning("demo_database_away", error=type(error).__name__)
            stop.wait(AWAY_SECONDS)


def _run_while_connected(trickle: Trickle, stop: threading.Event) -> None:
    with locks.held(locks.Lock.TRICKLE, wait=False) as connection:
        if connection is None:
            log.info("demo_trickle_runs_elsewhere")
            stop.wait(AWAY_SECONDS)
            return
        trickle.begin(now())
        while not stop.wait(LOOK_SECONDS):
            connection.execute(text("SELECT 1"))  # with the connection the lock would be gone
            trickle.look(now())
        trickle.end(now())


@click.command()
@click.option("--rate", default=1.0, type=click.FloatRange(0.05, 20), help="快慢，1 为常速")
@click.option("--seed", default=None, help="随机种子：同一种子、同一时刻，来电相同")
def main(rate: float, seed: str | None) -> None:
    """演示来电：模拟来电人和坐席，直到被停止。"""
    try:
        site = settings.current()
        require_demo(site)
    except NotStarted as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(refusal.exit_code)
    logs.configure(site)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    run(Trickle(rate, seed), stop)


if __name__ == "__main__":
    main()
