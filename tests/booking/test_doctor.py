"""What the doctor says of booking."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text

from hotline import settings
from hotline.booking import doctor, service
from hotline.booking.models import Schedule
from hotline.booking.rules import HalfDay
from hotline.booking.schedules_rules import OnHoliday
from hotline.clock import today
from hotline.working_days import LAST_YEAR
from tests.booking.places import AGENT, make_slot, person


def test_a_counter_that_is_wrong_is_found(session, redis):
    slot = make_slot(session, 3, today() + timedelta(days=3))
    service.hold(session, slot.id, person(), "agent", AGENT)
    assert doctor.counted(session).mark == "✓"
    session.execute(text("UPDATE slot SET taken = 2 WHERE id = :id"), {"id": slot.id})
    found = doctor.counted(session)
    assert found.mark == "✗"
    assert f"1 个号源的已约数与预约记录不符（如号源 {slot.id}）" in found.sentence


def plan(session, on_holiday):
    slot = make_slot(session)
    session.add(
        Schedule(
            resource_id=slot.resource_id, hospital_id=slot.hospital_id,
            department_id=slot.department_id, weekdays="1", half=HalfDay.MORNING,
            units=5, valid_from=date(2020, 1, 1), on_holiday=on_holiday,
        )
    )  # fmt: skip
    session.flush()


def test_a_year_without_published_holidays_is_said(session):
    year = LAST_YEAR + 1
    plan(session, OnHoliday.AS_USUAL)
    assert doctor.withheld(session, date(year, 3, 1)) == []
    plan(session, OnHoliday.CLOSED)
    assert doctor.withheld(session, date(LAST_YEAR, 3, 1)) == []
    (found,) = doctor.withheld(session, date(LAST_YEAR, 12, 20))
    assert found.mark == "！"
    assert f"{year} 年的放假安排还没有，1 条" in found.sentence


def test_all_that_is_said_is_said_to_whoever_asks(session):
    assert [one.mark for one in doctor.findings(settings.current())][:2] == ["✓", "✓"]
