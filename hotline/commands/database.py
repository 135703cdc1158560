"""Commands for the database: bring it up to date, back it up, restore it."""

from __future__ import annotations

from pathlib import Path

import click

from hotline import settings

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(short_help="数据库")
def db() -> None:
    """数据库：升级结构、备份、恢复。"""


@db.command()
def upgrade() -> None:
    """把数据库结构升级到最新。可以重复运行。"""
    from hotline import migrate
    from hotline.db import engine
    from hotline.embedded.borrow import database_running

    with database_running(settings.current()):
        with engine().connect() as connection:
            applied = migrate.upgrade(connection, lambda step: click.echo(f"升级 {step}"))
        engine().dispose()
    click.echo("已是最新。" if not applied else f"完成，当前 {applied[-1]}。")


@db.command()
@click.argument("file", type=FILE, metavar="文件")
def backup(file: Path) -> None:
    """把数据库和附件备份到一个文件。备份期间系统可以照常使用。

    备份不含密钥：secrets.json（或 HOTLINE_* 密钥设置）须另行保存，没有它们就读不出号码等内容。
    文件里的来电记录是明文，请加密后再离开本机。
    """
    from hotline.backup.service import save
    from hotline.embedded.borrow import database_running

    site = settings.current()
    with database_running(site):
        save(site, file)
    click.echo(f"已备份到 {file}（{file.stat().st_size / 1_000_000:.1f} MB）。")
    click.echo("密钥不在备份里，请另行保存（说明见 docs/production.md）。")


@db.command()
@click.argument("file", type=FILE, metavar="文件")
@click.option("--force", is_flag=True, help="替换现有的全部数据")
def restore(file: Path, force: bool) -> None:
    """用备份文件替换数据库和附件。要么全部完成，要么什么都不变。

    请先停止网页和后台任务（hotline up 可以停着）。
    """
    from hotline.backup.service import restore as run
    from hotline.embedded.borrow import database_running

    site = settings.current()
    with database_running(site):
        run(site, file, click.echo, force=force)
