"""`hotline workorders standin`: a 12345 platform for demonstrations and trials."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.errors import NotStarted, Refused

if TYPE_CHECKING:
    from workorders.standin.answers import Account
    from workorders.standin.running import StandIn

CHOICES = ("quiet", "busy", "outage", "dirty")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="端口（只在本机监听）")
@click.option("--scenario", type=click.Choice(CHOICES), help="自己会发生什么；不写则只听吩咐")
@click.option("--city", "city_account", metavar="ID:SECRET", help="市平台的 App-Id 和密钥")
@click.option("--province", "province_account", metavar="ID:SECRET", help="省平台的 App-Id 和密钥")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="状态文件，重启不丢")
@click.option("--push", "push_to", metavar="URL", help="变化的工单推送到这个 12320 的地址")
def standin(
    port: int,
    scenario: str | None,
    city_account: str | None,
    province_account: str | None,
    state: Path | None,
    push_to: str | None,
) -> None:
    """模拟 12345 平台：市、省各一，工单都是编造的，只供演示和测试。"""
    from workorders.standin.running import CITY, PROVINCE, StandIn
    from workorders.standin.scenarios import Scenario

    platforms = StandIn(
        city=_account(city_account, CITY),
        province=_account(province_account, PROVINCE),
        state_file=state,
        scenario=Scenario.known(scenario),
        push_to=push_to,
    )
    try:
        platforms.start(port)
    except OSError as error:
        raise NotStarted(f"不能在端口 {port} 监听：{error.strerror}。请换一个端口。") from None
    _introduce(platforms)
    _until_told(platforms)


def _account(given: str | None, usual: Account) -> Account:
    from workorders.standin.answers import Account

    if given is None:
        return usual
    app_id, _, secret = given.partition(":")
    if not app_id or not secret:
        raise Refused("account_invalid", "账号应写成 ID:SECRET。")
    return Account(app_id, secret)


def _introduce(platforms: StandIn) -> None:
    click.echo(f"模拟 12345 平台在 {platforms.url}，Ctrl-C 结束。接入：")
    for platform in platforms.platforms:
        account = platform.account
        click.echo(
            f"  hotline workorders platform set {platform.code} --adapter rest"
            f" --url {platforms.url} --app-id {account.app_id} --secret {account.secret}"
        )


def _until_told(platforms: StandIn) -> None:
    told = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: told.set())
    told.wait()
    platforms.stop()
