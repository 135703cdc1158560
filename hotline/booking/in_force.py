"""What the hospitals' rules say of a slot, and whose a booking is: pieces of statements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from hotline import db
from hotline.booking.policy import Place, Policy, Rule, resolve
from hotline.booking.rules import RUNS_OUT, BookingKind, ClinicKind, booking_kind
from hotline.booking.windows import When
from hotline.clock import local
from hotline.errors import Refused

# Rules that could speak: narrower ones are told apart by ``resolve``.
RULES = """
    (SELECT CAST(json_agg(json_build_array(r.name, r.value, r.effective_on, r.city,
                                           r.hospital_id, r.channel, r.clinic_kind)) AS text)
     FROM booking_rule r WHERE (r.city IS NULL OR r.city = h.city)
     AND (r.hospital_id IS NULL OR r.hospital_id = h.id))
"""
# One's own bookings, with ``Booker.given``: what ``Booker.sees`` says of a row, for statements.
OWN = """
    (CAST(%(hospitals)s AS bigint[]) IS NULL OR booking.hospital_id = ANY(%(hospitals)s))
    AND CASE WHEN CAST(%(channels)s AS varchar[]) IS NULL
             THEN %(sees_all)s OR booking.owner = %(owner)s
             ELSE booking.channel = ANY(%(channels)s) END
"""


@dataclass(frozen=True)
class Asked:
    """A slot, a channel and a patient as they are at one instant."""

    row: Mapping[str, Any]
    policy: Policy
    when: When
    at: datetime

    @property
    def kind(self) -> BookingKind:
        """What the statistics call it."""
        own = BookingKind.known(self.row["booking_kind"])
        ahead = (self.when.day - local(self.at).date()).days
        return booking_kind(own, ahead, Policy().window_days)

    @property
    def stale_hold(self) -> int | None:
        """The slot where this patient's own hold has run out and nobody has swept it yet."""
        if self.row["other_state"] not in RUNS_OUT or self.row["other_expires_at"] > self.at:
            return None
        return int(self.row["other_slot_id"])


def asked_of(row: Mapping[str, Any] | None, at: datetime) -> Asked:
    """What a row of the statement says."""
    if row is None:
        raise Refused("slot_unknown", "没有这个号源，请重新查询。", 404)
    if row["channel"] is None:
        sentence = "没有这个预约渠道，请核对渠道代码。"
        raise Refused("channel_unknown", sentence, fields={"channel": sentence})
    kind = ClinicKind.known(row["clinic_kind"])
    place = Place(row["city"], row["hospital_id"], row["channel"], kind)
    policy = _policy(row["rules"], place, local(at).date())
    when = When.of(row)
    return Asked(row, policy, when, at)


@lru_cache(maxsize=4096)
def _policy(rules: str | None, place: Place, on: date) -> Policy:
    """What the rows of ``RULES`` decide: the same text decides the same, and is read once."""
    rows = json.loads(rules or "[]")
    found = (
        Rule(name, value, date.fromisoformat(effective_on), *where)
        for name, value, effective_on, *where in rows
    )
    return resolve(list(found), place, on)


_WHAT = f"""
    SELECT s.id AS slot_id, s.day, s.half_day, s.starts_at, s.ends_at, s.clinic_kind,
           s.hospital_id, h.city, {RULES} AS rules, NULL AS booking_kind
"""
_POLICY = f"""
    {_WHAT}, CAST(%(channel)s AS varchar) AS channel
    FROM slot s JOIN hospital h ON h.id = s.hospital_id WHERE s.id = %(slot)s
    """


def policy_of(session: Session, slot_id: int, channel: str, at: datetime) -> Asked:
    """The policy in force for a slot, whoever asks."""
    return asked_of(db.first(session, _POLICY, {"slot": slot_id, "channel": channel}), at)


_OF_BOOKING = f"""
    {_WHAT}, booking.channel, booking.hold_id, booking.state
    FROM booking JOIN slot s ON s.id = booking.slot_id JOIN hospital h ON h.id = s.hospital_id
    WHERE booking.booking_no = %(booking_no)s AND {OWN}
"""


def policy_of_booking(
    session: Session, booking_no: str, own: dict[str, Any], at: datetime
) -> Asked | None:
    """The same for a booking of one's own (``own`` is ``Booker.given``), with its state."""
    row = db.first(session, _OF_BOOKING, own | {"booking_no": booking_no})
    return asked_of(row, at) if row else None
