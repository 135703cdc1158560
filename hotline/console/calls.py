"""Pages of calls: the list with its filters and export, one call, what nobody has settled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from hotline import access, audit
from hotline.agents.models import Person
from hotline.agents.rules import DESK_ROLES, Role
from hotline.calls import detail, queries
from hotline.calls.confidential import can_read, content, reader
from hotline.calls.export import export_rows
from hotline.calls.models import Call
from hotline.calls.rules import AbandonedIn, Disposition, State
from hotline.classification import service as sorting
from hotline.classification.vocabulary import Category, categories_in
from hotline.clock import local, now
from hotline.console import calls_filter, desk_data, voice_turns
from hotline.console.event_words import event_words
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.web import Page, render

bp = Blueprint("calls", __name__)
READERS = (*DESK_ROLES, Role.MANAGER)
COLUMNS = (
    Column("at", "呼入时间"),
    Column("caller", "号码"),
    Column("name", "称呼"),
    Column("state", "状态"),
    Column("category", "分类"),
    Column("disposition", "结果"),
    Column("summary", "摘要", is_text=True, is_short=False),
    Column("agent", "坐席"),
    Column("talk", "通话", is_number=True),
    Column("wait", "等待", is_number=True, is_default=False),
    Column("queue", "队列", is_default=False),
    Column("abandoned", "放弃", is_default=False),
    Column("call_no", "编号"),
)


@dataclass(frozen=True)
class Row:
    """A call, and what of it this reader may see."""

    call: Call
    said: dict[str, Any]


@bp.get("/calls")
@access.allowed(*READERS)
def index() -> str:
    """Every call, narrowed by what stands in the address."""
    return _list("calls/index.html", {})


@bp.post("/calls/find")
@access.allowed(*READERS)
def find() -> AnyResponse:
    """Filters as typed become an address without numbers in it."""
    return redirect(calls_filter.list_address(calls_filter.address_of(request.form)))


@bp.get("/calls/undisposed")
@access.allowed(*DESK_ROLES)
def undisposed() -> str:
    """Answered calls that nobody has settled; an agent sees the own ones first."""
    return _list("calls/undisposed.html", {"unsettled": "1"}, _desk_address)


def _list(template: str, fixed: dict[str, str], link: Callable[[Row], str] | None = None) -> str:
    asked = request.args.to_dict() | fixed
    with transaction() as session:
        wanted = calls_filter.filters(session, asked)
        page = queries.search_calls(session, wanted, reader(), request.args.get("cursor"))
        if asked.get("q") or asked.get("number"):
            audit.record(session, audit.Action.SEARCHED, "call", detail={"found": page.total})
        shown = calls_filter.in_words(session, request.args.to_dict())
        return render(
            template,
            listing=_listing(page, shown, link or _address),
            labels=sorting.labels(session),
            **_choices(session),
        )


def _listing(page: Page[Call], shown: dict[str, str], link: Callable[[Row], str]) -> Listing:
    reading = reader()
    rows = [Row(call, content(call, reading)) for call in page.rows]
    piece: Page[Any] = Page(rows, page.next_cursor, page.total, page.is_capped)
    return Listing(COLUMNS, piece, chips(calls_filter.NAMES, shown), link=link)


def _address(row: Row) -> str:
    return url_for("calls.show", call_no=row.call.call_no)


def _desk_address(row: Row) -> str:
    return url_for("desk.work", call_no=row.call.call_no)


def _choices(session: Session) -> dict[str, Any]:
    people = session.exec(
        select(Person).where(col(Person.role).in_(DESK_ROLES)).order_by(Person.name)
    )
    agents = [(person.id, person.name) for person in people]
    known = categories_in(None)
    return {
        "agents": agents,
        "names": dict(agents),
        "states": State.choices(),
        "categories": [(one.value, one.label) for one in Category if one in known],
        "dispositions": Disposition.choices(),
        "abandonments": [("any", "全部放弃"), *AbandonedIn.choices()],
    }


@bp.get("/calls/export.csv")
@access.allowed(*READERS)
def export() -> Response:
    """Exactly what is filtered, as CSV; numbers masked."""
    asked, reading = request.args.to_dict(), reader()
    with transaction() as session:
        wanted = calls_filter.filters(session, asked)
        conditions = {name: asked[name] for name in calls_filter.NAMES if asked.get(name)}
        audit.record(session, audit.Action.EXPORTED, "call", detail=conditions)

    def pieces() -> Iterator[str]:
        with transaction() as session:
            yield from export_rows(session, wanted, reading)

    name = f"calls-{local(now()):%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces(), mimetype="text/csv; charset=utf-8", headers=headers)


@bp.get("/calls/<call_no>")
@access.allowed(*READERS)
def show(call_no: str) -> str:
    """One call with everything that happened in it."""
    reading = reader()
    with transaction() as session:
        call = desk_data.get_call(session, call_no)
        audit.record(session, audit.Action.RECORD_READ, call.subject)
        is_readable = can_read(call, reading)
        return render(
            "calls/show.html",
            call=call,
            said=content(call, reading),
            is_readable=is_readable,
            note=desk_data.note_of(session, call) if is_readable else None,
            detail=detail.call_detail(session, call, reading),
            turns=voice_turns.conversation(session, call, readable=is_readable),
            voice=voice_turns.whole(session, call),
            agents=_names(session),
            event_words=event_words,
            alerts=desk_data.alerts_of(session, call),
            labels=sorting.labels(session),
            category=Category.known(call.category),
        )


def _names(session: Session) -> dict[str, str]:
    """Name by user name and by extension, as events call people."""
    people = session.exec(select(Person)).all()
    by_extension = {person.extension: person.name for person in people if person.extension}
    return by_extension | {person.username: person.name for person in people}
