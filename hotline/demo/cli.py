"""`hotline demo`: load, remove, one-time codes; and what `hotline up` does before it serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from hotline.db import transaction
from hotline.demo import accounts, others
from hotline.demo.bulletin import files_of, load_sheets
from hotline.demo.clinic_load import load_clinics
from hotline.demo.load import Order, Progress, load
from hotline.demo.remove import remove
from hotline.demo.volume import PER_DAY
from hotline.errors import Refused
from hotline.settings import Settings, current


def prepare(site: Settings, say: Callable[[str], None], order: Order | None = None) -> list[str]:
    """Bring the demonstration up to now; what to tell a newcomer: who may sign in, and how.

    A second start finds everything there. A database with real calls is left alone.
    """
    accounts.require_demo(site)
    try:
        with _bar("载入演示数据") as progress:
            added = load(order or Order(), progress)
    except Refused as refusal:
        if refusal.code != "real_calls":
            raise
        say(refusal.message)
        return []
    booked = load_clinics()
    with _bar("载入演示工单") as progress:
        orders = others.load(progress)
    load_sheets()
    if added or booked or orders:
        say(f"演示数据：新增 {added} 通来电、{booked} 个预约、{orders} 张工单（均为虚构）")
    return _sign_ins(site)


def _sign_ins(site: Settings) -> list[str]:
    found = accounts.kept_or_made(site)
    with transaction() as session:
        usernames = accounts.restore(session, found)
    return accounts.hints(found, usernames)


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """A progress bar that shows only when there is something to wait for."""
    bars: list[object] = []
    bar = click.progressbar(length=1, label=label)

    def progress(done: int, total: int) -> None:
        if not total:
            return
        if not bars:
            bars.append(bar.__enter__())
        bar.length = total
        bar.update(done - bar.pos)

    try:
        yield progress
    finally:
        if bars:
            bar.render_finish()


@click.group()
def demo() -> None:
    """演示数据：一座虚构城市的热线。"""


@demo.command("load")
@click.option("--days", default=30, show_default=True, type=click.IntRange(0, 366), help="多少天")
@click.option("--per-day", default=PER_DAY, show_default=True, help="平均每天多少通来电")
@click.option("--force", is_flag=True, help="数据库里已有真实来电也载入")
def load_command(days: int, per_day: int, force: bool) -> None:
    """载入演示人员和来电；已有的不重复，中断后可继续。"""
    for line in prepare_or_refuse(Order(days, per_day, force)):
        click.echo(line)


def prepare_or_refuse(order: Order) -> list[str]:
    """As ``prepare``, but whoever asked by hand is told no."""
    site = current()
    accounts.require_demo(site)
    with _bar("载入演示数据") as progress:
        added = load(order, progress)
    booked = load_clinics()
    with _bar("载入演示工单") as progress:
        orders = others.load(progress)
    load_sheets()
    news = f"新增 {added} 通来电、{booked} 个预约、{orders} 张工单。"
    click.echo(news if added or booked or orders else "演示数据已是最新，没有新增。")
    return _sign_ins(site)


@demo.command("remove")
@click.option("--yes", is_flag=True, help="确认清除")
def remove_command(yes: bool) -> None:
    """清除全部演示数据；真实数据和审计日志不动。"""
    if not yes:
        raise Refused("not_confirmed", "将清除全部演示人员和演示来电。确认请加 --yes。")
    with _bar("清除演示数据") as progress:
        removed = remove(progress)
    click.echo(f"已清除 {removed.calls} 通演示来电、{removed.people} 名演示人员。")
    if removed.kept:
        click.echo(f"真实记录中出现过的演示人员已停用并保留：{'、'.join(removed.kept)}。")
    click.echo("下次请用 hotline up --no-demo 启动，否则演示数据会再次载入。")


@demo.command("code")
@click.argument("username")
def code(username: str) -> None:
    """演示账号当前的动态码，例如 hotline demo code supervisor1。"""
    found, left = accounts.kept(current()).code(username)
    click.echo(f"{found}（还剩 {left} 秒；用过一次即失效）")


@demo.command("sheets")
@click.option("--month", required=True, type=click.DateTime(["%Y-%m"]), help="月份，YYYY-MM")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
def sheets(month: datetime, out: Path) -> None:
    """写一套虚构的月报外部数据文件，可在 月报 → 导入外部数据 里试用。"""
    accounts.require_demo(current())
    with transaction() as session:
        files = files_of(session, f"{month:%Y-%m}")
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
        click.echo(str(out / name))


@demo.command("accounts")
def list_accounts() -> None:
    """列出演示账号和密码。"""
    for line in _sign_ins(current()):
        click.echo(line)
