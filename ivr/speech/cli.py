"""`hotline ivr model`: which model the voice line listens with."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hotline import settings
from hotline.errors import NotStarted
from ivr.speech import installing, models
from ivr.speech.models import AUTO, EMBEDDED, OFFICIAL, SpeechModel


@click.group(short_help="语音识别模型")
def model() -> None:
    """语音识别模型：查看、安装、选用。"""


@model.command("list", short_help="本机和官方的模型")
def show() -> None:
    """列出本机和官方的模型；星号是正在使用的。"""
    site = settings.current()
    choice = models.chosen(site)
    for present in models.present(site):
        click.echo(_line(present, in_use=present == choice.model))
    if choice.model and choice.model not in models.present(site):
        click.echo(_line(choice.model, in_use=True))
    for refused, why in choice.refused:
        click.echo(f"✗ {refused.name:<10} 不能用：{why}")
    for official in OFFICIAL.values():
        if not (models.folder(site) / official.name).exists():
            click.echo(
                f"  {official.name:<10} 未安装，约 {official.megabytes} MB：{official.words}"
            )
    if choice.model is None:
        click.echo("没有可用的模型：语音线路只用按键。")


def _line(present: SpeechModel, *, in_use: bool) -> str:
    grammar = "支持词表" if present.takes_grammars else "只能自由识别"
    return f"{'*' if in_use else ' '} {present.name:<10} {present.version}，{grammar}"


@model.command(short_help="安装官方模型")
@click.argument("name", type=click.Choice(list(OFFICIAL)))
@click.option(
    "--from",
    "given",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="用已下载的 zip 文件，不联网",
)
@click.option("--sha256", help="压缩包的 SHA-256；也可用 HOTLINE_IVR_MODEL_SHA256 设置")
@click.option("--accept-unverified", is_flag=True, help="没有 SHA-256 也安装（自担风险）")
def install(name: str, given: Path | None, sha256: str | None, accept_unverified: bool) -> None:
    """下载并安装官方模型，或用 --from 安装已下载的文件。

    官方没有公布 SHA-256。请在可信的机器上下载一次，记下它的值，再用 --sha256 给出。
    """
    site, official = settings.current(), OFFICIAL[name]
    digest = sha256 or installing.expected(site, name)
    if not (digest or accept_unverified):
        raise NotStarted(
            "没有可核对的 SHA-256：请用 --sha256 给出，或加 --accept-unverified 明确接受。", 64
        )
    archive = given or installing.obtain(site, official, _progress)
    click.echo(f"{archive.name} 的 SHA-256：{installing.sha256(archive)}")
    if digest:
        installing.check(archive, digest)
    installed = installing.install(site, official, archive)
    if given is None:
        archive.unlink()
    click.echo(f"已安装 {installed.name}（{installed.path}）。重新启动语音线路后生效。")


def _progress(there: int, total: int | None) -> None:
    """One line that counts; on a file or a pipe only its last state matters."""
    if sys.stderr.isatty():
        share = f"，{100 * there / total:.0f}%" if total else ""
        click.echo(f"\r已下载 {there / 1_000_000:.1f} MB{share}", err=True, nl=there == total)


@model.command(short_help="选用模型")
@click.argument("name")
def use(name: str) -> None:
    """选用 auto（本机最好的）、cn、small-cn、embedded，或一个模型目录。"""
    site = settings.current()
    models.use(site, name)
    click.echo(f"已选用 {name}。重新启动语音线路后生效。")
    if name == EMBEDDED or (name == AUTO and len(models.present(site)) == 1):
        click.echo("提示：内置模型只供演示和测试。正式使用请安装官方模型。")
