"""``hotline workorders reconcile``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotline.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from workorders.exchange.reconciling_models import Reconciliation
    from workorders.models import Platform


@click.command()
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="对哪一天的账"
)
@click.option("--platform", "code", metavar="CODE", help="只对这一个平台")
@click.option("--again", is_flag=True, help="已有报告也重新对账，另编一号")
def reconcile(day: datetime, code: str | None, *, again: bool) -> None:
    """与平台核对一天的工单，缺的补取，差异写入报告。可随时用 Ctrl-C 停止，下次重新开始。"""
    from workorders.exchange import rounds

    rows = [row for row in rounds.platforms() if code in (None, row.code)]
    if not rows:
        raise Refused("platform_unknown", "没有启用的平台，或平台代码不对。")
    try:
        whole = [_one(row, day, again=again) for row in rows]
    except KeyboardInterrupt:
        click.echo("\n已停止，这一天还没有报告。")
        raise SystemExit(130) from None
    raise SystemExit(0 if all(whole) else 1)


def _one(row: Platform, day: datetime, *, again: bool) -> bool:
    """Compare one platform; whether it has its report now."""
    from workorders.exchange import reconciling
    from workorders.exchange.reconciling_rules import RunState

    run = reconciling.reconcile(row, day.date(), by="命令行", again=again, told=_tell)
    if run is None:
        click.echo(f"{row.name} {day:%Y-%m-%d}：已有报告（--again 可重新对账），或正在对账。")
        return True
    if run.state is not RunState.DONE:
        click.echo(f"\r{row.name} {day:%Y-%m-%d}：未完成，{run.error}")
        return False
    click.echo(f"\r{row.name} {day:%Y-%m-%d} 第 {run.number} 号：平台 {run.theirs} 张，"
               f"我方 {run.ours} 张，差异 {run.differences} 处。")  # fmt: skip
    return True


def _tell(run: Reconciliation, done: int, total: int) -> None:
    words = f"补取 {done}/{total}" if total else f"已读 {done} 行"
    click.echo(f"\r{run.platform} {run.day}：{words}……", nl=False)
