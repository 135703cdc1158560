"""Slots that fit what a caller wants, or are near it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from hotline.booking import queries
from hotline.booking.offers import Offer
from hotline.booking.queries import Wanted
from hotline.booking.rules import ClinicKind
from hotline.clock import local
from ivr.dialogue.dates import Days
from ivr.dialogue.facts import Found, Offered, Slots
from ivr.dialogue.understand import EARLIEST_DAYS

CHANNEL = "voice"
MOST = 6
# Who asks for an expert means any; who asks for a general clinic does not mean one.
_KINDS = {
    ClinicKind.EXPERT: {ClinicKind.EXPERT, ClinicKind.FAMOUS_EXPERT},
    ClinicKind.FAMOUS_EXPERT: {ClinicKind.FAMOUS_EXPERT},
}
_NEAR = timedelta(minutes=90)


def find(session: Session, slots: Slots, at: datetime) -> Found:
    """What was asked for; if there is none, first the time, then the day or doctor may differ."""
    asked = _search(session, slots, at)
    if asked:
        return Found(_spread(asked))
    for looser in _looser(slots, local(at).date()):
        if near := _search(session, looser, at):
            return Found(_spread(near), instead=True)
    return Found()


def _looser(slots: Slots, today: date) -> Iterable[Slots]:
    without_time = replace(slots, at=None)
    same_day = replace(without_time, half=None, any_half=True)
    anybody = replace(same_day, doctor=None, kind=None, any_doctor=True)
    soon = Days(today + timedelta(days=1), today + timedelta(days=EARLIEST_DAYS))
    return (
        without_time, same_day, replace(without_time, days=soon), anybody,
        replace(same_day, days=soon), replace(anybody, days=soon),
    )  # fmt: skip


def _search(session: Session, slots: Slots, at: datetime) -> list[Offered]:
    if slots.hospital is None or slots.department is None or slots.days is None:
        return []
    wanted = Wanted(
        slots.days.first, slots.days.last, slots.hospital.id, (slots.department.id,),
        doctor=slots.doctor.name if slots.doctor else None, channel=CHANNEL,
    )  # fmt: skip
    page = queries.search(session, wanted, at, limit=queries.MOST_SLOTS)
    fits = _fitting(slots)
    return [_offered(offer) for offer in page.rows if offer.closed is None and fits(offer)]


def _fitting(slots: Slots) -> Callable[[Offer], bool]:
    kinds = _KINDS.get(slots.kind, {slots.kind}) if slots.kind else None

    def fits(offer: Offer) -> bool:
        return (
            offer.free > 0
            and (slots.half is None or offer.half_day is slots.half)
            and (kinds is None or offer.kind in kinds)
            and (slots.at is None or _is_near(offer.starts_at, slots.at))
        )

    return fits


def _is_near(begins: time | None, wanted: time) -> bool:
    if begins is None:
        return True
    apart = _minutes(begins) - _minutes(wanted)
    return abs(apart) <= _NEAR.total_seconds() / 60


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _spread(offers: list[Offered]) -> tuple[Offered, ...]:
    """One of each day, half-day and doctor before a second of any: two options that differ."""
    seen: dict[tuple[object, ...], int] = {}
    ranked = []
    for place, offer in enumerate(offers):
        key = (offer.day, offer.half, offer.doctor)
        seen[key] = seen.get(key, -1) + 1
        ranked.append((seen[key], place, offer))
    return tuple(offer for _, _, offer in sorted(ranked, key=lambda each: each[:2])[:MOST])


def _offered(offer: Offer) -> Offered:
    return Offered(
        offer.slot_id, offer.hospital_id, offer.department_id, offer.hospital, offer.department,
        offer.doctor, offer.title, offer.kind, offer.date, offer.half_day, offer.starts_at,
        str(offer.fee) if offer.fee is not None else None,
    )  # fmt: skip
