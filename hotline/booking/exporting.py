"""Slots as the sheet they could be imported from, with what has been booked of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from hotline.booking import queries
from hotline.booking.queries import Offer, Wanted
from hotline.booking.sheet import HEADERS, Kind
from hotline.calls.export import BOM, safe_cell
from hotline.clock import now, today

USUAL_DAYS = timedelta(days=14)


def pieces(
    session: Session, first: date | None, last: date | None, hospital: str | None
) -> Iterator[str]:
    """Pieces of the file, some hundred rows at a time, by day and time."""
    begin = _day(first) or today()
    found = queries.hospital_id(session, hospital) if hospital else None
    wanted = Wanted(begin, _day(last) or begin + USUAL_DAYS, found)
    yield BOM + _lines([[*HEADERS[Kind.SCHEDULE], "已约"]])
    cursor = None
    while True:
        page = queries.search(session, wanted, now(), cursor, queries.MOST_SLOTS)
        yield _lines([_row(offer) for offer in page.rows])
        if (cursor := page.next_cursor) is None:
            return


def _day(given: date | None) -> date | None:
    return given.date() if isinstance(given, datetime) else given


def _lines(rows: list[list[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _row(offer: Offer) -> list[object]:
    return [
        offer.hospital, offer.campus, offer.department, offer.doctor, offer.title,
        offer.kind.label if offer.kind else "", offer.date.isoformat(), offer.half_day.label,
        _clock(offer.starts_at), _clock(offer.ends_at), offer.capacity, offer.fee,
        offer.capacity - offer.free,
    ]  # fmt: skip


def _clock(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""
