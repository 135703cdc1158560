"""Text messages: the outbox they are written to with the deed itself, and what they say.

The deed notes that somebody must be told; what is said and to which number is read when it is
sent. So a message says what is so, and the outbox keeps nothing personal until then.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline import db, security
from hotline.booking.naming import beside_department, item_of
from hotline.booking.windows import When
from hotline.clock import local
from hotline.labels import Labelled


class Template(Labelled):
    """The code is the gateway's template name; the label is our wording."""

    CONFIRMED = (
        "confirmed",
        "【12320】{name}已预约{when}{where}，预约号{no}，请在{pick_up}前凭证件取号。退号请拨12320。",
    )
    CHANGED = (
        "changed",
        "【12320】{name}的预约已改为{when}{where}，预约号{no}，请在{pick_up}前凭证件取号。",
    )
    CANCELLED = "cancelled", "【12320】{name}{when}{where}的预约（{no}）已退号。"
    STOPPED = (
        "stopped",
        "【12320】很抱歉，{when}{where}停诊，{name}的预约（{no}）已取消，"
        "改约请拨12320，我们也会回电。",
    )
    WAITING_STOPPED = (
        "waiting_stopped",
        "【12320】很抱歉，{name}候补的{when}{where}停诊，候补已取消，请另选时段，可拨12320。",
    )
    OFFERED = (
        "offered",
        "【12320】{name}候补的{when}{where}有号了，为您保留到{until}，请拨12320或在原渠道确认。",
    )


_TOLD = text(
    """
    SELECT b.id, b.booking_no AS no, b.pick_up_by, b.expires_at, b.is_demo, s.day, s.half_day,
           s.starts_at, s.ends_at, h.name AS hospital, d.name AS department, o.name AS doctor,
           r.kind AS category, r.name AS item, a.name, a.mobile
    FROM booking b JOIN slot s ON s.id = b.slot_id JOIN hospital h ON h.id = b.hospital_id
    JOIN department d ON d.id = b.department_id JOIN resource r ON r.id = s.resource_id
    LEFT JOIN doctor o ON o.id = r.doctor_id JOIN patient_account a ON a.id = b.account_id
    WHERE b.id = :booking
    """
)


def outbox(source: str) -> str:
    """The statement that puts a message about each booking of ``source`` into the outbox."""
    return f"""
        INSERT INTO text_message (booking_id, template, state, attempts, next_attempt_at,
                                  created_at, is_demo)
        SELECT b.id, %(template)s, 'due', 0, %(at)s, %(at)s, b.is_demo FROM {source} b
        WHERE CAST(%(template)s AS varchar) IS NOT NULL
    """  # noqa: S608 - constants of ours


_WRITE = f"WITH put AS ({outbox('booking')} AND b.id = ANY(%(bookings)s)) SELECT 1"


def write_all(session: Session, bookings: list[int], template: Template, at: datetime) -> None:
    """Put a message about each booking into the outbox; every few seconds it is emptied."""
    given = {"bookings": bookings, "template": template.value, "at": at}
    db.first(session, _WRITE, given)


def write(session: Session, booking_id: int, template: Template, at: datetime) -> None:
    """Put a message about one booking into the outbox."""
    write_all(session, [booking_id], template, at)


def said(session: Session, booking_id: int, template: Template) -> tuple[str, str]:
    """(mobile, text) of a message about a booking, as things are now."""
    row = session.execute(_TOLD, {"booking": booking_id}).mappings().one()
    return _opened("mobile", row), wording(template, row)


def _opened(name: str, row: RowMapping) -> str:
    return security.decrypt(f"patient_account.{name}", row[name])


def wording(template: Template, row: RowMapping) -> str:
    """What the message says."""
    when = When.of(row)
    beyond = beside_department(row["doctor"], item_of(row["category"], row["item"]))
    return template.label.format(
        name=_opened("name", row),
        when=when,
        where=f"{row['hospital']}{row['department']}{beyond}",
        no=row["no"],
        pick_up=_clock(row["pick_up_by"]),
        until=_clock(row["expires_at"]),
    )


def _clock(instant: datetime | None) -> str:
    if instant is None:
        return ""
    here = local(instant)
    return f"{here.month}月{here.day}日{here:%H:%M}"
