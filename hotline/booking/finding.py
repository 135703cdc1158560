"""Finding a booking, as far as the one who asks may see it, and closing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col, select

from hotline import phone
from hotline.booking import pool
from hotline.booking.models import Booking, Slot
from hotline.booking.news import tell
from hotline.booking.rules import BookingKind, State
from hotline.errors import Refused


@dataclass(frozen=True)
class Booker:
    """Who acts: ``owner`` is the account or token. Who does not see all acts on their own only.

    Bound to channels, one's own are those of the channels, whoever made them; bound to
    hospitals, nothing of any other is there. None is not narrowed.
    """

    owner: str
    sees_all: bool = False
    channels: frozenset[str] | None = None
    hospitals: frozenset[int] | None = None

    @property
    def as_hospital(self) -> Booker:
        """A hospital knows who came to it, whichever way they booked."""
        return replace(self, sees_all=True, channels=None) if self.hospitals is not None else self

    @property
    def as_reader(self) -> Booker:
        """Bound to a hospital alone, one reads all there is of it."""
        return self.as_hospital if self.channels is None else self

    def goes_to(self, hospital_id: int | None) -> bool:
        """Whether a hospital is there for this one."""
        return self.hospitals is None or hospital_id in self.hospitals

    def sees(self, booking: Booking) -> bool:
        """Whether a booking is one's own."""
        if not self.goes_to(booking.hospital_id):
            return False
        if self.channels is not None:
            return booking.channel in self.channels
        return self.sees_all or booking.owner == self.owner

    def own(self) -> list[Any]:
        """The same as a condition of a query."""
        found: list[Any] = []
        if self.hospitals is not None:
            found.append(col(Booking.hospital_id).in_(self.hospitals))
        if self.channels is not None:
            found.append(col(Booking.channel).in_(self.channels))
        elif not self.sees_all:
            found.append(Booking.owner == self.owner)
        return found

    @property
    def given(self) -> dict[str, Any]:
        """The parameters of ``in_force.OWN``."""
        return {
            "owner": self.owner,
            "sees_all": self.sees_all,
            "channels": None if self.channels is None else list(self.channels),
            "hospitals": None if self.hospitals is None else list(self.hospitals),
        }

    def require_own(self, hospital_id: int, channel: str) -> None:
        """Raises Refused slot_unknown, channel_not_yours for what one is not bound to."""
        if not self.goes_to(hospital_id):
            raise Refused("slot_unknown", "没有这个号源，请重新查询。", 404)
        self.own_channel(channel)

    def own_channel(self, channel: str) -> str:
        """The channel's code, when it is one of one's own. Raises Refused channel_not_yours."""
        if self.channels is not None and channel not in self.channels:
            sentence = "令牌没有绑定这个预约渠道，请改用自己的渠道。"
            raise Refused("channel_not_yours", sentence, 403, fields={"channel": sentence})
        return channel


def get_booking(session: Session, booking_no: str, by: Booker) -> Booking:
    """A booking of one's own, or any for who sees all. Raises Refused 404."""
    return _seen(session.exec(select(Booking).where(Booking.booking_no == booking_no)).first(), by)


def with_slot(session: Session, which: Any, by: Booker, more: Iterable[int] = ()) -> Booking:
    """A booking under lock, its slot (and more slots) locked before it."""
    extra = set(more)
    slots = {*extra, _slot_of(session, which, by)} if extra else _lock_slot_of(session, which)
    if extra:
        pool.lock(session, slots)
    booking = locked(session, which, by)
    if booking.slot_id not in slots:
        raise Refused("booking_changed", "这个预约刚刚被修改，请重新查询后再试。", 409)
    return booking


def _slot_of(session: Session, which: Any, by: Booker) -> int:
    return _seen(session.exec(select(Booking).where(which)).first(), by).slot_id


def _lock_slot_of(session: Session, which: Any) -> set[int]:
    """Look and lock at once: the slot is held for as short as can be."""
    wanted = select(Booking.slot_id).where(which)
    found = session.exec(select(Slot.id).where(col(Slot.id).in_(wanted)).with_for_update())
    return {each for each in found if each is not None}


def locked(session: Session, which: Any, by: Booker) -> Booking:
    """The booking that fits, fresh and locked. Raises Refused 404."""
    tell(session)
    query = select(Booking).where(which).with_for_update()
    return _seen(session.exec(query.execution_options(populate_existing=True)).first(), by)


def adopt(session: Session, row: dict[str, Any]) -> Booking:
    """The booking of a row that a statement gave back: it need not be read again."""
    row = row | {"state": State(row["state"]), "kind": BookingKind(row["kind"])}
    known = session.identity_map.get(identity_key(Booking, row["id"]))
    if known is not None:
        for name, value in row.items():
            set_committed_value(known, name, value)
        return known
    booking = Booking(**row)
    make_transient_to_detached(booking)
    session.add(booking)
    return booking


def _seen(booking: Booking | None, by: Booker) -> Booking:
    """Another channel's booking is, to this one, none at all."""
    if booking is None or not by.sees(booking):
        raise Refused("booking_unknown", "没有找到这个预约，请核对编号。", 404)
    return booking


def settle(
    session: Session, booking: Booking, state: State, at: datetime, reason: str | None = None
) -> None:
    """A booking that is over, and why; numbers in the reason are hidden."""
    booking.state, booking.settled_at, booking.reason = state, at, told_reason(reason)
    session.flush()


def told_reason(reason: str | None) -> str | None:
    """A reason as it is kept: numbers in it are hidden."""
    return phone.redact(reason.strip())[:200] if reason else None
