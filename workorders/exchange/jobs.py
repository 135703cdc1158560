"""Background work with the platforms. Each job is safe to run twice, and may be lost: the sweep
rings for whatever is due."""

from __future__ import annotations

from sqlmodel import Session, col, select

from hotline import settings
from hotline.clock import now
from hotline.db import transaction
from workorders.exchange import applying, bells, receiving, sending
from workorders.exchange.adapters import opened
from workorders.exchange.locks import only_one
from workorders.exchange.models import Incoming
from workorders.exchange.rules import IncomingState
from workorders.models import Platform
from workorders.platforms import adapter as ways
from workorders.rules import SELF

SECONDS = 20.0  # then others have a turn in the queue, and this one comes again


def send(platform: str) -> None:
    """Tell a platform what it must hear, until nothing is due or its turn is over."""
    bells.heard(bells.SEND, platform)
    row = active(platform)
    if row is None:
        return
    with only_one("send", platform) as alone:
        if alone:
            _send(row)
    if alone and _is_due(platform):
        bells.ring(bells.SEND, platform)


def _send(row: Platform) -> None:
    kept: list[ways.Exchange] = []
    default = settings.current().workorders_send_per_second
    per_second = float(row.settings.get("send_per_second", default))
    with opened(row, kept.append) as adapter:
        sending.send_due(row.code, adapter, kept, seconds=SECONDS, per_second=per_second)


def _is_due(platform: str) -> bool:
    with transaction() as session:
        return sending.is_due(session, platform, now())


def pull(platform: str) -> None:
    """Ask a platform what changed, and ring again while there is more."""
    bells.heard(bells.PULL, platform)
    row = active(platform)
    if row is None:
        return
    more = False
    with only_one("pull", platform) as alone:
        if alone:
            more = pull_round(row).more
    if more:
        bells.ring(bells.PULL, platform)


def pull_round(row: Platform) -> receiving.Pulled:
    """One round of asking; nothing while the platform is left alone."""
    with transaction() as session:
        if not receiving.may_be_asked(session, row.code, now()):
            return receiving.Pulled()
    kept: list[ways.Exchange] = []
    with opened(row, kept.append) as adapter:
        return receiving.pull(row, adapter, kept, seconds=SECONDS)


def apply(platform: str) -> None:
    """Make orders of what came from a platform."""
    bells.heard(bells.APPLY, platform)
    with only_one("apply", platform) as alone:
        if alone:
            applying.apply_due(platform, seconds=SECONDS)
    if alone and _has_incoming(platform):
        bells.ring(bells.APPLY, platform)


def _has_incoming(platform: str) -> bool:
    with transaction() as session:
        return bool(applying.due(session, platform, now()))


def pull_all() -> None:
    """Every platform is asked."""
    for code in platforms():
        bells.ring(bells.PULL, code)


def sweep() -> None:
    """Ring for what is due, whatever became of the doorbells."""
    for code in platforms():
        if _is_due(code):
            bells.ring(bells.SEND, code)
    with transaction() as session:
        waiting = _waiting(session)
    for code in waiting:
        bells.ring(bells.APPLY, code)


def _waiting(session: Session) -> list[str]:
    query = select(Incoming.platform).where(
        Incoming.state == IncomingState.DUE, Incoming.next_attempt_at <= now()
    )
    return list(session.exec(query.distinct()))


def platforms() -> list[str]:
    """The codes of those we exchange with."""
    with transaction() as session:
        query = select(Platform.code).where(col(Platform.is_active), Platform.code != SELF)
        return list(session.exec(query.order_by(Platform.code)))


def active(code: str) -> Platform | None:
    """The platform's row, unless it is switched off."""
    with transaction() as session:
        row = session.get(Platform, code)
        return row if row is not None and row.is_active else None
