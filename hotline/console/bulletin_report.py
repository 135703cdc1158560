"""The web report of a month, made for looking and for A4; and its files."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request
from sqlmodel import Session

from hotline import access, audit
from hotline.console import bulletin_charts as charts
from hotline.console.booking_choice import whole_number
from hotline.console.bulletin import READERS, bp, in_words, month_in
from hotline.db import still
from hotline.errors import Refused
from hotline.statistics.bulletin import closing, outputs, published
from hotline.statistics.bulletin.layouts import WITHOUT
from hotline.statistics.bulletin.published import Edition
from hotline.statistics.bulletin.tabular import grid, side_by_side
from hotline.web import render

__all__ = ["bp"]


def _edition(session: Session, month: str) -> Edition:
    """The one asked for, else the one in force, else a draft."""
    asked = request.args.get("edition")
    if asked is None:
        return published.in_force(session, month)
    number = whole_number(asked)
    found = closing.editions(session, month)
    if number is None or number not in [one.number for one in found]:
        raise Refused("edition_unknown", "没有这一版，请从月报页重新打开。", 404)
    return published.of(found, number)


@bp.get("/<month>/report")
@access.allowed(*READERS)
def report(month: str) -> str:
    """All of it on one page: text, charts, tables; prints on A4."""
    with still() as session:
        edition = _edition(session, month_in(month))
    made = edition.snapshot
    tables = {
        name: grid(table, with_totals=not name.startswith("platform"))
        for name, table in made["tables"].items()
    }
    if "online_channels" in tables:
        tables["online_channels"] = side_by_side(tables["online_channels"])
    return render(
        "bulletin/report.html",
        edition=edition, made=made, month=month, words=in_words(month), tables=tables,
        charts=charts.of(made), heat=charts.heat(made), service=charts.service(made),
        without=WITHOUT,
    )  # fmt: skip


@bp.get("/<month>/file/<any(docx, xlsx, json, csv):wanted>")
@access.allowed(*READERS)
def file(month: str, wanted: str) -> Response:
    """A document of the edition in force, or of the one asked for."""
    with still() as session:
        edition = _edition(session, month_in(month))
        detail = {"month": month, "format": wanted}
        audit.record(session, audit.Action.EXPORTED, f"bulletin:{month}", detail=detail)
    ending = "zip" if wanted == "csv" else wanted
    name = quote(f"{edition.snapshot['title']}{_state(edition)}.{ending}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(
        outputs.body(edition, wanted), content_type=outputs.FORMATS[wanted], headers=headers
    )


def _state(edition: Edition) -> str:
    if edition.is_draft:
        return "（草稿）"
    return f"（更正{edition.number}）" if edition.number else ""
