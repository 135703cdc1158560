"""How a platform does: what it last said, and whether it is left alone for a while.

Sending has a breaker: after five failures in a row nothing is sent for a while, then one event
goes ahead; its success lets the others follow. Pulling is one request at a time anyhow: it only
waits longer after each failure.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, select

from hotline import phone
from workorders.exchange import rules
from workorders.exchange.models import PlatformHealth
from workorders.platforms.adapter import Trouble

_dice = secrets.SystemRandom()
# No answer is to be had yet, and nobody is to blame.
PATIENT = (Trouble.WAITING, Trouble.NOT_OFFERED)


def luck() -> float:
    """A number from 0 to 1."""
    return _dice.random()


def of(session: Session, platform: str) -> PlatformHealth:
    """The platform's row, locked; made when it is first asked for."""
    query = select(PlatformHealth).where(PlatformHealth.platform == platform)
    query = query.with_for_update().execution_options(populate_existing=True)
    if (found := session.exec(query).first()) is None:
        new = insert(PlatformHealth).values(platform=platform, failures=0, pull_failures=0)
        session.execute(new.on_conflict_do_nothing())
        found = session.exec(query).one()
    return found


def rests(health: PlatformHealth, at: datetime) -> bool:
    """Whether the platform is left alone now."""
    return health.open_until is not None and health.open_until > at


def answered(health: PlatformHealth, at: datetime) -> None:
    """It took an event, or refused one: it is there."""
    health.failures, health.open_until, health.succeeded_at = 0, None, at


def failed(
    health: PlatformHealth, at: datetime, trouble: Trouble | None, words: str, wait: float | None
) -> None:
    """An event got no clear answer. What the platform asks for (Retry-After) is heeded at once."""
    health.failed_at, health.last_error = at, said(words)
    if trouble in PATIENT:
        return
    health.failures += 1
    pause = rules.rest(health.failures, luck())
    asked = timedelta(seconds=wait) if wait else None
    if pauses := [each for each in (pause, asked) if each is not None]:
        health.open_until = at + max(pauses)


def pulled(health: PlatformHealth, at: datetime) -> None:
    """It told what changed. That says nothing of whether it takes events."""
    health.polled_at = health.succeeded_at = at
    health.pull_failures, health.pull_after = 0, None


def not_pulled(health: PlatformHealth, at: datetime, words: str, wait: float | None) -> None:
    """It did not tell."""
    health.polled_at = health.failed_at = at
    health.last_error = said(words)
    health.pull_failures += 1
    pause = rules.pause(health.pull_failures, luck())
    health.pull_after = at + max(pause, timedelta(seconds=wait or 0))


def said(words: str) -> str:
    """A platform's words as they may be kept in the clear."""
    return phone.redact(words)[:300]
