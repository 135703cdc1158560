"""A snapshot's tables as grids of written cells, for documents, pages and workbooks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hotline.statistics.bulletin.cells import money
from hotline.statistics.bulletin.rules import TOTAL, Cell

NUMERIC = ("count", "money", "days", "number")


@dataclass(frozen=True)
class Grid:
    """Heads and rows; ``cells`` are numbers still (yuan for money), ``written`` what is printed."""

    heads: list[str]
    cells: list[list[Cell | float]]
    written: list[list[str]]
    numbers: list[bool]
    formats: list[str]
    has_totals: bool


def grid(table: dict[str, Any], *, with_totals: bool = True) -> Grid:
    """A table of a snapshot, its rows numbered where the form numbers them, 合计 last."""
    fields = table["fields"]
    rows = [_numbered(fields, row, place) for place, row in enumerate(table["rows"], 1)]
    if with_totals:
        rows.append(_total(fields, table["totals"]))
    return Grid(
        [one["label"] for one in fields],
        [[_number(one, cell) for one, cell in zip(fields, row, strict=True)] for row in rows],
        [[_write(one, cell) for one, cell in zip(fields, row, strict=True)] for row in rows],
        [one["holds"] in NUMERIC for one in fields],
        ["#,##0.00" if one["holds"] == "money" else "#,##0" for one in fields],
        with_totals,
    )


def _numbered(fields: list[dict[str, Any]], row: list[Cell], place: int) -> list[Cell]:
    return [place, *row[1:]] if fields[0]["holds"] == "number" else row


def _total(fields: list[dict[str, Any]], totals: list[Cell]) -> list[Cell]:
    return [TOTAL, "", *totals[2:]] if fields[0]["holds"] == "number" else totals


def _number(one: dict[str, Any], cell: Cell) -> Cell | float:
    return cell / 100 if one["holds"] == "money" and isinstance(cell, int) else cell


def _write(one: dict[str, Any], cell: Cell) -> str:
    return money(cell) if one["holds"] == "money" and isinstance(cell, int) else str(cell)


def side_by_side(given: Grid) -> Grid:
    """The rows in two column groups, the left one first, 合计 below both."""
    rows = given.written[:-1] if given.has_totals else given.written
    half = (len(rows) + 1) // 2
    empty = [""] * len(given.heads)
    made = [
        [*rows[place], *(rows[half + place] if half + place < len(rows) else empty)]
        for place in range(half)
    ]
    if given.has_totals:
        made.append([TOTAL, *empty, *given.written[-1][1:]])
    return Grid(
        given.heads * 2, [], made, given.numbers * 2, given.formats * 2, given.has_totals
    )  # fmt: skip
