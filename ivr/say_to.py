"""`hotline ivr say-to`: call the voice line with files, and see what it made of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from hotline import logs, settings
from hotline.calls.models import CallTurn
from hotline.db import transaction
from hotline.errors import NotStarted
from ivr.caller import Answer, FileCaller, Manner, percentile
from ivr.media import wav

KEYS = "dtmf:"


@click.command("say-to", short_help="用录音文件打电话")
@click.option("--wav", "first", multiple=True, required=True, metavar="FILE...", help="依次说的话")
@click.argument("more", nargs=-1)
@click.option("--caller", default="13800000000", show_default=True, help="来电号码")
@click.option("--host", default="127.0.0.1", show_default=True, help="语音线路的地址")
@click.option("--calls", default=1, type=click.IntRange(1, 500), help="同时打几通")
@click.option("--think", default=0.5, type=click.FloatRange(0, 30), help="听完提示后想几秒")
@click.option("--patience", default=15.0, type=click.FloatRange(1, 300), help="等几秒没声就挂断")
@click.option("--longest", default=300.0, type=click.FloatRange(5, 3600), help="最多打几秒")
def say_to(
    first: tuple[str, ...],
    more: tuple[str, ...],
    caller: str,
    host: str,
    calls: int,
    think: float,
    patience: float,
    longest: float,
) -> None:
    """用录音文件给语音线路打电话：每次等提示说完再放下一个文件，最后报告每一轮和结果。

    文件是 WAV（PCM、A 律、μ 律）；写成 dtmf:12# 的是按键。
    """
    site = settings.current()
    logs.configure(site, quiet=True)
    answers = [_answer(name) for name in (*first, *more)]
    callers = [
        FileCaller(host, site.ivr_agi_port, site.ivr_audiosocket_port, caller, answers,
                   Manner(think=think, patience=patience, longest=longest))
        for _ in range(calls)
    ]  # fmt: skip
    try:
        asyncio.run(_all(callers))
    except OSError as error:
        raise NotStarted(f"语音线路没有应答（{host}）：{error}。请先启动 hotline up。") from None
    for one in callers:
        for line in _told(one):
            click.echo(line)
    for line in _measured(callers):
        click.echo(line)


async def _all(callers: Sequence[FileCaller]) -> None:
    await asyncio.gather(*(one.call() for one in callers))


def _answer(name: str) -> Answer:
    if name.startswith(KEYS):
        keys = name.removeprefix(KEYS)
        if not keys or set(keys) - set("0123456789*#"):
            raise click.BadParameter(f"{name}：按键只能是 0-9、* 和 #。")
        return Answer(name, keys=keys)
    try:
        return Answer(name, wav.read(Path(name)))
    except OSError as error:
        raise click.BadParameter(f"读不了 {name}：{error.strerror}。") from None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _told(one: FileCaller) -> Iterator[str]:
    """The call's turns as the records have them, and where it went on."""
    yield f"来电 {one.uuid or '（未接入）'}"
    for turn in _turns(one.uuid):
        yield f"{turn.position:>3}. [{turn.expects or ''}] {turn.prompt or ''}"
        yield f"     听到：{turn.heard or '（无）'}  →  {turn.outcome or ''}"
        if turn.slots:
            slots = json.loads(turn.slots)
            yield "     已知：" + "，".join(f"{name}={value}" for name, value in slots.items())
    left = "" if one.given == len(one.answers) else f"（只放了 {one.given} 个）"
    yield f"结果：{one.goes_on or '主叫挂断'}{left}"


def _turns(uuid: str) -> list[CallTurn]:
    try:
        with transaction() as session:
            asked = select(CallTurn).where(CallTurn.call_uid == uuid)
            return list(session.exec(asked.order_by(col(CallTurn.position))))
    except (SQLAlchemyError, NotStarted):
        click.echo("（读不到数据库，看不到每一轮的内容）", err=True)
        return []


def _measured(callers: Sequence[FileCaller]) -> Iterator[str]:
    hearings = [one.hearing for one in callers if one.hearing.arrivals]
    firsts = [h.first_sound - h.since for h in hearings if h.first_sound]
    waits = [wait for h in hearings for wait in h.waits]
    gaps = [gap for h in hearings for gap in h.gaps]
    yield f"首个声音：{_spread(firsts)}"
    yield f"答后等待：{_spread(waits)}"
    yield f"帧间隔：  {_spread(gaps)}"


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "没有"
    p50, p95, p99 = (percentile(values, share) * 1000 for share in (0.5, 0.95, 0.99))
    most = max(values) * 1000
    return f"p50 {p50:.0f} ms，p95 {p95:.0f} ms，p99 {p99:.0f} ms，最长 {most:.0f} ms"
