"""``hotline statistics rebuild --month 2026-11``."""

from __future__ import annotations

import re

import click

from hotline.errors import Refused

MOST_NAMED = 10


@click.group()
def statistics() -> None:
    """统计数据。"""


@statistics.command()
@click.option("--month", "only", metavar="YYYY-MM", help="只核对一个月；默认本月。")
@click.option("--all", "every", is_flag=True, help="核对有来电的每一个月。")
@click.option("--check", is_flag=True, help="只核对，不更正。")
def rebuild(only: str | None, every: bool, check: bool) -> None:
    """用来电逐时重新统计，与平时累计的数核对；不符的更正并记入审计。

    可以在使用中运行。退出码 1 表示有不符。
    """
    if only and not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", only):
        raise Refused("month_invalid", "月份写成 2026-11 这样。")
    wrong = sum(not _rebuild(month, check) for month in _months(only, every))
    if wrong:
        raise SystemExit(1)


def _months(only: str | None, every: bool) -> list[str]:
    from hotline.clock import month_of, now
    from hotline.db import transaction
    from hotline.statistics.service import months

    if only or not every:
        return [only or month_of(now())]
    with transaction() as session:
        return months(session)


def _rebuild(month: str, check: bool) -> bool:
    from hotline.clock import local
    from hotline.db import transaction
    from hotline.statistics import tallies

    with transaction() as session:
        found = (tallies.compare if check else tallies.rebuild)(session, month)
    if found.is_equal:
        click.echo(f"{month}：{found.calls:,} 通来电，全部相符。")
        return True
    done = "" if check else "，已更正"
    click.echo(f"{month}：{found.calls:,} 通来电，{len(found.differences)} 处不符{done}。")
    for one in found.differences[:MOST_NAMED]:
        off = "，".join(f"{name} 差 {count:+,}" for name, count in one.off.items())
        click.echo(f"  {local(one.hour):%m-%d %H 时} {one.place}：{off}")
    return False
