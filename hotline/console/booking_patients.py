"""Who is to be treated: patients known by a mobile, or what was typed about a new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from hotline import phone, security
from hotline.booking import id_numbers, patients
from hotline.booking.id_numbers import Identity
from hotline.booking.models import Patient, PatientAccount
from hotline.booking.patients import Applicant
from hotline.calls.models import Call
from hotline.clock import local, now, today
from hotline.errors import Refused

CHILD = 14  # younger than that, somebody else speaks for them
MOBILE = re.compile(r"\+861[3-9]\d{9}")


@dataclass(frozen=True)
class Acquaintance:
    """A patient who has been booked for under this mobile."""

    account: PatientAccount
    patient: Patient

    @property
    def identity(self) -> Identity:
        """The document; one that no longer reads well is still shown."""
        try:
            return id_numbers.read(self.patient.id_number, today())
        except Refused:
            return Identity(self.patient.document, self.patient.id_number)

    @property
    def masked(self) -> str:
        """The number of the document as it may be shown."""
        return id_numbers.mask(self.patient.id_number)

    @property
    def brief(self) -> str:
        """``王小明，女，46 岁``."""
        identity, said = self.identity, [self.account.name]
        if identity.sex is not None:
            said.append(identity.sex.label)
        if identity.born_on is not None:
            said.append(f"{id_numbers.age_on(identity.born_on, today())} 岁")
        return "，".join(said)


def known_by(session: Session, mobile: str | None) -> list[Acquaintance]:
    """Everybody who has been booked for under a mobile, the first first."""
    number = phone.normalise(mobile)
    if number is None:
        return []
    query = (
        select(PatientAccount, Patient)
        .join(Patient, col(Patient.id) == col(PatientAccount.patient_id))
        .where(PatientAccount.mobile_hash == security.lookup_hash("mobile", number))
        .order_by(col(PatientAccount.place))
    )
    return [Acquaintance(account, patient) for account, patient in session.exec(query)]


def mobile_of(call: Call | None) -> str | None:
    """The caller's number, where it can take text messages."""
    number = call.caller if call else None
    return number if number and MOBILE.fullmatch(number) else None


def applicant(session: Session, typed: Mapping[str, str], call: Call | None) -> Applicant:
    """What was chosen or typed. Raises Refused with the fields at fault."""
    mobile = typed.get("mobile", "").strip() or mobile_of(call) or ""
    if account := typed.get("account", ""):
        return _known(session, account, mobile)
    return Applicant(
        typed.get("patient_name", ""), typed.get("id_number", ""), mobile, _guardian(typed, mobile)
    )


def _known(session: Session, account: str, mobile: str) -> Applicant:
    """Only somebody of this very mobile can be chosen."""
    for one in known_by(session, mobile):
        if str(one.account.id) == account:
            return Applicant(one.account.name, one.patient.id_number, one.account.mobile)
    sentence = "这个手机号没有这位就诊人，请重新填写姓名和证件号码。"
    raise Refused("account_unknown", sentence, fields={"patient_name": sentence})


def _guardian(typed: Mapping[str, str], mobile: str) -> Applicant | None:
    name, number = typed.get("guardian_name", "").strip(), typed.get("guardian_id", "").strip()
    if not name and not number:
        return None
    said = Applicant(name, number, mobile)
    try:
        patients.read(said, now())
    except Refused as refusal:
        raise _renamed(refusal, _GUARDIAN) from None
    return said


_PATIENT = {
    "patient.name": "patient_name",
    "patient.id_number": "id_number",
    "patient.mobile": "mobile",
}
_GUARDIAN = _PATIENT | {"patient.name": "guardian_name", "patient.id_number": "guardian_id"}


def in_form(refusal: Refused) -> Refused:
    """The same refusal, its fields called as the form calls them."""
    return _renamed(refusal, _PATIENT)


def _renamed(refusal: Refused, names: Mapping[str, str]) -> Refused:
    fields = {names.get(name, name): sentence for name, sentence in refusal.fields.items()}
    return Refused(refusal.code, refusal.message, refusal.status, fields)


def reading(number: str, at: datetime | None = None) -> dict[str, Any]:
    """What a number says while it is typed: who it belongs to, or what is wrong with it."""
    day = local(at or now()).date()
    try:
        identity = id_numbers.read(number, day)
    except Refused as refusal:
        return {"ok": False, "words": refusal.message}
    born = identity.born_on
    is_child = born is not None and id_numbers.age_on(born, day) < CHILD
    return {"ok": True, "words": in_words(identity, day), "child": is_child}


def in_words(identity: Identity, day: date) -> str:
    """居民身份证，女，1980年1月1日出生，46 岁"""
    said = [identity.document.label]
    if identity.sex is not None:
        said.append(identity.sex.label)
    if born := identity.born_on:
        said.append(f"{born.year}年{born.month}月{born.day}日出生")
        said.append(f"{id_numbers.age_on(born, day)} 岁")
    return "，".join(said)
