"""After an outage: everything a platform never took goes out again, in one go that can be watched
and stopped. How far it is, is read from the events themselves; Redis only knows which they were."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit, queues
from hotline.clock import now
from hotline.db import after_commit
from hotline.errors import Refused
from workorders import moving
from workorders.actors import Actor
from workorders.exchange import bells

KEPT_SECONDS = 86_400
MOST = 10_000

_RETRY = text(
    """
    UPDATE work_order_outgoing SET state = 'due', attempts = 0, next_attempt_at = :at,
        settled_at = NULL
    WHERE id IN (SELECT id FROM work_order_outgoing
        WHERE platform = :platform AND state = 'given_up' ORDER BY id LIMIT :most
        FOR UPDATE SKIP LOCKED)
    RETURNING id
    """
)
_HOW_FAR = text(
    """
    SELECT count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE state = 'sent')
    FROM work_order_outgoing WHERE id = ANY(:ids)
    """
)
_STOP = text(
    """
    UPDATE work_order_outgoing SET state = 'given_up', next_attempt_at = :at
    WHERE id = ANY(:ids) AND state = 'due' AND next_attempt_at <= :at RETURNING id
    """
)


@dataclass(frozen=True)
class Batch:
    """Events that go out again: so many ``total``, ``waiting`` still, ``sent`` by now."""

    total: int
    waiting: int
    sent: int

    @property
    def done(self) -> int:
        """Those that wait no longer."""
        return self.total - self.waiting

    @property
    def is_over(self) -> bool:
        """Whether each was taken, refused or given up again."""
        return self.waiting == 0

    @property
    def words(self) -> str:
        """For the progress line."""
        return f"{'已重发' if self.is_over else '正在重发'}，送达 {self.sent} 个"


def retry_all(session: Session, platform: str, actor: Actor) -> int:
    """Send again what the platform never took, up to 10,000 events; how many. What it refused
    stays: it would refuse it again."""
    _require_leader(actor)
    found = session.execute(_RETRY, {"platform": platform, "at": now(), "most": MOST})
    ids = sorted(found.scalars())
    if not ids:
        raise Refused("nothing_given_up", "这个平台没有多次未送达的事项。", 409)
    detail = {"exchange": "全部重发", "events": len(ids)}
    audit.record(session, audit.Action.RECORD_CHANGED, f"work_order_platform:{platform}",
                 detail=detail)  # fmt: skip
    after_commit(session, lambda: _keep(platform, ids))
    bells.ring_after_commit(session, bells.SEND, platform)
    moving.tell(session)
    return len(ids)


def batch(session: Session, platform: str) -> Batch | None:
    """How far the last one is; None when there was none in a day."""
    ids = _kept(platform)
    if not ids:
        return None
    waiting, sent = session.execute(_HOW_FAR, {"ids": ids}).one()
    return Batch(len(ids), waiting, sent)


def stop(session: Session, platform: str, reason: str, actor: Actor) -> int:
    """Take back what has not been tried again yet; how many."""
    _require_leader(actor)
    taken = session.execute(_STOP, {"ids": _kept(platform), "at": now()})
    stopped = len(taken.scalars().all())
    detail = {"exchange": "停止重发", "events": stopped}
    audit.record(session, audit.Action.RECORD_CHANGED, f"work_order_platform:{platform}",
                 reason=reason[:200] or None, detail=detail)  # fmt: skip
    moving.tell(session)
    return stopped


def _require_leader(actor: Actor) -> None:
    if not actor.leads:
        raise Refused("not_for_you", "交换异常由班长处理。", 403)


def _keep(platform: str, ids: list[int]) -> None:
    queues.connection().set(_place(platform), json.dumps(ids), ex=KEPT_SECONDS)


def _kept(platform: str) -> list[int]:
    kept = queues.connection().get(_place(platform))
    return json.loads(kept) if kept else []


def _place(platform: str) -> str:
    return f"hotline:retry:{platform}"
