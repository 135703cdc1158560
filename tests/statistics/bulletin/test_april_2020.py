"""The published bulletin of 2020-04 comes out of events of its volume, word for word."""

from __future__ import annotations

import csv
import json

import pytest

from hotline.errors import Refused
from hotline.statistics.bulletin import as_json, closing, outside, published
from tests.statistics.bulletin import april

MONTH = "2020-04"


@pytest.fixture
def month(session):
    """The whole of April: calls, bookings, orders, sheets."""
    april.fill_orders(session, april.ORDERS)
    april.fill_calls(session, april.CATEGORIES)
    april.fill_bookings(session, april.by_telephone())
    april.bring_in(session, MONTH, april.files())
    return session


def published_text() -> list[str]:
    lines = (april.FOLDER / "text.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "<!--"))]


def test_text_and_tables_are_as_published_and_the_four_fen_are_found(month):
    with pytest.raises(Refused, match=r"缴费金额.*差 -0.04") as refusal:
        closing.close(month, MONTH, april.CLERK)
    assert (refusal.value.code, list(refusal.value.fields)) == ("not_seen", ["terminals"])
    closing.close(month, MONTH, april.CLERK, ["terminals"])
    made = as_json.published(published.in_force(month, MONTH))
    assert made["text"] == published_text()
    for name, table in made["tables"].items():
        _assert_as_published(name, table)
    failing = [one for one in made["identities"] if not one["holds"]]
    assert [(one["kind"], one["difference"]) for one in failing] == [("soft", -0.04)]
    assert "缴费金额" in failing[0]["name"]
    assert made["headline"] == {"total": 136783, **april.CATEGORIES}
    assert made["orders"] == april.ORDERS | {"self": 0}
    assert json.loads(as_json.as_bytes(published.in_force(month, MONTH))) == made
    _assert_comes_in_again(month)


def _assert_comes_in_again(month):
    """What goes out as CSV is what the import reads."""
    edition = published.in_force(month, MONTH)
    given = {n: b for n, b in as_json.csv_files(edition) if not n.startswith("headline")}
    again = outside.check(month, MONTH, given, {}, as_printed=True)
    assert again.faults == []
    kept = {sheet.kind.value: sheet.rows for sheet in again.sheets}
    for name, table in edition.snapshot["tables"].items():
        assert kept[name] == table["rows"]


def _assert_as_published(name, table):
    text = (april.FOLDER / f"{name}.csv").read_text(encoding="utf-8-sig")
    given = list(csv.reader(text.splitlines()))
    numbered = given[0][0] == "序号"
    assert table["columns"] == given[0][numbered:]
    rows = [row[numbered:] for row in given[1:] if "合计" not in row[:2]]
    assert [[_written(cell) for cell in row] for row in table["rows"]] == rows
    if "合计" in given[-1]:
        totals = ["合计", *given[-1][1 + numbered :]]
        assert [_written(cell) for cell in table["totals"]] == totals


def _written(cell) -> str:
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)
