"""Importing hospitals, schedules and rules: upload, read what would happen, then do it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit, queues
from hotline.agents.rules import Role
from hotline.booking import exporting, import_samples, uploads
from hotline.booking.sheet import Kind
from hotline.booking.uploads import Step
from hotline.clock import today
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render, what_is_wrong

bp = Blueprint("booking_import", __name__, url_prefix="/booking/import")
KEEPERS = (Role.SUPERVISOR, Role.ADMIN)
CSV = "text/csv; charset=utf-8"


@bp.get("")
@access.allowed(*KEEPERS)
def index() -> str:
    """Choose a file; what a sheet looks like; what there is now, as sheets."""
    return _form(None)


def _form(refusal: Refused | None) -> str:
    return render(
        "booking/import.html",
        kinds=Kind.choices(),
        kept=[each for each in Kind.choices() if each[0] != Kind.PATTERN],
        columns=import_samples.columns(),
        **what_is_wrong(refusal),
    )


@bp.post("")
@access.allowed(*KEEPERS)
def upload() -> AnyResponse | tuple[str, int]:
    """Keep the file and have it checked."""
    given, who = request.files.get("file"), access.person()
    try:
        kept = uploads.keep(
            (given.filename if given else "") or "", given.read() if given else b"",
            who.person_id, who.name,
        )  # fmt: skip
    except Refused as refusal:
        return _form(refusal), 422
    queues.enqueue(queues.SLOW, "hotline.booking.import_jobs.check", kept.key)
    return redirect(url_for("booking_import.show", key=kept.key))


@bp.get("/<key>")
@access.allowed(*KEEPERS)
def show(key: str) -> str:
    """How far it is, or what was found."""
    return render("booking/import_show.html", upload=uploads.get(key))


@bp.get("/<key>/progress")
@access.allowed(*KEEPERS)
def progress(key: str) -> Response | str:
    """The line that asks for itself; once the job is over the whole page is shown anew."""
    found = uploads.get(key)
    if found.is_over:
        return Response("", headers={"HX-Refresh": "true"})
    return render("booking/_import_progress.html", upload=found)


@bp.post("/<key>/confirm")
@access.allowed(*KEEPERS)
def confirm(key: str) -> AnyResponse:
    """Import what was checked and found to be in order."""
    found = uploads.get(key)
    if not found.may_be_written:
        raise Refused("import_not_ready", "这个文件还不能导入，请看检查结果。", 409)
    found.step = Step.WRITING
    uploads.save(found)
    queues.enqueue(queues.SLOW, "hotline.booking.import_jobs.write", key)
    return redirect(url_for("booking_import.show", key=key))


@bp.post("/<key>/stop")
@access.allowed(*KEEPERS)
def stop(key: str) -> AnyResponse:
    """Let the job stop; one that was never begun or has died is over at once."""
    found = uploads.get(key)
    uploads.ask_to_stop(key)
    if found.is_silent:
        found.step = Step.STOPPED
        uploads.save(found)
    return redirect(url_for("booking_import.show", key=key))


@bp.get("/sheet/<any(hospitals, schedule, rules):kind>")
@access.allowed(*KEEPERS)
def sheet(kind: str) -> Response:
    """What there is now, as a sheet that could be imported again."""
    with transaction() as session:
        audit.record(session, audit.Action.EXPORTED, "booking", detail={"kind": kind})
    return _file(_pieces(kind), f"{Kind(kind).label}-{today()}.csv")


def _pieces(kind: str) -> Iterator[str]:
    with transaction() as session:
        rows: dict[str, Any] = {
            Kind.HOSPITALS: exporting.hospitals,
            Kind.RULES: exporting.rules,
            Kind.SCHEDULE: lambda session: exporting.slots(session, None, None, None),
        }
        yield from exporting.as_csv(rows[kind](session))


@bp.get("/sample/<any(hospitals, schedule, pattern, rules):kind>")
@access.allowed(*KEEPERS)
def sample(kind: str) -> Response:
    """An example sheet to fill in."""
    rows = import_samples.rows(Kind(kind), today())
    return _file(exporting.as_csv([rows]), f"{Kind(kind).label}样表.csv")


def _file(pieces: Iterator[str], name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(pieces, content_type=CSV, headers=headers)
