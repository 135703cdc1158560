"""Hospitals' rules for people: what holds today in one sentence, and the rows it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_
from sqlmodel import Session, col, select

from hotline.booking.models import BookingRule, Hospital
from hotline.booking.policy import Place, Policy, Rule, RuleName, resolve
from hotline.booking.windows import describe
from hotline.clock import today
from hotline.console.booking_slots import CHANNEL


@dataclass(frozen=True)
class Row:
    """One row of the rules as a person reads it."""

    name: str
    value: str
    effective_on: date
    narrowed: str

    @property
    def is_future(self) -> bool:
        """Whether it is not in force yet."""
        return self.effective_on > today()


@dataclass(frozen=True)
class HospitalRules:
    """A hospital, what holds there today, and its own rows."""

    hospital: Hospital
    sentence: str
    own: list[Row]


def in_one_sentence(session: Session, hospital: Hospital | None) -> str:
    """What a hospital's rules mean today for a booking by telephone."""
    return describe(_policy(hospital, _rows(session, hospital))) if hospital else ""


def _rows(session: Session, hospital: Hospital) -> list[BookingRule]:
    here = or_(col(BookingRule.hospital_id).is_(None), col(BookingRule.hospital_id) == hospital.id)
    return list(session.exec(select(BookingRule).where(here)))


def _policy(hospital: Hospital, rows: list[BookingRule]) -> Policy:
    rules = [
        Rule(row.name, row.value, row.effective_on, row.city, row.hospital_id, row.channel,
             row.clinic_kind)
        for row in rows
    ]  # fmt: skip
    return resolve(rules, Place(hospital.city, hospital.id, CHANNEL), today())


def every_hospital(session: Session) -> list[HospitalRules]:
    """All hospitals in use, by name, each with what holds there."""
    rows = list(session.exec(select(BookingRule).order_by(col(BookingRule.effective_on))))
    shared = [row for row in rows if row.hospital_id is None]
    own: dict[int | None, list[BookingRule]] = {}
    for row in rows:
        own.setdefault(row.hospital_id, []).append(row)
    query = select(Hospital).where(col(Hospital.is_active)).order_by(Hospital.name)
    return [_of(hospital, shared, own.get(hospital.id, [])) for hospital in session.exec(query)]


def _of(hospital: Hospital, shared: list[BookingRule], own: list[BookingRule]) -> HospitalRules:
    sentence = describe(_policy(hospital, shared + own))
    return HospitalRules(hospital, sentence, [row_of(row) for row in own])


def row_of(row: BookingRule) -> Row:
    """A row in words."""
    name = RuleName.known(row.name)
    narrowed = "、".join(filter(None, [row.channel, row.clinic_kind and row.clinic_kind.label]))
    return Row(name.label if name else row.name, row.value, row.effective_on, narrowed)


def shared_rows(session: Session) -> list[tuple[str, Row]]:
    """Rows for everybody or a whole city, with whom they are for."""
    query = select(BookingRule).where(col(BookingRule.hospital_id).is_(None))
    found = session.exec(query.order_by(BookingRule.city, BookingRule.name))
    return [(row.city or "全部城市", row_of(row)) for row in found]
