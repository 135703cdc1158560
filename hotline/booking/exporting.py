"""Hospitals, rules and slots as the sheets they could be imported from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from hotline.booking import queries
from hotline.booking.models import BookingRule, Hospital
from hotline.booking.offers import Offer
from hotline.booking.policy import RuleName
from hotline.booking.queries import Wanted
from hotline.booking.rule_import import EVERYWHERE
from hotline.booking.rules import ResourceKind
from hotline.booking.sheet import HEADERS, Kind
from hotline.calls.export import BOM, safe_cell
from hotline.clock import now, today

USUAL_DAYS = timedelta(days=14)
Row = list[object]


def pieces(
    session: Session, first: date | None, last: date | None, hospital: str | None
) -> Iterator[str]:
    """Pieces of the slots' CSV file, some hundred rows at a time, by day and time."""
    yield from as_csv(slots(session, first, last, hospital))


def as_csv(rows: Iterable[list[Row]]) -> Iterator[str]:
    """Pieces of a CSV file that Excel opens; no cell is a formula."""
    yield BOM
    for some in rows:
        out = io.StringIO()
        csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in some)
        yield out.getvalue()


def slots(
    session: Session, first: date | None, last: date | None, hospital: str | None
) -> Iterator[list[Row]]:
    """The slots of these days (two weeks from today unless said) with what is booked of them."""
    begin = _day(first) or today()
    found = queries.hospital_id(session, hospital) if hospital else None
    wanted = Wanted(begin, _day(last) or begin + USUAL_DAYS, found)
    yield [[*HEADERS[Kind.SCHEDULE], "已约"]]
    cursor = None
    while True:
        page = queries.search(session, wanted, now(), cursor, queries.MOST_SLOTS)
        yield [_slot(offer) for offer in page.rows]
        if (cursor := page.next_cursor) is None:
            return


def _day(given: date | None) -> date | None:
    return given.date() if isinstance(given, datetime) else given


def _slot(offer: Offer) -> Row:
    category = "" if offer.category is ResourceKind.CLINIC else offer.category.label
    return [
        offer.hospital, offer.campus, offer.department, offer.doctor, offer.title,
        offer.kind.label if offer.kind else "", offer.date.isoformat(), offer.half_day.label,
        _clock(offer.starts_at), _clock(offer.ends_at), offer.capacity, offer.fee,
        category, offer.item, offer.city, offer.capacity - offer.free,
    ]  # fmt: skip


def _clock(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def hospitals(session: Session) -> Iterator[list[Row]]:
    """Every hospital that takes bookings."""
    yield [list(HEADERS[Kind.HOSPITALS])]
    yield [
        [one.name, one.short_name, one.level, one.district, one.address, one.city]
        for one in queries.hospitals(session)
    ]


def rules(session: Session) -> Iterator[list[Row]]:
    """Every rule there is or was, those for everybody first."""
    yield [list(HEADERS[Kind.RULES])]
    query = select(BookingRule, Hospital).outerjoin(
        Hospital, col(Hospital.id) == col(BookingRule.hospital_id)
    )
    order = (col(Hospital.city).nulls_first(), col(Hospital.name), BookingRule.name,
             col(BookingRule.effective_on))  # fmt: skip
    yield [_rule(rule, hospital) for rule, hospital in session.exec(query.order_by(*order))]


def _rule(rule: BookingRule, hospital: Hospital | None) -> Row:
    name = RuleName.known(rule.name)
    return [
        hospital.name if hospital else "", name.label if name else rule.name, rule.value,
        rule.effective_on.isoformat(), rule.channel,
        rule.clinic_kind.label if rule.clinic_kind else "",
        hospital.city if hospital else rule.city or EVERYWHERE,
    ]  # fmt: skip
