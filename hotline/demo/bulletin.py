"""The demonstration's months that are over: what came from outside is there, one doubt answered,
and a manager can close them."""

from __future__ import annotations

from sqlmodel import Session, col, select

from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.booking import month as booking_month
from hotline.db import transaction
from hotline.demo import locks
from hotline.demo.outside_sheets import sheets
from hotline.demo.people import WELL_KNOWN
from hotline.statistics.bulletin import merging, months, outside
from hotline.statistics.bulletin import sheets as stored
from hotline.statistics.bulletin.closing import Closer
from hotline.statistics.bulletin.months import Stage
from hotline.statistics.bulletin.rules import Kind


def load_sheets() -> list[str]:
    """Bring in the sheets of the months that are over and have none; which months those were."""
    with locks.held(locks.Lock.DATA), transaction() as session:
        waiting = [
            row.month
            for row in months.listed(session)
            if row.stage is Stage.OPEN and not row.sheets
        ]
        for month in sorted(waiting):
            bring_in(session, month)
    return waiting


def bring_in(session: Session, month: str) -> None:
    """One month's sheets, every doubt answered as it is printed."""
    found = outside.check(session, month, files_of(session, month), {}, as_printed=True)
    outside.store(session, found, _manager(session))


def files_of(session: Session, month: str) -> dict[str, bytes]:
    """A month's made-up sheets by file name; bookings made here stand in them as they are."""
    own = merging.own_counts(booking_month.by_hospital(session, month))
    last = stored.in_force(session, booking_month.month_before(month)).get(Kind.CUMULATIVE)
    return sheets(month, own, last.content["rows"][0][0] if last else None)


def _manager(session: Session) -> Closer:
    named = col(Person.username) == WELL_KNOWN[Role.MANAGER]
    who = session.exec(select(Person).where(named, col(Person.is_demo))).first()
    return Closer(who.key, who.name) if who else Closer(None, "演示")
