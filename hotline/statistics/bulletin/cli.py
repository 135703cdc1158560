"""``hotline bulletin import | close | correct | render``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline.errors import Refused

if TYPE_CHECKING:
    from hotline.statistics.bulletin.outside import Import

CLERK = "命令行"


def _month(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", value):
        raise click.BadParameter("应为 YYYY-MM，例如 2020-04")
    return value


_of_month = click.option("--month", required=True, callback=_month, help="月份，YYYY-MM。")
_seen = click.option("--accept", multiple=True, metavar="CODE", help="确认一条提醒，可重复。")


@click.group()
def bulletin() -> None:
    """月报：导入外部数据、关账、更正、生成。"""


@bulletin.command("import")
@_of_month
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False,
                                                          path_type=Path))  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.option("--answer", multiple=True, metavar="KEY=CHOICE", help="回答一个疑问，可重复。")
@click.option("--as-printed", is_flag=True, help="没有回答的疑问一律照文件原样。")
def import_folder(
    month: str, folder: Path, dry_run: bool, answer: tuple[str, ...], as_printed: bool
) -> None:
    """导入一个月的外部数据（DIR 里的 CSV、XLSX 和 cumulative_bookings.txt）。

    有任何错误或没有回答的疑问，则什么也不写入，退出码 1。
    """
    from hotline.db import transaction
    from hotline.statistics.bulletin import outside
    from hotline.statistics.bulletin.closing import Closer

    files = {one.name: one.read_bytes() for one in folder.iterdir() if outside.is_sheet(one.name)}
    with transaction() as session:
        found = outside.check(session, month, files, _answers(answer), as_printed=as_printed)
        is_written = found.may_be_stored and not dry_run
        if is_written:
            outside.store(session, found, Closer(None, CLERK))
    _show(found, is_written=is_written)
    if not found.may_be_stored:
        raise SystemExit(1)


def _answers(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if any(not sign for _, sign, _ in pairs):
        raise click.BadParameter("应为 KEY=CHOICE", param_hint="--answer")
    return {key: choice for key, _, choice in pairs}


def _show(found: Import, *, is_written: bool) -> None:
    for sheet in found.sheets:
        click.echo(f"{sheet.source}：{sheet.kind.label}，{len(sheet.rows)} 行")
    for note in found.notes:
        click.echo(f"  {note}")
    for fault in found.faults:
        click.echo(f"  {fault}", err=True)
    for sheet, doubt in found.asked:
        where = f"第 {doubt.row} 行 " if doubt.row else ""
        click.echo(f"  {sheet.source} {where}{doubt.question}", err=True)
        for code, words in doubt.choices:
            click.echo(f"    --answer {doubt.key}={code}  {words}", err=True)
    click.echo(_outcome(found, is_written))


def _outcome(found: Import, is_written: bool) -> str:
    if found.faults:
        return f"有 {len(found.faults)} 处错误，未写入任何内容。"
    if found.asked:
        count = len(found.asked)
        return f"有 {count} 个疑问要回答（--answer，或全部照原样 --as-printed），未写入任何内容。"
    if not is_written:
        return "检查通过，未写入（--dry-run）。"
    same = f"，{len(found.unchanged)} 张与上次相同" if found.unchanged else ""
    return f"已导入 {len(found.stored)} 张表{same}。"


@bulletin.command("close")
@_of_month
@_seen
@click.option("--by", default=CLERK, help="谁关账。")
def close(month: str, accept: tuple[str, ...], by: str) -> None:
    """关账：冻结一个月的数字。必须一致的数对不上则不能关；提醒要逐条确认（--accept）。"""
    from hotline.db import still
    from hotline.statistics.bulletin import closing
    from hotline.statistics.bulletin.closing import Closer

    with still() as session:
        edition = closing.close(session, month, Closer(None, by), accept)
        click.echo(f"{month} 已关账，快照 {edition.digest[:12]}。")


@bulletin.command("correct")
@_of_month
@_seen
@click.option("--reason", required=True, help="更正的原因。")
@click.option("--by", default=CLERK, help="谁更正。")
def correct(month: str, accept: tuple[str, ...], reason: str, by: str) -> None:
    """更正：用现在的数字出一个编号的更正。"""
    from hotline.db import still
    from hotline.statistics.bulletin import closing
    from hotline.statistics.bulletin.closing import Closer

    with still() as session:
        edition = closing.correct(session, month, Closer(None, by), reason, accept)
        click.echo(f"{month} 更正 {edition.number}：{len(edition.changes)} 处变化。")
        for one in edition.changes:
            click.echo(f"  {one['name']}：{one['before']} → {one['after']}")


@bulletin.command("render")
@_of_month
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "formats", default="docx,xlsx,json,csv", help="逗号分隔。")
def render(month: str, out: Path, formats: str) -> None:
    """生成文件：已关账的用快照，没有关账的是草稿。"""
    from hotline.db import still
    from hotline.statistics.bulletin import outputs, published

    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    if unknown := [one for one in wanted if one not in outputs.FORMATS]:
        raise Refused("format_unknown", f"不认识的格式：{'、'.join(unknown)}。")
    with still() as session:
        edition = published.in_force(session, month)
    out.mkdir(parents=True, exist_ok=True)
    for one in wanted:
        _write(out, one, edition, outputs)


def _write(out: Path, wanted: str, edition: Any, outputs: Any) -> None:
    for name, body in outputs.files(edition, wanted):
        (out / name).write_bytes(body)
        click.echo(str(out / name))
