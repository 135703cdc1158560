"""Commands that run something until they are stopped."""

from __future__ import annotations

import os

import click

from hotline import settings


@click.command(short_help="启动全部服务")
@click.option("--port", type=click.IntRange(1, 65535), help="网页服务端口（默认 8320）")
@click.option("--host", help="网页服务监听的地址（默认 127.0.0.1，只有本机能访问）")
@click.option("--no-demo", is_flag=True, help="不要演示数据：正式使用，或从空白开始")
def up(port: int | None, host: str | None, no_demo: bool) -> None:
    """在本机启动全部服务：数据库、队列、网页、后台任务。按 Ctrl-C 停止。

    没有设置数据库和 Redis 地址时使用内置的，数据都在数据目录里。
    """
    os.environ["HOTLINE_DEMO"] = "0" if no_demo else "1"
    for name, value in (("PORT", port), ("HOST", host)):
        if value is not None:
            os.environ[f"HOTLINE_{name}"] = str(value)
    settings.current.cache_clear()
    site = settings.current()
    os.environ["HOTLINE_DATA_DIR"] = str(site.data_dir.absolute())  # for the processes we start
    from hotline.up import run

    run(site, click.echo)


@click.command(short_help="网页服务")
def web() -> None:
    """只启动网页服务（gunicorn）。"""
    from hotline.processes.web import run

    run(settings.current())


@click.command(short_help="后台任务")
@click.option("--processes", type=click.IntRange(1, 32), help="任务进程数（默认按设置）")
def worker(processes: int | None) -> None:
    """只启动后台任务和定时任务。"""
    from hotline.worker import run

    run(processes)


@click.command(hidden=True)
def prepare() -> None:
    """What `hotline up` needs done before anything serves."""
    from hotline.commands.preparation import prepare as run

    run(settings.current(), lambda sentence: click.echo(f"    {sentence}"))
