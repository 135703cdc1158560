"""Exactly the orders that are filtered, as CSV or XLSX; numbers masked, what is secret hidden. A
long workbook is written by a worker, and taken away when it is done."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from flask import Response, redirect, request, url_for
from sqlmodel import Session, func, select
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit, queues
from hotline.calls.export import BOM, safe_cell
from hotline.clock import local, now
from hotline.db import transaction
from hotline.web import render
from workorders.confidential import reader
from workorders.models import Order
from workorders.pages import export_kept, export_rows, narrowing
from workorders.pages.blueprint import READERS, bp

__all__ = ["bp"]
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/export.csv")
@access.allowed(*READERS)
def export_csv() -> Response:
    """The list as CSV, streamed."""
    asked, reading = _asked(), reader()

    def pieces() -> Iterator[str]:
        yield BOM + _lines([export_rows.HEADERS])
        for rows in export_rows.rows(asked, reading):
            yield _lines(rows)

    return Response(pieces(), mimetype="text/csv; charset=utf-8", headers=_named("csv"))


@bp.get("/export.xlsx")
@access.allowed(*READERS)
def export_xlsx() -> AnyResponse:
    """The list as a workbook; a long one is asked for on a page of its own."""
    with transaction() as session:
        if count(session, request.args.to_dict()) > export_rows.SHORT:
            given: dict[str, Any] = _conditions(request.args)
            return redirect(url_for("workorders.export_long", **given))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    with export_rows.Workbook() as book:
        for rows in export_rows.rows(_asked(), reader()):
            book.add(rows)
        book.save(file)
    return Response(_pieces(file), mimetype=_SHEET, headers=_named("xlsx"))


def count(session: Session, asked: dict[str, str]) -> int:
    """How many orders the list has."""
    wanted = narrowing.conditions(asked, reader(), now())
    return session.exec(select(func.count()).select_from(Order).where(*wanted)).one()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while piece := file.read(1 << 16):
            yield piece


@bp.get("/exports")
@access.allowed(*READERS)
def export_long() -> str:
    """How many orders it will be, and the button that has it written."""
    asked = _conditions(request.args)
    with transaction() as session:
        said = narrowing.in_words(session, asked)
        return render("workorders/export.html", export=None, total=count(session, asked),
                      said=_said(said), asked=asked)  # fmt: skip


@bp.post("/exports")
@access.allowed(*READERS)
def export_begin() -> AnyResponse:
    """Have it written."""
    asked = _conditions(request.form)
    with transaction() as session:
        said = narrowing.in_words(session, asked)
        total = count(session, asked)
        _record(session, said)
    export = export_kept.begin(asked, _said(said), reader(), total)
    queues.enqueue(queues.SLOW, "workorders.pages.export_job.write", export.key)
    return redirect(url_for("workorders.export_show", key=export.key))


@bp.get("/exports/<key>")
@access.allowed(*READERS)
def export_show(key: str) -> str:
    """How far it is, or the file."""
    export = export_kept.get(key, reader())
    return render("workorders/export.html", export=export, said=export.asked_for,
                  total=export.total, asked=export.asked)  # fmt: skip


@bp.get("/exports/<key>/progress")
@access.passive
@access.allowed(*READERS)
def export_progress(key: str) -> Response | str:
    """The line that asks for itself; once the job is over the whole page is shown anew."""
    export = export_kept.get(key, reader())
    if export.is_over:
        return Response("", headers={"HX-Refresh": "true"})
    return render("workorders/_export_progress.html", export=export)


@bp.post("/exports/<key>/stop")
@access.allowed(*READERS)
def export_stop(key: str) -> AnyResponse:
    """Let the job stop; one that was never begun or has died is over at once."""
    export = export_kept.get(key, reader())
    export_kept.ask_to_stop(key)
    if export.is_silent:
        export.step = export_kept.Step.STOPPED
        export_kept.save(export)
    return redirect(url_for("workorders.export_show", key=key))


@bp.get("/exports/<key>/file")
@access.allowed(*READERS)
def export_file(key: str) -> Response:
    """The workbook, for who asked for it; that it was taken away is on record."""
    export = export_kept.get(key, reader())
    pieces = export_kept.content(export)
    with transaction() as session:
        detail = {"file": "xlsx", "rows": export.done}
        audit.record(session, audit.Action.EXPORTED, "work_order", detail=detail)
    return Response(pieces, mimetype=_SHEET, headers=_named("xlsx"))


def _conditions(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in (*narrowing.NAMES, "sort") if given.get(name)}


def _said(said: dict[str, str]) -> list[str]:
    return [f"{narrowing.NAMES[name]}：{words}" for name, words in said.items()]


def _asked() -> dict[str, str]:
    """The conditions; that they were exported is on record."""
    asked = request.args.to_dict()
    with transaction() as session:
        _record(session, narrowing.in_words(session, asked))
    return asked


def _record(session: Session, said: dict[str, str]) -> None:
    detail = {narrowing.NAMES[name]: words for name, words in said.items()}
    audit.record(session, audit.Action.EXPORTED, "work_order", detail=detail)


def _lines(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _named(ending: str) -> dict[str, Any]:
    name = f"work-orders-{local(now()):%Y%m%d-%H%M}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}
