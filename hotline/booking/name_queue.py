"""姓名待核: which heard names wait for somebody to listen, the soonest visit first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, case, col, func, literal, select, tuple_

from hotline.booking.models import Booking, PatientAccount
from hotline.booking.name_models import NameCheck
from hotline.booking.rules import State
from hotline.clock import now, today
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor

PAGE, MOST_COUNTED = 50, 10_000


@dataclass(frozen=True)
class Asked:
    """Which names: ``call`` those to be asked for, ``done`` those settled, else those to be heard;
    ``visible`` is what the reader may know of."""

    which: str = ""
    visible: ColumnElement[bool] = field(default_factory=true)


# The booking that tells what hangs on the name: the latest that stands, else the latest.
_BOOKED = (
    select(Booking.id)
    .where(Booking.patient_id == PatientAccount.patient_id,
           Booking.account_id == PatientAccount.id, col(Booking.booking_no).is_not(None))
    .order_by(case((col(Booking.state) == State.CONFIRMED, 0), else_=1),
              col(Booking.day).desc(), col(Booking.id).desc())
    .limit(1).correlate(PatientAccount).scalar_subquery()
)  # fmt: skip
Row = tuple[NameCheck, PatientAccount, Booking]


def _query(asked: Asked) -> Any:
    is_open = col(NameCheck.verdict).is_(None)
    wanted = {
        "": (is_open, col(NameCheck.unclear_at).is_(None)),
        "call": (is_open, col(NameCheck.unclear_at).is_not(None)),
        "done": (col(NameCheck.verdict).is_not(None),),
    }[asked.which]
    return (
        select(NameCheck, PatientAccount, Booking)
        .join(PatientAccount, col(PatientAccount.id) == col(NameCheck.account_id))
        .join(Booking, col(Booking.id) == _BOOKED)
        .where(*wanted, asked.visible)
    )


def _over(day: date) -> Any:
    return case((col(Booking.day) < literal(day), 1), else_=0)


def queue(session: Session, asked: Asked, cursor: str | None = None) -> Page[Row]:
    """A page of them: the soonest visit first, then those that are over; settled ones by when
    they were settled, the latest first."""
    if asked.which == "done":
        return _settled(session, asked, cursor)
    order = (_over(today()), col(Booking.day), col(NameCheck.id))
    query = _query(asked)
    if (after := decode_cursor(cursor, 3)) is not None:
        query = query.where(tuple_(*order) > _mark(after, int, date.fromisoformat, int))
    rows = session.exec(query.order_by(*order).limit(PAGE + 1)).all()
    return _page(session, asked, rows, lambda row: encode_cursor(
        int(row[2].day < today()), row[2].day.isoformat(), row[0].key))  # fmt: skip


def _settled(session: Session, asked: Asked, cursor: str | None) -> Page[Row]:
    order = (col(NameCheck.checked_at), col(NameCheck.id))
    query = _query(asked)
    if (after := decode_cursor(cursor, 2)) is not None:
        query = query.where(tuple_(*order) < _mark(after, datetime.fromisoformat, int))
    rows = session.exec(query.order_by(*(each.desc() for each in order)).limit(PAGE + 1)).all()
    return _page(session, asked, rows, lambda row: encode_cursor(
        (row[0].checked_at or now()).isoformat(), row[0].key))  # fmt: skip


def _mark(after: list[Any], *reads: Any) -> Any:
    try:
        return tuple(read(value) for read, value in zip(reads, after, strict=True))
    except (TypeError, ValueError):
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400) from None


def _page(session: Session, asked: Asked, rows: Any, mark: Callable[[Row], str]) -> Page[Row]:
    total = count(session, asked)
    more = mark(rows[PAGE - 1]) if len(rows) > PAGE else None
    return Page(list(rows[:PAGE]), more, min(total, MOST_COUNTED), total > MOST_COUNTED)


def count(session: Session, asked: Asked) -> int:
    """How many there are, up to one more than are counted."""
    some = _query(asked).with_only_columns(col(NameCheck.id)).limit(MOST_COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def next_after(session: Session, asked: Asked, but: int | None = None) -> int | None:
    """The most urgent one beside this; None when all have been heard."""
    query = _query(asked).where(col(NameCheck.id) != (but or 0))
    found = session.exec(
        query.order_by(_over(today()), col(Booking.day), col(NameCheck.id)).limit(1)
    ).first()
    return found[0].key if found else None
