"""A month's figures as they are now: counted here, and what was imported from outside."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import settings
from hotline.booking import month as booking_month
from hotline.booking.month import Start
from hotline.booking.month_tables import ChannelTable, HospitalTable
from hotline.classification.vocabulary import published_categories
from hotline.clock import month_bounds
from hotline.statistics import headline
from hotline.statistics.bulletin import merging, sheets
from hotline.statistics.bulletin.figures import ORDERS, City, Month
from hotline.statistics.bulletin.models import BulletinEdition, BulletinSheet
from hotline.statistics.bulletin.rules import Cell, Kind, Table, fields_of

ORDERS_AT = "workorders.figures"
# Beside the headline's own grouping, so that a sum that went wrong would show.
_TOTAL = text(
    "SELECT count(*) FROM call WHERE direction = 'inbound' AND started_at >= :start"
    " AND started_at < :end AND category = ANY(:published)"
)


def collect(session: Session, month: str) -> Month:
    """Everything of a Shanghai month ``YYYY-MM``. Raises ValueError on what is no month."""
    counted = headline.counted(session, month)
    apart = {name: getattr(counted, name) for name in ("non_business", "outside", "unfiled")}
    apart["unanswered"] = counted.unanswered
    found = Month(month, settings.current().city, _total(session, month), counted.categories, apart)
    found.orders = orders(session, month)
    outside = sheets.in_force(session, month)
    _add_booking(session, found, outside)
    _add_cities(found, outside.get(Kind.PROVINCE))
    for kind in (Kind.DISTRICTS, Kind.HOSPITALS, Kind.TERMINALS):
        if kind in outside:
            found.tables[kind] = sheets.table_of(outside[kind])
    if Kind.REMOTE in outside:
        found.remote = _remote(outside[Kind.REMOTE].content["rows"])
    _add_cumulative(session, found, outside.get(Kind.CUMULATIVE))
    return found


def _total(session: Session, month: str) -> int:
    start, end = month_bounds(month)
    published = sorted(each.value for each in published_categories(month))
    given = {"start": start, "end": end, "published": published}
    return int(session.execute(_TOTAL, given).scalar_one())


def orders(session: Session, month: str) -> dict[str, int | None]:
    """Orders received by platform; None of each where the work orders are not installed."""
    package = ORDERS_AT.partition(".")[0]
    if not (find_spec(package) and find_spec(ORDERS_AT)):
        return dict.fromkeys(ORDERS)
    found = importlib.import_module(ORDERS_AT).received(session, *month_bounds(month))
    return {by: int(found.get(by, 0)) for by in ORDERS}


def _add_booking(session: Session, found: Month, outside: dict[Kind, BulletinSheet]) -> None:
    own, channels = booking_month.tables(session, found.month)
    sheet = outside.get(Kind.BOOKING)
    if sheet:
        table = sheets.table_of(sheet)
        found.tables[Kind.BOOKING] = merging.merged(table, own, sheet.answers)
        found.both = merging.both(table, own)
    elif own.rows:
        found.tables[Kind.BOOKING] = merging.own_table(own, found.month)
    found.folded = _folded(own, sheet)
    if Kind.CHANNELS in outside:
        found.tables[Kind.CHANNELS] = sheets.table_of(outside[Kind.CHANNELS])
    elif channels.total:
        found.tables[Kind.CHANNELS] = _channels(channels, found.month)
        found.ways = {row.name: row.column.value for row in channels.rows}


def _folded(own: HospitalTable, sheet: BulletinSheet | None) -> dict[str, int]:
    """Bookings of ours in a neighbour's column; what a file says there is the file's affair."""
    chosen = sheet.answers if sheet else None
    folded = {}
    for hidden, shown in own.layout.folded:
        key = f"{Kind.BOOKING.value}.{shown.value}.source"
        if own.folded.get(hidden) and (chosen is None or chosen.get(key) == "own"):
            folded[hidden.value] = own.folded[hidden]
    return folded


def _channels(own: ChannelTable, month: str) -> Table:
    rows: list[list[Cell]] = [["", row.name, row.bookings] for row in own.rows]
    return Table(Kind.CHANNELS, fields_of(Kind.CHANNELS, month), rows, lines=(0,) * len(rows))


def _add_cities(found: Month, sheet: BulletinSheet | None) -> None:
    found.cities = [City(found.city, found.total, is_own=True)]
    if sheet is None:
        return
    table = sheets.table_of(sheet)
    for (name, calls), line in zip(table.rows, table.lines, strict=True):
        city = str(name).removesuffix("市")
        number = calls if isinstance(calls, int) else 0
        if city == found.city.removesuffix("市"):
            found.own_said = number
        else:
            found.cities.append(City(city, number, line=line))
    if table.said and isinstance(table.said[-1], int):
        found.province_said = table.said[-1]


def _remote(rows: list[list[Cell]]) -> dict[tuple[str, str], tuple[Cell, str]]:
    return {(str(of), str(item)): (count, str(who)) for of, item, count, who in rows}


def _add_cumulative(session: Session, found: Month, sheet: BulletinSheet | None) -> None:
    found.before = _before(session, found.month, counts_all=not found.both and sheet is None)
    booked = found.tables.get(Kind.BOOKING)
    if sheet:
        found.cumulative = sheet.content["rows"][0][0]
    elif found.before is not None and booked:
        found.cumulative = found.before + (booked.total_of("total") or 0)


def _before(session: Session, month: str, *, counts_all: bool) -> int | None:
    """The total at the end of the month before: as it was published, imported, or counted."""
    last = booking_month.month_before(month)
    published = edition_in_force(session, last)
    if published and published.snapshot.get("cumulative") is not None:
        return int(published.snapshot["cumulative"])
    given = sheets.in_force(session, last).get(Kind.CUMULATIVE)
    if given:
        return int(given.content["rows"][0][0])
    start = settings.current().bookings_before
    if start or counts_all:
        return booking_month.total_to_date(session, last, Start.read(start or ""))
    return None


def edition_in_force(session: Session, month: str) -> BulletinEdition | None:
    """The last edition of a month; None while it is open."""
    wanted = select(BulletinEdition).where(col(BulletinEdition.month) == month)
    return session.exec(wanted.order_by(col(BulletinEdition.number).desc()).limit(1)).first()
