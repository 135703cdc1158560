"""Use cases of a hospital's rules: a row from a day on, put in, or taken back before its day.

A row that is in force is never changed by hand: what held on a day stays known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from hotline import audit
from hotline.booking.models import BookingRule, Channel, Hospital
from hotline.booking.policy import WITHDRAWN, RuleName, read_value
from hotline.booking.rules import ClinicKind
from hotline.clock import today
from hotline.errors import Refused


@dataclass(frozen=True)
class NewRule:
    """A row for everybody, a city or a hospital; channel and kind narrow it further."""

    name: RuleName
    value: str
    effective_on: date
    city: str | None = None
    hospital_id: int | None = None
    channel: str | None = None
    clinic_kind: ClinicKind | None = None


def add(session: Session, rule: NewRule, *, on: date | None = None) -> BookingRule:
    """A new row, from today (``on``) or later. Raises Refused rule_invalid, rule_conflict."""
    if rule.effective_on < (on or today()):
        raise _bad("effective_on", "生效日期不能早于今天：过去的规则不改。")
    _require_meaning(session, rule)
    if (
        rule.city
        and not session.exec(select(Hospital.id).where(Hospital.city == rule.city)).first()
    ):
        raise _bad("hospital", "没有这个城市的医院，请重新选择。")
    if _same_day(session, rule) is not None:
        sentence = "同样范围的这条规则在这一天已有一行，请换一个生效日期，或先撤销那一行。"
        raise Refused("rule_conflict", sentence, 409, fields={"effective_on": sentence})
    return _insert(session, rule)


def put(session: Session, rule: NewRule) -> BookingRule:
    """What a file says: of any day, and instead of what was said for the same day before.

    The same row again changes nothing. Raises Refused rule_invalid.
    """
    _require_meaning(session, rule)
    found = _same_day(session, rule)
    if found is None:
        return _insert(session, rule)
    if found.value != rule.value:
        _note(session, found, before=found.value, after=rule.value)
        found.value = rule.value
        session.flush()
    return found


def withdraw(session: Session, rule_id: int, reason: str = "", *, on: date | None = None) -> None:
    """Take back a row whose day has not come. Raises Refused rule_unknown, rule_in_force."""
    row = session.get(BookingRule, rule_id, with_for_update=True)
    if row is None:
        raise Refused("rule_unknown", "没有这条规则，可能已被撤销。", 404)
    if row.effective_on <= (on or today()):
        raise Refused("rule_in_force", "已生效的规则不能撤销，请增加一条新的。", 409)
    _note(session, row, reason=reason, withdrawn=True)
    session.delete(row)
    session.flush()


def _require_meaning(session: Session, rule: NewRule) -> None:
    try:
        if rule.value != WITHDRAWN:
            read_value(rule.name, rule.value)
    except Refused as refusal:
        raise _bad("value", refusal.message) from None
    if rule.hospital_id is not None and session.get(Hospital, rule.hospital_id) is None:
        raise _bad("hospital", "没有这家医院，请重新选择。")
    if rule.channel is not None and session.get(Channel, rule.channel) is None:
        raise _bad("channel", "没有这个渠道，请重新选择。")


def _bad(field: str, sentence: str) -> Refused:
    return Refused("rule_invalid", sentence, fields={field: sentence})


def _same_day(session: Session, rule: NewRule) -> BookingRule | None:
    asked = {
        "name": rule.name.value,
        "effective_on": rule.effective_on,
        "city": rule.city,
        "hospital_id": rule.hospital_id,
        "channel": rule.channel,
        "clinic_kind": rule.clinic_kind,
    }
    same = [col(getattr(BookingRule, name)).is_not_distinct_from(asked[name]) for name in asked]
    return session.exec(select(BookingRule).where(*same)).first()


def _insert(session: Session, rule: NewRule) -> BookingRule:
    row = BookingRule(
        name=rule.name.value,
        value=rule.value,
        effective_on=rule.effective_on,
        city=rule.city,
        hospital_id=rule.hospital_id,
        channel=rule.channel,
        clinic_kind=rule.clinic_kind,
    )
    session.add(row)
    session.flush()
    _note(session, row)
    return row


def _note(session: Session, row: BookingRule, reason: str = "", **more: object) -> None:
    whose = f"hospital:{row.hospital_id}" if row.hospital_id else f"city:{row.city or '全部'}"
    narrowed = {"channels": row.channel, "kind": row.clinic_kind and row.clinic_kind.label}
    detail = {"rule": row.name, "value": row.value, "from": row.effective_on.isoformat()}
    detail |= {name: value for name, value in narrowed.items() if value}
    audit.record(session, audit.Action.RECORD_CHANGED, whose,
                 reason=reason or None, detail={**detail, **more})  # fmt: skip
