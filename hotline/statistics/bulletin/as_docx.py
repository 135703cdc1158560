"""A month in the bulletin's form, as a Word document."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document

from hotline.clock import local
from hotline.statistics.bulletin import docx_parts as parts
from hotline.statistics.bulletin import docx_table
from hotline.statistics.bulletin.comparing import says_anything
from hotline.statistics.bulletin.layouts import WITHOUT
from hotline.statistics.bulletin.published import Edition
from hotline.statistics.bulletin.tabular import Grid, grid, side_by_side

WIDTH = 16.0  # cm between the margins
# A digit takes half its height; cm at the sizes of ``docx_table``, and both margins of a cell.
DIGIT, DIGIT_NARROW, MARGINS = 0.186, 0.159, 0.3
SIDES = ["left", "right", "right"]
PLATFORM = ("platform_districts", "platform_hospitals")
NAME_WEIGHTS = {"单位": 5.2, "名称": 4.4, "接入单位": 4.4}
DRAFT = "草稿：本月尚未关账，数字可能变化"


def as_bytes(edition: Edition) -> bytes:
    """The document."""
    document = docx.Document()
    parts.set_page(document)
    parts.page_numbers(document)
    made = edition.snapshot
    _describe(document, edition)
    _head(document, edition)
    for text in _opening(made):
        parts.line(document, text, indent=True)
    _booking(document, made)
    _remote(document, made)
    _outside(document, made)
    _compared(document, made)
    _corrections(document, edition)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _describe(document: Document, edition: Edition) -> None:
    about = document.core_properties
    about.title, about.author = edition.snapshot["title"], f"{edition.snapshot['city']}12320"
    about.language = "zh-CN"
    about.comments = DRAFT if edition.is_draft else f"第 {edition.number} 版"
    parts.head_of_pages(document, DRAFT if edition.is_draft else edition.snapshot["title"])


def _head(document: Document, edition: Edition) -> None:
    """The issue: title, number and date over a red rule."""
    made, year = edition.snapshot, edition.month[:4]
    parts.line(document, f"{made['city']}12320卫生热线", name=parts.SONG, points=30, bold=True,
               align=parts.CENTRE, colour=parts.RED)  # fmt: skip
    day = local(edition.closed_at) if edition.closed_at else None
    date = f"{day.year}年{day.month}月{day.day}日" if day else "草稿"
    parts.rule_below(parts.both_ends(document, f"{year}年{edition.issue}", date))
    if edition.number:
        parts.line(document, f"（更正第{edition.number}号）", points=14, align=parts.CENTRE)
    parts.line(document, made["title"], name=parts.SONG, points=20, bold=True, align=parts.CENTRE,
               before=14, after=10, level=0)  # fmt: skip


def _opening(made: dict[str, Any]) -> Iterator[str]:
    """The paragraphs before the tables."""
    later = {made["cumulative_text"], *made["remote"]}
    yield from (text for text in made["text"] if text not in later)


def _title(document: Document, text: str) -> None:
    parts.line(document, text, name=parts.HEAD, points=16, align=parts.CENTRE, keep=True, before=12,
               after=6, level=1)  # fmt: skip


def _month(made: dict[str, Any]) -> str:
    return f"{made['month'][:4]}年{int(made['month'][5:])}月"


def _booking(document: Document, made: dict[str, Any]) -> None:
    if table := made["tables"].get("booking_by_hospital"):
        _title(document, f"{_month(made)}{table['title']}")
        _print(document, grid(table))
        if made["cumulative_text"]:
            parts.line(document, made["cumulative_text"], points=14, indent=True)
    if table := made["tables"].get("online_channels"):
        _title(document, f"{_month(made)}{table['title']}")
        parts.line(document, WITHOUT, points=10.5, align=parts.CENTRE, keep=True, after=4)
        _print(document, side_by_side(grid(table)))


def _remote(document: Document, made: dict[str, Any]) -> None:
    if not made["remote"]:
        return
    _title(document, made["remote_title"])
    for text in made["remote"]:
        if not text.startswith("（"):
            parts.line(document, text, indent=True)


def _outside(document: Document, made: dict[str, Any]) -> None:
    for name in (*PLATFORM, "terminals"):
        if table := made["tables"].get(name):
            _title(document, f"{_month(made)}{table['title']}")
            _print(document, grid(table, with_totals=name not in PLATFORM))
        if name == PLATFORM[-1]:
            for text in (one for one in made["remote"] if one.startswith("（")):
                parts.line(document, text, points=14, indent=True)


def _compared(document: Document, made: dict[str, Any]) -> None:
    """Month-on-month and year-on-year, with a word where they would mislead."""
    if not says_anything(made["compared"]):
        return
    before, year = made["compared"]["before"], made["compared"]["year"]
    rows = [
        [one["label"], str(one["value"]), _beside(one), _beside(other)]
        for one, other in zip(before["figures"], year["figures"], strict=True)
    ]
    _title(document, "环比与同比")
    heads = ["项目", _month(made), f"环比（{before['month']}）", f"同比（{year['month']}）"]
    docx_table.add(document, heads, rows, ["left", *["right"] * 3], [5.5, 3, 3.75, 3.75])


def _beside(one: dict[str, Any]) -> str:
    return one["note"] if one["change"] is None else f"{one['change']:+.1%}"


def _corrections(document: Document, edition: Edition) -> None:
    if not edition.corrections:
        return
    _title(document, "更正说明")
    for one in edition.corrections:
        day = local(one.closed_at)
        said = f"第{one.number}号（{day:%Y-%m-%d}，{one.closed_by}）：{one.reason}"
        parts.line(document, said, points=14, indent=True, keep=True)
        rows = [[c["name"], c["before"] or "无", c["after"] or "无"] for c in one.changes]
        docx_table.add(document, ["数字", "原来", "更正为"], rows, SIDES, [8, 4, 4])


def _print(document: Document, given: Grid) -> None:
    sides = [_side(head, one) for head, one in zip(given.heads, given.numbers, strict=True)]
    docx_table.add(
        document, given.heads, given.written, sides, _widths(given), bold_last=given.has_totals
    )


def _side(head: str, is_number: bool) -> str:
    if head == "序号":
        return "center"
    return "right" if is_number else "left"


def _widths(given: Grid) -> list[float]:
    """Number columns narrow, names wide; no number is broken: the widest gives what it takes."""
    weights = [
        _weight(head, number) for head, number in zip(given.heads, given.numbers, strict=True)
    ]
    widths = [WIDTH * weight / sum(weights) for weight in weights]
    widest = widths.index(max(widths))
    digit = DIGIT_NARROW if len(widths) >= docx_table.NARROW_FROM else DIGIT
    for place, is_number in enumerate(given.numbers):
        longest = max((len(row[place]) for row in given.written if is_number), default=0)
        more = max(0.0, longest * digit + MARGINS - widths[place])
        widths[place] += more
        widths[widest] -= more
    return widths


def _weight(head: str, is_number: bool) -> float:
    if head == "序号":
        return 1.2
    return 2.0 if is_number else NAME_WEIGHTS.get(head, 3.2)
