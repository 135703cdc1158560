"""``hotline classify``: texts on standard input, one JSON object a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date

import click


def _month(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        return value and date.fromisoformat(f"{value}-01").strftime("%Y-%m")
    except ValueError:
        raise click.BadParameter("月份写作 YYYY-MM，例如 2023-11") from None


def _lines() -> Iterator[str]:
    # Bytes, so that neither the terminal's locale nor a stray byte can stop a long run.
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace").removeprefix("\ufeff")


@click.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help='每行一个 {"text": …}；缺省时每行一段文字。')
@click.option("--month", callback=_month, help="按哪个月的分类口径，YYYY-MM，缺省为本月。")
def classify(text: str | None, jsonl: bool, month: str | None) -> None:
    """识别文字的类别、危机程度与就诊科室，每段输出一行 JSON。"""
    from hotline.classification.classify import classify_lines

    lines = _lines() if text is None else iter([text])
    for answer in classify_lines(lines, jsonl, month):
        click.echo(json.dumps(answer, ensure_ascii=False))
