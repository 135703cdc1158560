"""``hotline calls import FILE...``"""

from __future__ import annotations

from pathlib import Path

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

    with transaction() as session:
        if dry_run:
            return import_file(session, path, given=given, dry_run=True)
        rows = import_file(session, path, given=given, dry_run=True).rows
        is_small = rows < LARGE_FILE_ROWS
        with click.progressbar(length=rows, label=path.name, hidden=is_small) as bar:
            return import_file(session, path, given=given, tell=bar.update)


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
