"""A month as the published JSON and the CSV files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hotline.booking.exporting import as_csv
from hotline.statistics.bulletin.cells import money
from hotline.statistics.bulletin.published import Edition
from hotline.statistics.bulletin.rules import Cell

HEADLINE = "headline"


def published(edition: Edition) -> dict[str, Any]:
    """The object of the contract; money in yuan."""
    made = edition.snapshot
    return {
        "month": made["month"],
        "layout": made["layout"],
        "closed": not edition.is_draft,
        "edition": edition.number,
        "closed_at": edition.closed_at.isoformat() if edition.closed_at else None,
        "closed_by": edition.closed_by or None,
        "category_set": made["category_set"],
        "headline": made["headline"],
        "apart": made["apart"],
        "orders": made["orders"],
        "province": made["province"],
        "province_total": made["province_total"],
        "cumulative": made["cumulative"],
        "tables": {name: _table(table) for name, table in made["tables"].items()},
        "identities": [_identity(one) for one in made["identities"]],
        "text": made["text"],
        "compared": made["compared"],
        "charts": made["charts"],
        "provenance": made["provenance"],
        "corrections": [_correction(one) for one in edition.corrections],
    }


def _table(table: dict[str, Any]) -> dict[str, Any]:
    kept = [place for place, one in enumerate(table["fields"]) if one["holds"] != "number"]
    return {
        "columns": [table["fields"][place]["label"] for place in kept],
        "rows": [[_cell(table, place, row[place]) for place in kept] for row in table["rows"]],
        "totals": [_cell(table, place, table["totals"][place]) for place in kept],
    }


def _cell(table: dict[str, Any], place: int, cell: Cell) -> Cell | float:
    if isinstance(cell, int) and table["fields"][place]["holds"] == "money":
        return cell / 100
    return cell


def _identity(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("name", "kind", "holds", "known", "difference")}


def _correction(one: Any) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.closed_at.isoformat(),
        "by": one.closed_by,
        "reason": one.reason,
        "changes": one.changes,
    }


def as_bytes(edition: Edition) -> bytes:
    """The JSON file."""
    return (json.dumps(published(edition), ensure_ascii=False, indent=1) + "\n").encode()


def csv_files(edition: Edition) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each table as the import of a month knows it, and of the headline."""
    made = edition.snapshot
    for name, table in made["tables"].items():
        yield f"{name}.csv", _csv(_lines(table))
    if len(made["province"]) > 1:
        cities = [[one["city"], one["calls"]] for one in made["province"]]
        yield "province_calls.csv", _csv([["城市", "人次"], *cities])
    rows = [[code, number] for code, number in made["headline"].items()]
    rows += [[f"orders_{by}", number] for by, number in made["orders"].items()]
    yield f"{HEADLINE}.csv", _csv([["项目", "数量"], *rows])


def _lines(table: dict[str, Any]) -> list[list[Any]]:
    fields = table["fields"]
    has_number = fields[0]["holds"] == "number"
    lines = [[one["label"] for one in fields]]
    for number, row in enumerate(table["rows"], 1):
        cells = [_written(one, cell) for one, cell in zip(fields, row, strict=True)]
        lines.append([number, *cells[1:]] if has_number else cells)
    totals = [_written(one, cell) for one, cell in zip(fields, table["totals"], strict=True)]
    return [*lines, ["合计", "", *totals[2:]] if has_number else totals]


def _written(field: dict[str, Any], cell: Cell) -> Cell:
    if isinstance(cell, int) and field["holds"] == "money":
        return money(cell)
    return cell


def _csv(rows: list[list[Any]]) -> bytes:
    return "".join(as_csv([rows])).encode()
