"""``hotline booking import FILE...`` and ``export``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.errors import Refused

if TYPE_CHECKING:
    from sqlmodel import Session

    from hotline.booking.sheet import ImportReport, Line

MOST_NAMED = 10


@click.group()
def booking() -> None:
    """预约挂号。"""


@booking.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
def import_files(paths: tuple[Path, ...], dry_run: bool) -> None:
    """导入医院、排班（号源）、规则，CSV 或 XLSX，可重复导入。

    一个文件有任何错误，则该文件不写入任何内容。退出码 1 表示有文件未导入。
    """
    read, failed = _read_all(paths)
    if dry_run:
        failed += _try(read)
    else:
        failed += sum(not _write(report, lines) for report, lines in read)
    if failed:
        raise SystemExit(1)


def _read_all(paths: tuple[Path, ...]) -> tuple[list[tuple[ImportReport, list[Line]]], int]:
    """What can be read, hospitals before schedules before rules; how many cannot."""
    from hotline.booking import sheet

    read, failed = [], 0
    for path in paths:
        try:
            read.append(sheet.read(path))
        except Refused as refusal:
            click.echo(f"{path}：{refusal.message}", err=True)
            failed += 1
    order = list(sheet.Kind)
    return sorted(read, key=lambda each: order.index(each[0].kind or order[0])), failed


class _Undo(Exception):
    """Leave nothing behind."""


def _write(report: ImportReport, lines: list[Line]) -> bool:
    from hotline.db import transaction

    try:
        with transaction() as session:
            _import(session, report, lines)
    except _Undo:
        pass
    _show(report, dry_run=False)
    return not report.faults


def _try(read: list[tuple[ImportReport, list[Line]]]) -> int:
    """Import everything for real, look at it, and undo it; how many files have faults."""
    from hotline.db import transaction

    try:
        with transaction() as session:
            for report, lines in read:
                _try_one(session, report, lines)
            raise _Undo
    except _Undo:
        pass
    for report, _ in read:
        _show(report, dry_run=True)
    return sum(bool(report.faults) for report, _ in read)


def _try_one(session: Session, report: ImportReport, lines: list[Line]) -> None:
    try:
        with session.begin_nested():
            _import(session, report, lines)
    except _Undo:
        session.expunge_all()


def _import(session: Session, report: ImportReport, lines: list[Line]) -> None:
    from hotline.booking.importing import import_lines

    if not report.faults:
        import_lines(session, report, lines)
    if report.faults:
        raise _Undo


def _show(report: ImportReport, *, dry_run: bool) -> None:
    label = report.kind.label if report.kind else ""
    click.echo(f"{report.path}：{label} {report.encoding}".rstrip())
    for fault in report.faults:
        click.echo(f"  {fault}", err=True)
    for note in report.notes:
        click.echo(f"  {note}")
    for what, names in report.created.items() if not report.faults else ():
        more = f" 等 {len(names)} 个" if len(names) > MOST_NAMED else ""
        click.echo(f"  新建{what}：{'、'.join(names[:MOST_NAMED])}{more}")
    click.echo("  " + _outcome(report, dry_run))


def _outcome(report: ImportReport, dry_run: bool) -> str:
    if report.faults:
        return f"有 {len(report.faults)} 处错误，未写入任何内容。"
    if dry_run:
        return f"检查通过：{report.rows} 行。未写入（--dry-run）。"
    changed = f"，更新 {report.duplicate} 行" if report.duplicate else ""
    return f"已导入 {report.rows} 行：新增 {report.accepted} 行{changed}。"


@booking.command("export")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="从哪天（默认今天）")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="到哪天（默认 14 天后）")
@click.option("--hospital", help="医院名称或编号（默认全部）")
def export_slots(first: date | None, last: date | None, hospital: str | None) -> None:
    """把号源写到标准输出（CSV，表头与导入相同，另加“已约”）。"""
    from hotline.booking.exporting import pieces
    from hotline.db import transaction

    with transaction() as session:
        for piece in pieces(session, first, last, hospital):
            click.echo(piece, nl=False)
