"""`hotline ivr corrections`: what supervisors have corrected, as data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click


@click.group(short_help="班长校对过的话")
def corrections() -> None:
    """班长在“听错待校”里写下的话，供训练和测试语音模型。"""


@corrections.command("export", short_help="导出录音片段和实际说的话")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="从哪天校的（默认最早）")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="到哪天校的（默认今天）")
def export(directory: Path, first: datetime | None, last: datetime | None) -> None:
    """把校过的话写到空目录 DIR：每段一个 WAV，corrections.jsonl 一行一段。

    不含问证件、姓名、手机号、就诊人时的回答，不含保密来电和有危机警报的来电，不含话里有数字的，
    也不含录音已过保留期的。导出记入审计；导出的文件不受保留期约束，用完请删除。
    """
    from hotline.db import transaction
    from ivr import corrections as data

    with transaction() as session:
        done = data.export(session, directory, first, last)
    click.echo(f"已写出 {done.written} 段到 {directory}。")
    for why, count in done.left_out.items():
        click.echo(f"  未写出 {count} 段：{why}。")
