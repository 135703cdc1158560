"""One round with one platform: asked, applied, told. Jobs and the command line go this way, one
process at a time; None when another is at it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.sql.base import ExecutableOption
from sqlmodel import Session, col, select

from hotline import settings
from hotline.clock import now
from hotline.db import transaction
from hotline.security import Undecryptable
from workorders.exchange import applying, health, lost, receiving, sending
from workorders.exchange.adapters import opened
from workorders.exchange.locks import only_one
from workorders.exchange.models import Incoming
from workorders.exchange.receiving import Pulled
from workorders.exchange.rules import IncomingState
from workorders.models import Platform
from workorders.platforms import adapter as ways
from workorders.rules import SELF

SECONDS = 20.0  # then others have a turn in the queue, and this one comes again


def ask(row: Platform, told: Callable[[int], None] = lambda _: None) -> Pulled | None:
    """What changed there, into the inbox; nothing while the platform is left alone."""
    with only_one("pull", row.code) as alone:
        if not alone:
            return None
        with transaction() as session:
            if not receiving.may_be_asked(session, row.code, now()):
                return Pulled()
        kept: list[ways.Exchange] = []
        with opened(row, kept.append) as adapter:
            return receiving.pull(row, adapter, kept, seconds=SECONDS, told=told)


def take_in(platform: str) -> int | None:
    """Orders out of the inbox; how many rows were looked at."""
    with only_one("apply", platform) as alone:
        return applying.apply_due(platform, seconds=SECONDS) if alone else None


def tell(row: Platform) -> int | None:
    """What the platform must hear; how many events were tried."""
    default = settings.current().workorders_send_per_second
    per_second = float(row.settings.get("send_per_second", default))
    with only_one("send", row.code) as alone:
        if not alone:
            return None
        kept: list[ways.Exchange] = []
        with opened(row, kept.append) as adapter:
            return sending.send_due(row.code, adapter, kept, seconds=SECONDS, per_second=per_second)


def has_to_tell(platform: str) -> bool:
    """Whether an event may go now."""
    with transaction() as session:
        return sending.is_due(session, platform, now())


def with_mail() -> list[str]:
    """The platforms whose rows in the inbox are due."""
    with transaction() as session:
        return list(session.exec(_WAITING.where(Incoming.next_attempt_at <= now())))


_WAITING = select(Incoming.platform).where(Incoming.state == IncomingState.DUE).distinct()


def codes() -> list[str]:
    """The codes of those we exchange with, also of one whose row does not open."""
    with transaction() as session:
        return [row.code for row in _active(session, lost.NO_SECRET)]


def platforms() -> list[Platform]:
    """Those we exchange with."""
    with transaction() as session:
        return _active(session)


def _active(session: Session, *without: ExecutableOption) -> list[Platform]:
    query = select(Platform).where(col(Platform.is_active), Platform.code != SELF)
    return list(session.exec(query.options(*without).order_by(Platform.code)))


def platform(code: str) -> Platform | None:
    """One of them; None when it is not known, switched off, or its secret does not open."""
    with transaction() as session:
        row = session.get(Platform, code, options=[lost.NO_SECRET])
        if row is None or not row.is_active:
            return None
        try:
            _ = row.secret
        except Undecryptable:
            health.not_pulled(health.of(session, code), now(), lost.SECRET, None)
            return None
        return row
