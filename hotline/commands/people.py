"""Commands for accounts: people, tokens of machines, encryption keys."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from hotline.db import engine, transaction

ROLES = ["agent", "counsellor", "supervisor", "manager", "admin"]
SCOPES = ["telephony", "calls", "booking", "workorders", "statistics", "all"]


@click.group(short_help="用户")
def user() -> None:
    """用户。"""


@user.command()
@click.argument("username", metavar="用户名")
@click.option("--role", type=click.Choice(ROLES), required=True, help="角色")
@click.option("--name", default="", metavar="姓名", help="姓名（默认同用户名）")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码（默认生成一个一次性密码）")
def create(username: str, role: str, name: str, password_stdin: bool) -> None:
    """新建用户。生成的密码只显示一次，首次登录须修改。"""
    from hotline.agents.rules import Role
    from hotline.agents.service import create_person

    chosen = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with transaction() as session:
        _, password = create_person(session, username, Role(role), name or username, chosen)
    click.echo(f"已新建 {username}（{Role(role).label}）。")
    if chosen is None:
        click.echo(f"一次性密码：{password}")


@click.group(short_help="接口令牌")
def token() -> None:
    """接口令牌。"""


@token.command("create")
@click.option("--role", type=click.Choice([*ROLES, "integration"]), default="integration")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True)
@click.option("--name", default="命令行", metavar="名称", help="用途，便于日后辨认")
@click.option("--days", type=click.IntRange(1, 3650), help="有效天数（默认长期）")
@click.option("--channel", "channels", multiple=True, metavar="渠道",
              help="限定预约渠道（代码或名称，可重复）")  # fmt: skip
@click.option("--hospital", "hospitals", multiple=True, metavar="医院",
              help="限定医院（编号、名称或简称；整个城市写 城市:南京；可重复）")  # fmt: skip
def create_token(
    role: str,
    scopes: tuple[str, ...],
    name: str,
    days: int | None,
    channels: tuple[str, ...],
    hospitals: tuple[str, ...],
) -> None:
    """新建接口令牌。令牌写到标准输出，只显示这一次。

    限定了渠道或医院的令牌，只能看到和办理自己渠道、自己医院的预约。
    """
    from hotline.agents import tokens
    from hotline.agents.rules import Role, Scope
    from hotline.booking import binding

    with transaction() as session:
        wanted = [Scope(scope) for scope in scopes]
        row, secret = tokens.create_token(session, name, Role(role), wanted, days=days)
        binding.bind(session, row.key, binding.read(session, channels, hospitals))
    click.echo(secret)


@click.group(short_help="加密密钥")
def keys() -> None:
    """加密密钥。"""


@keys.command()
def rotate() -> None:
    """把旧密钥加密的内容改用编号最大的密钥重新加密。可以中断后再运行。

    先在 HOTLINE_ENCRYPTION_KEYS 里加一个编号更大的密钥并重启，再运行本命令，完成后去掉旧密钥。
    """
    from hotline.keys import rotate as run

    _import_all_tables()
    count = run(lambda column, done: click.echo(f"  {column} {done}"))
    engine().dispose()
    click.echo(f"完成，共 {count} 项。")


def _import_all_tables() -> None:
    """The application knows every table: building it imports them all."""
    import_module("hotline.processes.web").application()
