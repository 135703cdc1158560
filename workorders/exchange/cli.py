"""``hotline workorders platform set | list`` and ``hotline workorders sync``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline.errors import Refused

if TYPE_CHECKING:
    from workorders.exchange.queries import Health
    from workorders.models import Platform

PAUSE_SECONDS = 5.0


@click.group()
def platform() -> None:
    """12345 平台：怎样连接。"""


@platform.command("set")
@click.argument("code", metavar="CODE")
@click.option("--adapter", type=click.Choice(["rest", "file"]), help="接口或共享文件夹")
@click.option("--name", help="名称，例如 市12345")
@click.option("--url", help="接口地址，例如 https://12345.example.cn")
@click.option("--app-id", help="平台给我们的 App-Id")
@click.option("--secret", help="平台给我们的密钥")
@click.option("--codes", type=click.Choice(["city", "province"]), help="状态码对照：数字或英文词")
@click.option("--folder", type=click.Path(path_type=Path), help="交换目录（file）")
@click.option("--answers/--no-answers", default=None, help="平台是否写回执（file）")
@click.option(
    "--ca-file", type=click.Path(exists=True, path_type=Path), help="平台证书的 CA（PEM）"
)
@click.option("--send-per-second", type=click.FloatRange(0.01, 200), help="每秒最多发送几个事件")
@click.option("--suspension/--no-suspension", default=None, help="平台是否允许挂起")
@click.option("--on/--off", "is_active", default=None, help="启用或停用")
def set_platform(code: str, **given: Any) -> None:
    """连接一个平台，或修改已有的；没有写的选项保持不变。"""
    from hotline.db import transaction
    from workorders.exchange import sites
    from workorders.exchange.adapters import Way
    from workorders.platforms.mapping import Template

    said = sites.Given(
        adapter=Way.known(given["adapter"]),
        codes=Template.known(given["codes"]),
        settings=_settings(given),
        **{name: given[name] for name in ("name", "url", "app_id", "secret", "is_active")},
    )
    with transaction() as session:
        row = sites.set_platform(session, code, said)
    click.echo(f"平台 {row.code}（{row.name}）已保存：{Way(row.adapter).label} {_place(row)}")


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    said = {
        "folder": str(given["folder"].absolute()) if given["folder"] else None,
        "ca_file": str(given["ca_file"].absolute()) if given["ca_file"] else None,
        "answered": given["answers"],
        "send_per_second": given["send_per_second"],
        "may_suspend": given["suspension"],
    }
    return {name: value for name, value in said.items() if value is not None}


def _place(row: Platform) -> str:
    return str(row.base_url or row.settings.get("folder", ""))


@platform.command("list")
def list_platforms() -> None:
    """每个平台：连接、积压、最近一次同步。"""
    from hotline.db import transaction
    from workorders.exchange import queries

    with transaction() as session:
        found = queries.healths(session)
    if not found:
        click.echo("还没有平台。用 hotline workorders platform set 连接一个。")
    for each in found:
        click.echo(_line(each))


def _line(health: Health) -> str:
    from hotline.clock import local

    row = health.platform
    polled = f"{local(health.polled_at):%m-%d %H:%M:%S}" if health.polled_at else "从未"
    said = f"{row.code:10} {row.name}  {health.standing.label}  {row.adapter} {_place(row)}\n"
    said += f"{'':10} 待发 {health.backlog}，待处理 {health.inbox}，待人工 {health.stuck}，"
    said += f"最近同步 {polled}"
    return said + (f"\n{'':10} 最近的错误：{health.last_error}" if health.failures else "")


@click.command()
@click.option("--platform", "code", metavar="CODE", help="只同步这一个平台")
@click.option("--once", is_flag=True, help="同步到没有新内容为止就结束；否则一直同步，Ctrl-C 停止")
def sync(code: str | None, once: bool) -> None:
    """拉取变化的工单、处理、发送待发事件。随时可以用 Ctrl-C 停止，下次从停下的地方继续。"""
    from workorders.exchange import rounds

    while True:
        rows = [row for row in rounds.platforms() if code in (None, row.code)]
        if not rows:
            raise Refused("platform_unknown", "没有启用的平台，或平台代码不对。")
        try:
            failed = sum(not _sync(row, is_quiet=not once) for row in rows)
            if once:
                raise SystemExit(1 if failed else 0)
            time.sleep(PAUSE_SECONDS)
        except KeyboardInterrupt:
            click.echo("\n已停止，没有丢失任何内容。")
            raise SystemExit(130) from None


def _sync(row: Platform, *, is_quiet: bool) -> bool:
    """Ask until there is no more, apply, tell; whether all went well."""
    from workorders.exchange import rounds

    counts = {"items": 0, "applied": 0, "told": 0}
    trouble = None
    while True:
        pulled = rounds.ask(row, lambda items: _tell(row, counts, items))
        counts["applied"] += rounds.take_in(row.code) or 0
        told = rounds.tell(row)  # None: a worker is at it, and to wait for it is not our business
        counts["told"] += told or 0
        trouble = pulled.trouble if pulled else "后台任务正在与这个平台同步。"
        if not (pulled and pulled.more) and not (told and rounds.has_to_tell(row.code)):
            break
    if trouble or any(counts.values()) or not is_quiet:
        click.echo(f"\r{row.name}：收到 {counts['items']} 条，处理 {counts['applied']} 条，"
                   f"发送 {counts['told']} 个事件。{trouble or ''}")  # fmt: skip
    return trouble is None


def _tell(row: Platform, counts: dict[str, int], items: int) -> None:
    counts["items"] += items
    if items:
        click.echo(f"\r{row.name}：已收到 {counts['items']} 条……", nl=False)
