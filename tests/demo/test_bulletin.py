"""The demonstration's last month: its sheets are there, it can be closed, and all of it goes."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from hotline.booking.month import month_before
from hotline.clock import local, month_bounds, month_of, now
from hotline.demo.bulletin import load_sheets
from hotline.demo.outside_sheets import sheets
from hotline.demo.remove import remove
from hotline.statistics import returning
from hotline.statistics.bulletin import closing, reading, snapshot
from hotline.statistics.bulletin.checking import failing
from hotline.statistics.bulletin.closing import Closer
from hotline.statistics.bulletin.models import BulletinEdition, BulletinSheet
from hotline.statistics.bulletin.rules import Kind, Weight
from hotline.statistics.models import ReturnTally
from tests.statistics.bulletin import april

MANAGER = Closer(None, "管理者")


@pytest.fixture
def last(session: Session) -> str:
    """The month before this one, with calls."""
    month = month_before(month_of(now()))
    start = month_bounds(month)[0]
    april.fill_calls(session, {"consultation": 30, "booking": 20}, start.isoformat())
    session.commit()
    return month


@pytest.mark.parametrize("month", ["2026-02", "2026-10", "2027-12"])
def test_every_month_has_sheets_that_can_be_read(month: str) -> None:
    found = {name: reading.read(month, name, data) for name, data in sheets(month, {}).items()}
    assert {one.kind for one in found.values()} == set(Kind)
    assert [one.report.faults for one in found.values()] == [[]] * len(Kind)


def test_a_month_that_is_over_can_be_closed_once_its_one_doubt_is_ticked(
    session: Session, last: str
) -> None:
    assert load_sheets() == [last]
    sheet = session.exec(select(BulletinSheet).where(BulletinSheet.kind == Kind.TERMINALS)).one()
    assert sheet.answers == {"terminals.total": "keep"}
    checks = snapshot.of(session, last)[1]
    assert failing(checks, Weight.HARD) == []
    assert {one.code for one in failing(checks)} == {"terminals"}
    assert closing.close(session, last, MANAGER, ["terminals"]).number == 0


def test_bookings_made_here_stand_in_the_sheet_as_they_are(session: Session, last: str) -> None:
    april.fill_bookings(session, {"南京鼓楼医院": 7}, month_bounds(last)[0].isoformat())
    session.commit()
    load_sheets()
    assert not {"source", "online"} & {one.code for one in failing(snapshot.of(session, last)[1])}
    figures = snapshot.of(session, last)[0]["figures"]
    assert figures["booking_by_hospital/南京鼓楼医院/quick"] == 7


def test_a_second_start_adds_nothing_and_removal_takes_all_of_it(
    session: Session, last: str, redis: object
) -> None:
    session.connection().exec_driver_sql("UPDATE call SET is_demo = true")
    session.commit()
    load_sheets()
    assert load_sheets() == []
    closing.close(session, last, MANAGER, ["terminals"])
    returning.keep(session, local(month_bounds(last)[0]).date())
    session.commit()
    remove()
    assert session.exec(select(ReturnTally)).all() == []
    assert session.exec(select(BulletinSheet)).all() == []
    assert session.exec(select(BulletinEdition)).all() == []
