"""What `hotline doctor` says of the figures."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import month_of, now
from hotline.db import transaction
from hotline.doctor import Finding, broken, mind, well
from hotline.settings import Settings
from hotline.statistics import tallies

MANY = 500_000
_WATCHED = text(
    "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'call'::regclass AND tgenabled IN ('O', 'A')"
    " AND tgname IN ('call_insert_is_tallied', 'call_update_is_tallied', 'call_delete_is_tallied')"
)


def findings(_: Settings) -> Iterator[Finding]:
    """Whether the database keeps figures, somebody takes changes in, and this month is right."""
    with transaction() as session:
        found = [watched(session), taken(session), equal(session, month_of(now()))]
    yield from found


def watched(session: Session) -> Finding:
    """Whether every change of a call is noticed."""
    if session.execute(_WATCHED).scalar() == 3:
        return well("来电的每次变动都记入统计")
    return broken("来电表上的统计触发器缺失或停用：请恢复后运行 hotline statistics rebuild --all")


def taken(session: Session) -> Finding:
    """Whether changes are taken in."""
    count = tallies.waiting(session)
    if count > MANY:
        return mind(f"{count:,} 条统计变动没有归并，统计页会变慢：请确认 worker 在运行")
    return well(f"统计变动按时归并（待归并 {count:,} 条）")


def equal(session: Session, month: str) -> Finding:
    """Whether a month's tallies are what its calls say."""
    found = tallies.compare(session, month)
    if found.is_equal:
        return well(f"{month} 的统计与 {found.calls:,} 通来电逐时核对相符")
    return broken(
        f"{month} 的统计有 {len(found.differences)} 处与来电不符："
        f"请运行 hotline statistics rebuild --month {month}"
    )
