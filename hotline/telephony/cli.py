"""``hotline calls import FILE...``"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from hotline.errors import Refused
from hotline.telephony.files import MOST_FAULTS, Format, Report

LARGE_FILE_ROWS = 2000


@click.group()
def calls() -> None:
    """通话记录。"""


@calls.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.option(
    "--format",
    "given",
    type=click.Choice([each.value for each in Format]),
    help="文件格式；默认自动识别。",
)
def import_calls(paths: tuple[Path, ...], dry_run: bool, given: str | None) -> None:
    """导入 Asterisk 话单、queue_log 或通话记录表，可重复导入。

    一个文件有任何错误，则该文件不写入任何内容。退出码 1 表示有文件未导入。
    """
    failed = 0
    for path in paths:
        try:
            report = _import(path, dry_run, Format.known(given))
        except Refused as refusal:
            click.echo(f"{path}：{refusal.message}", err=True)
            failed += 1
            continue
        _show(report, dry_run)
        failed += bool(report.faults)
    if failed:
        raise SystemExit(1)


def _import(path: Path, dry_run: bool, given: Format | None) -> Report:
    from hotline.db import transaction
    from hotline.telephony.importing import import_file

    with ExitStack() as open_bars, transaction() as session:
        tell = _progress(path.name, open_bars)
        return import_file(session, path, given=given, dry_run=dry_run, tell=tell)


def _progress(name: str, open_bars: ExitStack) -> Callable[[int, int], None]:
    """A bar that appears with the first rows of a large file: before, it is being checked."""
    bars: list[Any] = []

    def tell(total: int, more: int) -> None:
        if not bars and total >= LARGE_FILE_ROWS:
            bars.append(open_bars.enter_context(click.progressbar(length=total, label=name)))
        for bar in bars:
            bar.update(more)

    return tell


def _show(report: Report, dry_run: bool) -> None:
    label = report.format.label if report.format else ""
    click.echo(f"{report.path}：{label} {report.encoding}".rstrip())
    for fault in report.faults:
        click.echo(f"  {fault}", err=True)
    for note in report.notes:
        click.echo(f"  {note}")
    for reason, count in report.skipped.items():
        click.echo(f"  略过 {count} 条：{reason}")
    click.echo("  " + _outcome(report, dry_run))


def _outcome(report: Report, dry_run: bool) -> str:
    if report.faults:
        more = "（只列出前 50 处）" if len(report.faults) >= MOST_FAULTS else ""
        return f"有 {len(report.faults)} 处错误{more}，未写入任何内容。"
    read = f"{report.rows} 行、{report.calls} 通来电"
    if dry_run:
        return f"检查通过：{read}。未写入（--dry-run）。"
    return f"已导入 {read}：新事件 {report.accepted} 个，此前已有 {report.duplicate} 个。"
