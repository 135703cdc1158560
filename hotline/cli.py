"""The `hotline` command. Subcommands are imported when they are called, so help is quick."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import click

from hotline.errors import NotStarted, Refused

# name -> where it is defined, and its line in the overview. Those of features that are not
# there yet do not show. ivr and workorders are named by path: we do not import them.
COMMANDS = {
    "up": ("hotline.commands.run:up", "在本机启动全部服务（内置数据库，默认演示数据）"),
    "web": ("hotline.commands.run:web", "只启动网页服务"),
    "worker": ("hotline.commands.run:worker", "只启动后台任务"),
    "ivr": ("ivr.cli:ivr", "语音线路"),
    "db": ("hotline.commands.database:db", "数据库：升级、备份、恢复"),
    "doctor": ("hotline.commands.checks:doctor", "检查设置、数据库、队列等，说明缺什么、怎么补"),
    "secrets": ("hotline.commands.checks:secrets", "生成一组新密钥"),
    "user": ("hotline.commands.people:user", "用户"),
    "token": ("hotline.commands.people:token", "接口令牌"),
    "keys": ("hotline.commands.people:keys", "加密密钥"),
    "classify": ("hotline.classification.cli:classify", "给文本分类并识别危机"),
    "calls": ("hotline.telephony.cli:calls", "通话记录"),
    "booking": ("hotline.booking.cli:booking", "预约挂号：导入号源"),
    "statistics": ("hotline.statistics.cli:statistics", "统计数据：核对与重建"),
    "bulletin": ("hotline.statistics.bulletin.cli:bulletin", "月报：导入、关账、生成"),
    "workorders": ("workorders.cli:workorders", "12345 工单"),
    "demo": ("hotline.demo.cli:demo", "演示数据"),
    "prepare": ("hotline.commands.run:prepare", ""),
}


class Overview(click.Group):
    """A group that knows its commands' names and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it
        """The commands that are there."""
        return [name for name, (path, line) in COMMANDS.items() if line and _exists(path)]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click calls it
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        path = COMMANDS.get(cmd_name, ("", ""))[0]
        if not path or not _exists(path):
            return None
        module, attribute = path.split(":")
        return _in_house(getattr(importlib.import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("命令"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


def _exists(path: str) -> bool:
    try:
        return find_spec(path.partition(":")[0]) is not None
    except ModuleNotFoundError:
        return False


def _in_house(command: click.Command) -> click.Command:
    """Give a command, and all below it, `--data-dir` and the house's log."""
    if not any(option.name == "data_dir" for option in command.params):
        command.params.append(_data_dir_option())
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _in_house(child)
    elif command.callback and not hasattr(command.callback, "__wrapped__"):
        command.callback = _with_log(command.callback)
    return command


def _data_dir_option() -> click.Option:
    return click.Option(
        ["--data-dir"],
        metavar="目录",
        expose_value=False,
        is_eager=True,
        callback=_remember_data_dir,
        help="数据目录（默认 ./var，也可用环境变量 HOTLINE_DATA_DIR）",
    )


def _remember_data_dir(_: click.Context, __: click.Parameter, value: str | None) -> None:
    if value:
        os.environ["HOTLINE_DATA_DIR"] = os.path.abspath(value)  # noqa: PTH100 - it may not exist


def _with_log(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Standard output belongs to the command; what is logged goes to standard error."""

    @functools.wraps(callback)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        from hotline import logs, settings

        logs.configure(settings.current(), sys.stderr, quiet=True)
        return callback(*arguments, **options)

    return wrapped


@click.group(
    cls=Overview,
    params=[_data_dir_option()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="hotline12320", message="%(version)s", help="版本")
def hotline() -> None:
    """12320 卫生热线。各命令的用法：hotline 命令 --help"""


def main() -> None:
    """Run the command; whatever says no says it in one sentence."""
    try:
        hotline(prog_name="hotline")
    except NotStarted as refusal:
        _leave(refusal.message, refusal.exit_code)
    except Refused as refusal:
        whys = (f"  {name}：{why}" for name, why in refusal.fields.items())
        _leave("\n".join([refusal.message, *(whys if len(refusal.fields) > 1 else ())]), 65)
    except Exception as error:
        if (sentence := _sentence(error)) is None:
            raise
        _leave(sentence, 69)


def _leave(sentence: str, code: int) -> None:
    click.echo(sentence, err=True)
    sys.exit(code)


def _sentence(error: Exception) -> str | None:
    """What to say of errors that are the surroundings' and not ours."""
    # by name: whoever raised it has imported it, and nobody else needs to
    kinds = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).__mro__}
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "sqlalchemy.OperationalError" in kinds:
        return f"连不上数据库：{first}\n请确认它在运行（hotline doctor 可检查）。"
    if "sqlalchemy.ProgrammingError" in kinds and "UndefinedTable" in first:
        return "数据库里还没有表，或结构太旧。请先运行 hotline db upgrade。"
    if "redis.RedisError" in kinds:
        return f"连不上 Redis：{first}\n请确认它在运行（hotline doctor 可检查）。"
    return None


if __name__ == "__main__":
    main()
