"""What `hotline doctor` says of the exchange with the 12345 platforms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, col, exists, select

from hotline.clock import now
from hotline.db import transaction
from hotline.doctor import Finding, broken, mind, well
from hotline.settings import Settings
from workorders import handing_out
from workorders.exchange import platform_health, stuck_codes
from workorders.exchange.platform_health import Facts
from workorders.exchange.queries import Standing
from workorders.exchange.reconciling_list import waiting_to_be_signed
from workorders.models import Platform

LATE = timedelta(minutes=10)  # asked every 30 seconds
UNSIGNED = timedelta(days=3)


def findings(site: Settings) -> Iterator[Finding]:
    """Whether platforms are set up and heard of, and what waits for a person."""
    with transaction() as session:
        found = [*watched(session, now()), *_files(session, site)]
    yield from found


def watched(session: Session, at: datetime) -> Iterator[Finding]:
    """The same, as of an instant."""
    facts = platform_health.facts(session, at)
    if not facts:
        yield mind("还没有连接 12345 平台：在“平台对接”里新增，或 hotline workorders platform set")
    for each in facts:
        yield _heard(each, at)
        yield from _stuck(session, each)
    if unsigned := waiting_to_be_signed(session, at - UNSIGNED):
        yield mind(f"{unsigned} 份对账报告超过 3 天没有签字，请班长在“对账”里说明并签字")


def _files(session: Session, site: Settings) -> Iterator[Finding]:
    platforms = session.exec(select(exists().where(col(Platform.is_active)))).one()
    if platforms and not handing_out.public_address(site):
        yield mind("没有设置 HOTLINE_PUBLIC_URL：附件不会随回复发给 12345 平台")


def _heard(found: Facts, at: datetime) -> Finding:
    health, name = found.health, found.health.platform.name
    lag = found.pull_lag(at)
    if health.standing is Standing.OFF:
        return well(f"{name}已停用")
    if lag is None:
        return mind(f"{name}还没有同步过：请在“平台对接”里测试连接，并确认 worker 在运行")
    if lag > LATE:
        said = f"，最近的错误：{health.last_error}" if health.last_error else ""
        return broken(f"{name} {lag.total_seconds() / 60:.0f} 分钟没有同步成功{said}")
    if health.standing is Standing.RESTING:
        return broken(f"{name}连续 {health.failures} 次没有收下事项，暂停发送：{health.last_error}")
    return well(f"{name}同步正常，待发 {health.backlog} 个")


def _stuck(session: Session, found: Facts) -> Iterator[Finding]:
    row = found.health.platform
    if codes := stuck_codes.unknown_codes(session, row):
        listed = "、".join(one.code for one in codes[:5])
        yield mind(f"{row.name}的状态码 {listed} 没有对照：请在“平台对接”里选择含义")
    if found.health.stuck:
        yield mind(f"{row.name}有 {found.health.stuck} 条等人处理，请班长看“对账”里的“待处理”")
