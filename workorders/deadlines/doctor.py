"""What `hotline doctor` says of deadlines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import now
from hotline.db import transaction
from hotline.doctor import Finding, mind, well
from hotline.settings import Settings

GRACE = timedelta(minutes=10)  # the job runs every minute

_FOUND = text(
    """
    SELECT count(*),
        count(*) FILTER (WHERE is_provisional),
        count(*) FILTER (WHERE escalated_at IS NULL AND paused_since IS NULL
            AND kind <> 'return_by' AND escalate_at < :late)
    FROM work_order_clock WHERE stopped_at IS NULL
    """
)


def findings(_: Settings) -> Iterator[Finding]:
    """Whether what broke was brought before people, and what is only provisional."""
    with transaction() as session:
        found = list(watched(session, now()))
    yield from found


def watched(session: Session, at: datetime) -> Iterator[Finding]:
    """The same, as of an instant."""
    running, provisional, untold = session.execute(_FOUND, {"late": at - GRACE}).one()
    if untold:
        yield mind(f"{untold} 个工单时限已超时还没有升级：后台任务每分钟检查，请确认 worker 在运行")
    else:
        yield well(f"正在计时的工单时限 {running} 个，超时的都已升级")
    if provisional:
        yield mind(
            f"{provisional} 个工单时限跨到没有放假安排的年份，暂按周一至周五计：公布后请在"
            "“节假日与调休”录入，再在“时限规则”里重新计算"
        )
