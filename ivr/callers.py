"""Who calls: patients known by the mobile they call from, and how they are spoken of."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit, phone, security
from hotline.booking import id_numbers
from hotline.booking.id_numbers import Sex, age_on
from hotline.booking.patients import Applicant
from hotline.errors import Refused
from ivr.dialogue.facts import Person

CHILD_YEARS = 14
_TWO_CHARACTER_SURNAMES = re.compile(
    r"欧阳|太史|端木|上官|司马|东方|独孤|南宫|夏侯|诸葛|尉迟|公羊|皇甫|慕容|长孙|宇文|司徒|令狐"
)
_KNOWN = text(
    """
    SELECT a.id, a.name, a.mobile, p.id_number, a.patient_id
    FROM patient_account a JOIN patient p ON p.id = a.patient_id
    WHERE a.mobile_hash = :mobile ORDER BY a.place
    """
)
_ACCOUNT = text(
    """
    SELECT a.id, a.name, a.mobile, p.id_number, a.patient_id
    FROM patient_account a JOIN patient p ON p.id = a.patient_id WHERE a.id = :id
    """
)


def mobile_of(caller: str | None) -> str | None:
    """The caller's number when texts can be sent to it, else None."""
    number = phone.normalise(caller) if caller else None
    return number if number and number.startswith("+861") and len(number) == 14 else None


def known(session: Session, caller: str | None, today: date) -> tuple[Person, ...]:
    """Patients under this mobile, the first registered first."""
    number = mobile_of(caller)
    if number is None:
        return ()
    rows = session.execute(_KNOWN, {"mobile": security.lookup_hash("mobile", number)}).all()
    found = tuple(Person(row.id, _said(row, today)) for row in rows)
    if found:
        audit.record(session, audit.Action.RECORD_READ, "patient:mobile",
                     person_name="语音线路", detail={"accounts": len(found)})  # fmt: skip
    return found


def _said(row: Any, today: date) -> str:
    """王女士, 李先生, 张小朋友: the surname only."""
    name = security.decrypt("patient_account.name", row.name)
    surname = name[:2] if _TWO_CHARACTER_SURNAMES.match(name) else name[:1]
    try:
        identity = id_numbers.read(_id_number(row), today)
    except Refused:
        return surname + "先生或女士"
    if identity.born_on and age_on(identity.born_on, today) < CHILD_YEARS:
        return surname + "小朋友"
    if identity.sex is None:
        return surname + "先生或女士"
    return surname + ("先生" if identity.sex is Sex.MALE else "女士")


def _id_number(row: Any) -> str:
    return security.decrypt("patient.id_number", row.id_number)


def _account(session: Session, person: Person) -> Any:
    return session.execute(_ACCOUNT, {"id": person.account_id}).one()


def proves(session: Session, person: Person, last_four: str) -> bool:
    """Whether these are the last four of the document."""
    row = _account(session, person)
    is_right = _id_number(row)[-4:].upper() == last_four.replace("*", "X").upper()
    audit.record(session, audit.Action.RECORD_READ, f"patient:{row.patient_id}",
                 person_name="语音线路", detail={"proved": is_right})  # fmt: skip
    return is_right


def applicant(session: Session, person: Person) -> Applicant:
    """A known patient, to be booked for."""
    row = _account(session, person)
    return Applicant(
        security.decrypt("patient_account.name", row.name),
        _id_number(row),
        security.decrypt("patient_account.mobile", row.mobile),
    )


def patient_id(session: Session, person: Person) -> int:
    """The patient behind an account."""
    return int(_account(session, person).patient_id)
