"""A month's outside figures in the console: upload, read what was found, answer, import."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import quote

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from hotline import access
from hotline.console.bulletin import CLOSERS, READERS, bp, closer, in_words, month_in
from hotline.db import transaction
from hotline.errors import Refused
from hotline.statistics.bulletin import collecting, outside, sheets, uploads
from hotline.statistics.bulletin import doubt as doubting
from hotline.statistics.bulletin.cells import shown
from hotline.statistics.bulletin.doubt import Doubt
from hotline.statistics.bulletin.outside import Import
from hotline.statistics.bulletin.rules import Kind, fields_of
from hotline.web import render, what_is_wrong

__all__ = ["bp"]
ANSWER = "answer-"
MOST_NAMED = 3


@bp.get("/<month>/import")
@access.allowed(*CLOSERS)
def choose(month: str) -> str:
    """Choose files; which there are, and what each looks like."""
    return _form(month_in(month), None)


def _form(month: str, refusal: Refused | None) -> str:
    with transaction() as session:
        there = sheets.in_force(session, month)
        is_closed = collecting.edition_in_force(session, month) is not None
    return render(
        "bulletin/import.html",
        month=month, words=in_words(month), kinds=list(Kind), heads=_heads(month), there=there,
        is_closed=is_closed, **what_is_wrong(refusal),
    )  # fmt: skip


def _heads(month: str) -> dict[Kind, list[str]]:
    return {
        kind: [one.label for one in fields_of(kind, month)]
        for kind in Kind
        if kind is not Kind.CUMULATIVE
    }


@bp.get("/<month>/import/blank")
@access.allowed(*CLOSERS)
def blank(month: str) -> Response:
    """The month's sheets with nothing but their heads, to be filled in."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for kind, heads in _heads(month_in(month)).items():
            pack.writestr(f"{kind.value}.csv", f"{','.join(heads)}\n".encode("utf-8-sig"))
    name = quote(f"{in_words(month)}外部数据空表.zip")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(out.getvalue(), content_type="application/zip", headers=headers)


@bp.post("/<month>/import")
@access.allowed(*CLOSERS)
def upload(month: str) -> Response | tuple[str, int]:
    """Keep the files for an hour and show what is in them."""
    month = month_in(month)
    given = [one for one in request.files.getlist("files") if one.filename]
    try:
        key = uploads.keep(month, {_name(one.filename or ""): one.read() for one in given})
    except Refused as refusal:
        return _form(month, refusal), 422
    return redirect(url_for("bulletin.uploaded", month=month, key=key))


def _name(given: str) -> str:
    return given.replace("\\", "/").rsplit("/", 1)[-1]


@bp.get("/<month>/import/<key>")
@access.allowed(*CLOSERS)
def uploaded(month: str, key: str) -> str:
    """What was found: errors by cell, or questions, or all in order."""
    month = month_in(month)
    return _found(month, key, _check(month, key, {}), {})


@bp.post("/<month>/import/<key>")
@access.allowed(*CLOSERS)
def confirm(month: str, key: str) -> Response | tuple[str, int]:
    """Import with the answers; a question left open is asked again."""
    month = month_in(month)
    given = {
        name.removeprefix(ANSWER): value
        for name, value in request.form.items()
        if name.startswith(ANSWER)
    }
    files = uploads.get(month, key)
    with transaction() as session:
        found = outside.check(session, month, files, given)
        if found.may_be_stored:
            outside.store(session, found, closer())
    if not found.may_be_stored:
        return _found(month, key, found, given), 422
    uploads.drop(key)
    flash(_said(found))
    return redirect(url_for("bulletin.show", month=month))


def _said(found: Import) -> str:
    if not found.stored:
        return "与上次导入的相同，没有变化。"
    if len(found.stored) > MOST_NAMED:
        return f"已导入 {len(found.stored)} 张表。"
    return f"已导入：{'、'.join(kind.label for kind in found.stored)}。"


def _check(month: str, key: str, answers: dict[str, str]) -> Import:
    with transaction() as session:
        return outside.check(session, month, uploads.get(month, key), answers)


def _found(month: str, key: str, found: Import, form: dict[str, str]) -> str:
    errors = {f"{ANSWER}{one.key}": _unanswered(of.source, one) for of, one in found.asked}
    return render(
        "bulletin/uploaded.html",
        month=month, words=in_words(month), key=key, found=found, prefix=ANSWER,
        form={f"{ANSWER}{name}": value for name, value in form.items()},
        errors=errors if form or request.method == "POST" else {},
    )  # fmt: skip


def _unanswered(source: str, doubt: Doubt) -> str:
    where = f"第 {doubt.row} 行" if doubt.row else ""
    return f"{source} {where} {doubt.column}：请选择一项。".replace("  ", " ")


@bp.get("/<month>/sheet/<any(booking_by_hospital, online_channels, province_calls,"
        " platform_districts, platform_hospitals, terminals, remote_medicine,"
        " cumulative_bookings):kind>")  # fmt: skip
@access.allowed(*READERS)
def sheet(month: str, kind: str) -> str:
    """The rows of one sheet with their lines in the file: the records behind a figure."""
    month = month_in(month)
    with transaction() as session:
        found = sheets.in_force(session, month).get(Kind(kind))
    return render(
        "bulletin/sheet.html", month=month, words=in_words(month), kind=Kind(kind),
        sheet=found, answered=doubting.answered,
        **(_cells(month, Kind(kind), found) if found else {}),
    )  # fmt: skip


def _cells(month: str, kind: Kind, found: Any) -> dict[str, Any]:
    if kind is Kind.CUMULATIVE:
        return {"heads": [kind.label], "numbers": [True],
                "rows": [(1, "", [str(found.content["rows"][0][0])])], "said": None}  # fmt: skip
    table, fields = sheets.table_of(found), fields_of(kind, month)
    places = [place for place, one in enumerate(fields) if one.key != "number"]
    name = next(place for place, one in enumerate(fields) if one.key == "name")

    def written(row: list[Any]) -> list[str]:
        return [shown(fields[place], row[place]) for place in places]

    return {
        "heads": [fields[place].label for place in places],
        "numbers": [fields[place].holds.value in ("count", "money", "days") for place in places],
        "rows": [
            (line, row[name], written(row))
            for line, row in zip(table.lines, table.rows, strict=True)
        ],
        "said": written(table.said) if table.said else None,
    }
