"""Asking a platform what changed. A page and its cursor are stored in one transaction, before
anything is done with the page: killed anywhere, the page is asked for again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from hotline.clock import now
from hotline.db import transaction
from workorders.exchange import health, inbox
from workorders.exchange.models import Exchange
from workorders.exchange.rules import Via
from workorders.models import Platform
from workorders.platforms import adapter as ways
from workorders.platforms.adapter import Adapter, Changes, NoAnswer

log = structlog.get_logger(__name__)
PAGE = 200
MOST_PAGES = 25  # a round; a platform whose cursor goes in circles is left until the next


@dataclass(frozen=True)
class Pulled:
    """What a round brought. ``more``: the platform has more, and there was something new."""

    items: int = 0
    new: int = 0
    more: bool = False
    trouble: str | None = None


def pull(
    platform: Platform,
    adapter: Adapter,
    kept: list[ways.Exchange],
    *,
    seconds: float,
    told: Callable[[int], None] = lambda _: None,
) -> Pulled:
    """Ask for pages until there are no more, or for so long. ``told`` hears of each page's items.

    ``kept`` is where the adapter notes its exchanges.
    """
    until, items, new = time.monotonic() + seconds, 0, 0
    via = Via.PULL if platform.adapter == "rest" else Via.FILE
    for _ in range(MOST_PAGES):
        kept.clear()
        with transaction() as session:
            cursor = health.of(session, platform.code).cursor or ""
        try:
            page = adapter.changes(cursor, PAGE)
        except NoAnswer as none:
            with transaction() as session:
                _note_silence(session, platform, none, kept, now())
            return Pulled(items, new, trouble=none.message)
        with transaction() as session:
            new += _store(session, platform, page, via, kept, now())
        items += len(page.items)
        told(len(page.items))
        if not page.more or time.monotonic() > until:
            break
    return Pulled(items, new, more=page.more and new > 0)


def may_be_asked(session: Session, platform: str, at: datetime) -> bool:
    """Whether its pause after failures is over."""
    after = health.of(session, platform).pull_after
    return after is None or after <= at


def _store(
    session: Session,
    platform: Platform,
    page: Changes,
    via: Via,
    kept: list[ways.Exchange],
    at: datetime,
) -> int:
    """The items and the cursor behind them; how many items were new."""
    found = health.of(session, platform.code)
    if page.items:
        session.add(_exchange(platform, kept, at, outcome=f"{len(page.items)} items"))
    new = inbox.store(session, platform, map(inbox.from_item, page.items), via, at)
    found.cursor = page.next_cursor
    health.pulled(found, at)
    return new


def _note_silence(
    session: Session, platform: Platform, none: NoAnswer, kept: list[ways.Exchange], at: datetime
) -> None:
    found = health.of(session, platform.code)
    health.not_pulled(found, at, none.message, none.retry_after)
    row = _exchange(platform, kept, at, outcome=none.trouble.value)
    row.attempt, row.error = found.pull_failures, health.said(none.message)
    if kept:  # what it said is not to be found in the inbox
        answer = kept[-1].answer.decode(errors="replace")[:20_000].replace("\x00", "")
        row.answer = answer or None
    session.add(row)
    log.warning("platform_not_pulled", platform=platform.code, trouble=none.trouble.value)


def _exchange(
    platform: Platform, kept: list[ways.Exchange], at: datetime, *, outcome: str
) -> Exchange:
    last = kept[-1] if kept else None
    return Exchange(
        platform=platform.code,
        what="pull",
        at=last.at if last else at,
        milliseconds=round(last.seconds * 1000) if last else 0,
        outcome=outcome[:20],
        status=last.status if last else None,
        is_demo=platform.is_demo,
    )
