"""What `hotline doctor` says of booking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking import schedules_reading
from hotline.booking.schedules_rules import OnHoliday
from hotline.calendar_models import known_days
from hotline.clock import today
from hotline.db import transaction
from hotline.doctor import Finding, broken, mind, well
from hotline.settings import Settings

_UNNAMED = text("SELECT count(*) FROM patient_account WHERE name_hash IS NULL")
# Of the days that are over nothing more is taken: what was wrong then harms nobody now.
_MISCOUNTED = text(
    """
    SELECT count(*), min(s.id) FROM slot s WHERE s.day >= :today AND s.taken <> (
        SELECT count(*) FROM booking b WHERE b.slot_id = s.id
        AND b.state IN ('offered', 'held', 'confirmed', 'attended', 'no_show'))
    """
)
_CLOSED_ON_HOLIDAYS = text(
    """
    SELECT count(*) FROM schedule WHERE on_holiday = :closed AND valid_from <= :last
    AND (valid_until IS NULL OR valid_until >= :first)
    """
)


def findings(_: Settings) -> Iterator[Finding]:
    """Whether patients are found by name, counters are right, and slots are made ahead."""
    with transaction() as session:
        found = [named(session), counted(session), *withheld(session, today())]
    yield from found


def named(session: Session) -> Finding:
    """Whether every patient is found by name."""
    if missing := session.execute(_UNNAMED).scalar():
        return mind(f"{missing} 位就诊人还不能按姓名查到：后台任务每分钟补建，请确认 worker 在运行")
    return well("就诊人都能按姓名查到")


def counted(session: Session) -> Finding:
    """Whether each slot to come counts what is booked of it."""
    wrong, first = session.execute(_MISCOUNTED, {"today": today()}).one()
    if wrong:
        return broken(
            f"{wrong} 个号源的已约数与预约记录不符（如号源 {first}）：请停止预约，联系开发者核对"
        )
    return well("今后每个号源的已约数都与预约记录相符")


def withheld(session: Session, first: date) -> list[Finding]:
    """Slots that wait until somebody has said which days of a year are holidays."""
    calendar, last = known_days(session), schedules_reading.last_day(session, first)
    unknown = [year for year in range(first.year, last.year + 1) if not calendar.knows(year)]
    given = {"first": first, "last": last, "closed": OnHoliday.CLOSED.value}
    waiting = session.execute(_CLOSED_ON_HOLIDAYS, given).scalar() if unknown else 0
    if not waiting:
        return []
    years = "、".join(f"{year} 年" for year in unknown)
    return [
        mind(
            f"{years}的放假安排还没有，{waiting} 条节假日停诊的排班在那年不放号："
            "请更新软件，或在“排班 → 节假日与调休”里登记"
        )
    ]
