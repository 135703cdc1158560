"""姓名待核: somebody listens to how a new patient of the voice line is called, and writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline import access, audit
from hotline.agents.models import Person
from hotline.agents.rules import DESK_ROLES
from hotline.booking import name_checks, name_queue
from hotline.booking.models import Booking
from hotline.booking.name_models import NameCheck
from hotline.booking.name_queue import Asked
from hotline.calls.confidential import readable, reader, require_readable
from hotline.calls.models import Call
from hotline.calls.service import find_call
from hotline.clock import today
from hotline.console import one_by_one
from hotline.console.booking_patients import Acquaintance
from hotline.console.booking_told import Told, told
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, render, what_is_wrong

bp = Blueprint("names", __name__, url_prefix="/names")
desk_people = access.allowed(*DESK_ROLES)
WHICH = {"call": "要打电话", "done": "已核对"}
COLUMNS = (
    Column("when", "就诊时间"),
    Column("name", "姓名"),
    Column("place", "医院科室"),
    Column("no", "预约号"),
    Column("state", "预约状态", is_default=False),
    Column("heard_at", "来电时间"),
    Column("verdict", "核对"),
)


@bp.get("")
@desk_people
def index() -> str:
    """Who is to be listened to, the soonest visit first."""
    asked = _asked()
    with transaction() as session:
        page = name_queue.queue(session, asked, request.args.get("cursor"))
        shown = {"which": WHICH.get(asked.which, "")}
        return render(
            "voice/names.html",
            listing=Listing(
                [each for each in COLUMNS if asked.which or each.key != "verdict"],
                _told(session, page),
                chips({"which": "范围"}, shown),
                link=lambda row: url_for("names.show", check_id=row[0].key, **_address(asked)),
            ),
            first=name_queue.next_after(session, asked) if asked.which != "done" else None,
            asked=_address(asked),
            which=list(WHICH.items()),
            to_call=name_queue.count(session, asked_for("call")),
            names=dict(session.exec(select(Person.id, Person.name)).all()),
            today=today(),
        )


def _told(
    session: Session, page: Page[name_queue.Row]
) -> Page[tuple[NameCheck, Told]]:  # fmt: skip
    """The same rows with all that is said of the booking."""
    numbers = [booking.id for _, _, booking in page.rows]
    of = {one.booking.id: one for one in told(session, col(Booking.id).in_(numbers))}
    rows = [(check, of[booking.id]) for check, _, booking in page.rows]
    return Page(rows, page.next_cursor, page.total, page.is_capped)


def _asked() -> Asked:
    which = request.values.get("which", "")
    return asked_for(which if which in WHICH else "")


def asked_for(which: str) -> Asked:
    """Only of calls this reader may read."""
    known = select(Call.id).where(Call.call_uid == NameCheck.call_uid, readable(reader()))
    return Asked(which, known.exists())


def _address(asked: Asked) -> dict[str, Any]:
    return {"which": asked.which} if asked.which else {}


@bp.get("/<int:check_id>")
@desk_people
def show(check_id: int) -> str:
    """One name: its sound, what was heard, the booking that hangs on it."""
    return _show(check_id, None)


@bp.post("/<int:check_id>")
@desk_people
def settle(check_id: int) -> Response | tuple[str, int]:
    """It is written so; then the next one."""
    form, me = request.form, access.person().key
    return _done(check_id, lambda session: name_checks.settle(
        session, check_id, form.get("name", ""), me, again=form.get("again") == "1"))  # fmt: skip


@bp.post("/<int:check_id>/unclear")
@desk_people
def unclear(check_id: int) -> Response | tuple[str, int]:
    """Listening does not help: the patient is to be asked."""
    me = access.person().key
    return _done(check_id, lambda session: name_checks.cannot_tell(session, check_id, me))


def _done(check_id: int, deed: Callable[[Session], object]) -> Response | tuple[str, int]:
    def deed_of_reader() -> None:
        with transaction() as session:
            _require_readable(session, check_id)
            deed(session)

    return one_by_one.done(
        deed_of_reader, lambda refusal: _show(check_id, refusal), lambda: _go_on(check_id)
    )


def _require_readable(session: Session, check_id: int) -> None:
    check, _ = name_checks.get(session, check_id)
    if (call := find_call(session, check.call_uid)) is not None:
        require_readable(call, reader())


def _go_on(check_id: int) -> Response:
    asked = _asked()
    with transaction() as session:
        following = None
        if asked.which != "done":
            following = name_queue.next_after(session, asked, but=check_id)
    if following is None:
        return redirect(url_for("names.index", **_address(asked)))
    return redirect(url_for("names.show", check_id=following, **_address(asked)))


def _show(check_id: int, refusal: Refused | None) -> str:
    asked = _asked()
    with transaction() as session:
        _require_readable(session, check_id)
        check, account = name_checks.get(session, check_id)
        if refusal is None:
            audit.record(session, audit.Action.RECORD_READ, f"patient:{account.patient_id}")
        bookings = told(session, Booking.account_id == account.id,
                        col(Booking.booking_no).is_not(None), most=5)  # fmt: skip
        by = session.get(Person, check.checked_by) if check.checked_by else None
        return render(
            "voice/name.html",
            check=check,
            account=account,
            patient=Acquaintance(account, bookings[0].patient) if bookings else None,
            bookings=bookings,
            call=find_call(session, check.call_uid),
            waiting=name_queue.count(session, asked),
            following=name_queue.next_after(session, asked, but=check_id),
            checked_by=by.name if by else "",
            asked=_address(asked),
            form=request.form if refusal else {"name": account.name},
            **what_is_wrong(refusal),
        )
