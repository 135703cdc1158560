"""Hospitals' rules for people: what holds today in one sentence, where a channel or a kind of
clinic differs, and the rows it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import product
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from hotline.booking.models import BookingRule, Channel, Hospital
from hotline.booking.policy import Place, Policy, Rule, RuleName, resolve
from hotline.booking.rules import ClinicKind
from hotline.booking.windows import describe
from hotline.clock import today
from hotline.console.booking_slots import CHANNEL


@dataclass(frozen=True)
class Row:
    """One row of the rules as a person reads it."""

    id: int | None
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
    """A hospital, what holds there today (as in the whole city?), who has it otherwise, and its
    own rows."""

    hospital: Hospital
    sentence: str
    is_like_city: bool
    otherwise: list[tuple[str, str]]
    own: list[Row]


def in_one_sentence(session: Session, hospital: Hospital | None) -> str:
    """What a hospital's rules mean today for a booking by telephone."""
    return describe(_policy(hospital, _rows(session, hospital), CHANNEL)) if hospital else ""


def _rows(session: Session, hospital: Hospital) -> list[Rule]:
    here = or_(col(BookingRule.hospital_id).is_(None), col(BookingRule.hospital_id) == hospital.id)
    return [_rule(row) for row in session.exec(select(BookingRule).where(here))]


def _rule(row: BookingRule) -> Rule:
    return Rule(row.name, row.value, row.effective_on, row.city, row.hospital_id, row.channel,
                row.clinic_kind)  # fmt: skip


def _policy(
    hospital: Hospital,
    rules: Sequence[Rule],
    channel: str | None = None,
    kind: ClinicKind | None = None,
) -> Policy:
    return resolve(rules, Place(hospital.city, hospital.id, channel, kind), today())


def every_hospital(session: Session) -> list[HospitalRules]:
    """All hospitals in use, by name, each with what holds there."""
    rows = list(session.exec(select(BookingRule).order_by(col(BookingRule.effective_on))))
    names = channel_names(session)
    shared = [_rule(row) for row in rows if row.hospital_id is None]
    own: dict[int | None, list[BookingRule]] = {}
    for row in rows:
        own.setdefault(row.hospital_id, []).append(row)
    query = select(Hospital).where(col(Hospital.is_active)).order_by(Hospital.name)
    return [_of(hospital, shared, own.get(hospital.id, []), names)
            for hospital in session.exec(query)]  # fmt: skip


def channel_names(session: Session) -> dict[str, str]:
    """Every channel's name by its code, in the order of the tables."""
    query = select(Channel).order_by(col(Channel.position))
    return {each.code: each.name for each in session.exec(query)}


def _of(
    hospital: Hospital, shared: list[Rule], own: list[BookingRule], names: dict[str, str]
) -> HospitalRules:
    rules = [*shared, *(_rule(row) for row in own)]
    held = _holds(hospital, rules, names)
    return HospitalRules(
        hospital,
        held[0],
        held == _holds(hospital, shared, names),
        held[1],
        [row_of(row, names) for row in own],
    )


def _holds(
    hospital: Hospital, rules: list[Rule], names: dict[str, str]
) -> tuple[str, list[tuple[str, str]]]:
    return describe(_policy(hospital, rules)), _otherwise(hospital, rules, names)


def _otherwise(
    hospital: Hospital, rules: list[Rule], names: dict[str, str]
) -> list[tuple[str, str]]:
    """(who, what differs) of each channel and kind of clinic that has rows of its own."""
    here = [rule for rule in rules if _speaks_here(rule, hospital)]
    channels = [None, *(code for code in names if any(rule.channel == code for rule in here))]
    kinds = [None, *(kind for kind in ClinicKind if any(rule.clinic_kind == kind for rule in here))]
    usual = _policy(hospital, here)
    found: dict[tuple[str | None, str], list[str]] = {}
    for channel, kind in product(channels, kinds):
        what = _differs(usual, _policy(hospital, here, channel, kind))
        if what and what != (_differs(usual, _policy(hospital, here, channel)) if kind else ""):
            found.setdefault((channel, what), []).append(kind.label if kind else "")
    return [(_who(names, channel, kinds), what) for (channel, what), kinds in found.items()]


def _speaks_here(rule: Rule, hospital: Hospital) -> bool:
    return (rule.city in (None, hospital.city)) and rule.effective_on <= today()


def _who(names: dict[str, str], channel: str | None, kinds: list[str]) -> str:
    return (names[channel] if channel else "") + "、".join(kinds)


def _differs(usual: Policy, other: Policy) -> str:
    changed = ((name, getattr(other, name.value)) for name in RuleName
               if getattr(other, name.value) != getattr(usual, name.value))  # fmt: skip
    return "，".join(f"{name.label} {_value(name, value)}" for name, value in changed)


def _value(name: RuleName, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return f"{value}%" if name is RuleName.QUOTA_PERCENT else getattr(value, "label", str(value))


def row_of(row: BookingRule, names: dict[str, str]) -> Row:
    """A row in words."""
    name = RuleName.known(row.name)
    channel = names.get(row.channel, row.channel) if row.channel else None
    narrowed = "、".join(filter(None, [channel, row.clinic_kind and row.clinic_kind.label]))
    return Row(row.id, name.label if name else row.name, row.value, row.effective_on, narrowed)


def shared_rows(session: Session) -> list[tuple[str, Row]]:
    """Rows for everybody or a whole city, with whom they are for."""
    names = channel_names(session)
    query = select(BookingRule).where(col(BookingRule.hospital_id).is_(None))
    found = session.exec(query.order_by(BookingRule.city, BookingRule.name))
    return [(row.city or "全部城市", row_of(row, names)) for row in found]
