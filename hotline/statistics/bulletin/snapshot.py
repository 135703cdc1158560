"""Everything a month's documents are made of, as one JSON object.

An open month has one too, made anew each time; closing keeps it. Money is in fen.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlmodel import Session, col, select

from hotline.booking.month_layouts import layout_of
from hotline.classification.vocabulary import set_version
from hotline.statistics.bulletin import (
    charts,
    checking,
    collecting,
    comparing,
    sheets,
    small_cells,
    wording,
)
from hotline.statistics.bulletin.checking import Check
from hotline.statistics.bulletin.figures import Key, Month, flat
from hotline.statistics.bulletin.models import BulletinEdition
from hotline.statistics.bulletin.rules import Table
from hotline.statistics.headline import RULE as HEADLINE_RULE

VERSION = 1


def of(session: Session, month: str) -> tuple[dict[str, Any], list[Check]]:
    """A month's snapshot as it is now, and its identities with the figures in them."""
    found = collecting.collect(session, month)
    checks = checking.check(found)
    made = figures_of(found) | {
        "identities": [one.as_json for one in checks],
        "charts": charts.collect(session, month),
    }
    made["trend"] = _trend(session, month)
    made["provenance"] = _provenance(session, found, made)
    for name, other in zip(("before", "year"), comparing.earlier_months(month), strict=True):
        edition = collecting.edition_in_force(session, other)
        then = edition.snapshot if edition else None
        made["compared"] = made.get("compared", {}) | {
            name: {"month": other, "figures": comparing.compare(made, then, other)}
        }
    return made, checks


def figures_of(found: Month) -> dict[str, Any]:
    """What is said and shown of a month, without what is drawn, checked and compared."""
    return {
        "version": VERSION,
        "month": found.month,
        "layout": found.layout,
        "city": found.city,
        "category_set": set_version(found.month),
        "title": wording.title(found),
        "remote_title": wording.remote_title(found),
        "headline": {"total": found.total, **found.headline},
        "apart": found.apart,
        "orders": found.orders,
        "province": [{"city": one.name, "calls": one.calls} for one in found.cities_ranked],
        "province_total": found.province_total,
        "tables": {kind.value: _table(table) for kind, table in found.tables.items()},
        "folded": found.folded,
        "cumulative": found.cumulative,
        "cumulative_text": wording.cumulative(found),
        "remote": list(wording.remote(found)),
        "text": wording.paragraphs(found),
        "figures": {written(key): value for key, value in flat(found).items()},
    }


def _trend(session: Session, month: str) -> list[dict[str, Any]]:
    """The totals of the closed months of the year before, the oldest first."""
    wanted = select(BulletinEdition).where(
        col(BulletinEdition.month) < month,
        col(BulletinEdition.month) >= comparing.earlier_months(month)[1],
    )
    rows = session.exec(wanted.order_by(col(BulletinEdition.month), col(BulletinEdition.number)))
    last = {one.month: one.snapshot for one in rows}
    return [
        {"month": of, "total": one["headline"]["total"], "category_set": one["category_set"]}
        for of, one in last.items()
    ]


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.kind.label,
        "fields": [
            {"key": one.key, "label": one.label, "holds": one.holds.value} for one in table.fields
        ],
        "rows": table.rows,
        "totals": table.totals,
        "said": table.said,
    }


def _provenance(session: Session, found: Month, made: dict[str, Any]) -> list[dict[str, Any]]:
    """Where each part comes from: the query or the file, how many rows, under which rule."""
    start = [
        _source("正文", "hotline.statistics.headline.counted", made["headline"]["total"]
                + sum(found.apart.values()), HEADLINE_RULE),
        _source("趋势与服务水平", "call_tally_now", made["charts"]["rows"],
                made["charts"]["service_rule"]),
        _source("小数隐去", "hotline.statistics.bulletin.small_cells", 0, small_cells.RULE),
    ]  # fmt: skip
    if found.orders["city"] is not None:
        rows = sum(number or 0 for number in found.orders.values())
        start.append(_source("工单", "workorders.figures.received", rows, "received-1"))
    form = f"版式 {layout_of(found.month).name}"
    booked = sum(ours for _, ours in found.both.values())
    start.append(_source("预约", "hotline.booking.month.tables", booked, form))
    outside = sheets.in_force(session, found.month)
    return start + [_file(sheet) for sheet in outside.values()]


def _source(what: str, query: str, rows: int, rule: str) -> dict[str, Any]:
    return {"what": what, "query": query, "rows": rows, "rule": rule}


def _file(sheet: Any) -> dict[str, Any]:
    made = _source(sheet.kind.label, f"bulletin_sheet {sheet.id}", sheet.rows, "")
    return made | {
        "file": sheet.source,
        "sha256": sheet.digest,
        "imported_at": sheet.imported_at.isoformat(),
        "imported_by": sheet.imported_by,
        "answers": sheet.answers,
    }


def written(key: Key) -> str:
    """A figure's key as one word: a slash inside a piece is doubled."""
    return "/".join(piece.replace("/", "//") for piece in key)


def read_key(text: str) -> Key:
    """What ``written`` was given."""
    pieces = text.replace("//", "\x00").split("/")
    return tuple(piece.replace("\x00", "/") for piece in pieces)


def digest(snapshot: dict[str, Any]) -> str:
    """The SHA-256 of a snapshot, whatever the order of its keys."""
    text = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
