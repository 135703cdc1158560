"""The conditions of the list of bookings, as they stand in an address and as chips.

Neither a name, a mobile nor an ID number ever stands in an address: their keyed hashes do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from hotline import phone, security, settings
from hotline.booking import id_numbers, names, patients, people
from hotline.booking.models import Booking, Channel, Hospital, Patient, PatientAccount
from hotline.booking.rules import State
from hotline.clock import parse_day, today
from hotline.console.booking_choice import whole_number
from hotline.errors import Refused

NAMES = {
    "no": "预约号",
    "mobile": "手机号",
    "person": "证件",
    "name": "姓名",
    "born": "姓和出生日期",
    "hospital": "医院",
    "state": "状态",
    "channel": "渠道",
    "from": "就诊从",
    "to": "就诊到",
    "owner": "经办",
}
BOOKING_NO = re.compile(r"\d{8}-\d{6}")
HASHED = ("mobile", "person", "name", "born")
# 王 1980-1-1, 王19800101, 王 1980年1月1日
_BORN = re.compile(
    r"(?P<name>[^\W\d_]{1,4})\s*(?P<year>(?:19|20)\d\d)[-./年 ]?(?P<month>\d{1,2})[-./月 ]?"
    r"(?P<day>\d{1,2})日?"
)


def address_of(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, fit for an address. Raises Refused for words that are none of the three."""
    asked = {name: typed[name].strip() for name in NAMES if typed.get(name, "").strip()}
    words = typed.get("q", "").strip()
    return asked | (_read(words) if words else {})


def _read(words: str) -> dict[str, str]:
    if BOOKING_NO.fullmatch(words):
        return {"no": words}
    if born := _BORN.fullmatch(words):
        return {"born": people.born_hash(born["name"], _date_in(born)).hex()}
    number = phone.normalise(words, settings.current().area_code)
    if number and len(id_numbers.clean(words)) < 15:
        return {"mobile": security.lookup_hash("mobile", number).hex()}
    if not any(character.isdecimal() for character in words):
        return {"name": people.name_hash(_name_in(words)).hex()}
    try:
        identity = id_numbers.read(words, today())
    except Refused:
        raise _unread() from None
    return {"person": patients.id_hash(identity).hex()}


def _name_in(words: str) -> str:
    try:
        return names.clean(words)
    except Refused:
        raise _unread() from None


def _date_in(found: re.Match[str]) -> date:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        raise _unread() from None


def _unread() -> Refused:
    sentence = "请输入预约号、手机号、证件号码、姓名全名，或姓和出生日期（如 王 1980-01-01）。"
    return Refused("search_invalid", sentence, fields={"q": sentence})


def conditions(asked: Mapping[str, str]) -> list[Any]:
    """The address as the query wants it; what is not understood does not narrow."""
    return [col(Booking.booking_no).is_not(None), *narrowing(asked)]


def narrowing(asked: Mapping[str, str]) -> list[Any]:
    """The same for bookings that have no number yet: who waits, or is offered a slot."""
    found: list[Any] = []
    if number := asked.get("no"):
        found.append(Booking.booking_no == number)
    accounts = {"mobile_hash": "mobile", "name_hash": "name", "born_hash": "born"}
    for column, name in accounts.items():
        if (hashed := _hash(asked.get(name))) is not None:
            of = select(PatientAccount.id).where(getattr(PatientAccount, column) == hashed)
            found.append(col(Booking.account_id).in_(of))
    if (hashed := _hash(asked.get("person"))) is not None:
        of = select(Patient.id).where(Patient.id_hash == hashed)
        found.append(col(Booking.patient_id).in_(of))
    return found + _plain(asked)


def _plain(asked: Mapping[str, str]) -> list[Any]:
    since, until = parse_day(asked.get("from")), parse_day(asked.get("to"))
    equal = {
        "hospital_id": whole_number(asked.get("hospital")),
        "state": State.known(asked.get("state")),
        "channel": asked.get("channel") or None,
        "owner": asked.get("owner") or None,
    }
    found = [getattr(Booking, name) == value for name, value in equal.items() if value is not None]
    found += [col(Booking.day) >= since] if since else []
    return found + ([col(Booking.day) <= until] if until else [])


def _hash(text: str | None) -> bytes | None:
    if not text:
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def in_words(session: Session, asked: Mapping[str, str]) -> dict[str, str]:
    """Each condition as a person reads it."""
    said = {name: asked[name] for name in NAMES if asked.get(name)}
    if (state := State.known(said.get("state"))) is not None:
        said["state"] = state.label
    if "channel" in said and (channel := session.get(Channel, said["channel"])) is not None:
        said["channel"] = channel.name
    if (key := whole_number(said.get("hospital"))) is not None:
        hospital = session.get(Hospital, key)
        said["hospital"] = hospital.name if hospital else "未知"
    hidden = {name: "已隐去" for name in HASHED if name in said}
    return said | hidden
