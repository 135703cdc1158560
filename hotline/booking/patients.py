"""Who is to be treated: read from what was said, found by keyed hash, kept once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from hotline import phone, security
from hotline.booking import id_numbers, names, people
from hotline.booking.id_numbers import Identity
from hotline.clock import local
from hotline.errors import Refused

_MOBILE = re.compile(r"\+861[3-9]\d{9}")


@dataclass(frozen=True)
class Applicant:
    """What was said of a patient; ``guardian`` is the adult who speaks for a child."""

    name: str
    id_number: str
    mobile: str
    guardian: Applicant | None = None


@dataclass(frozen=True)
class Known:
    """An applicant whose document, name and mobile hold together."""

    name: str
    identity: Identity
    mobile: str
    guardian: Known | None = None

    @property
    def id_hash(self) -> bytes:
        """By which the patient is found."""
        return id_hash(self.identity)

    @property
    def mobile_hash(self) -> bytes:
        """By which the accounts of a mobile are found."""
        return security.lookup_hash("mobile", self.mobile)


def id_hash(identity: Identity) -> bytes:
    """The keyed hash of a document: its kind counts, a pass is not the passport of that number."""
    return security.lookup_hash("id_number", f"{identity.document}:{identity.number}")


def read(said: Applicant, at: datetime) -> Known:
    """Check what was said. Raises Refused id_number_invalid, name_invalid, mobile_invalid."""
    identity = id_numbers.read(said.id_number, local(at).date())
    guardian = read(said.guardian, at) if said.guardian else None
    if guardian and guardian.identity == identity:
        raise Refused("guardian_invalid", "监护人不能是就诊人本人，请核对证件号码。")
    return Known(names.clean(said.name), identity, _mobile(said.mobile), guardian)


def _mobile(raw: str) -> str:
    number = phone.normalise(raw)
    if number is None or not _MOBILE.fullmatch(number):
        sentence = "请提供 11 位手机号，用来接收预约短信。"
        raise Refused("mobile_invalid", sentence, fields={"patient.mobile": sentence})
    return number


_LOCK_MOBILE = text("SELECT pg_advisory_xact_lock(12321, hashtext(encode(:mobile, 'hex')))")
_PATIENT = text(
    """
    WITH put AS (
        INSERT INTO patient (document, id_number, id_hash, guardian_id, created_at, is_demo)
        VALUES (:document, :id_number, :id_hash, :guardian, :at, :demo)
        ON CONFLICT (id_hash) DO UPDATE
        SET guardian_id = coalesce(excluded.guardian_id, patient.guardian_id) RETURNING id
    ) SELECT id FROM put
    """
)
_ACCOUNTS = text("SELECT patient_id, id FROM patient_account WHERE mobile_hash = :mobile")
_ACCOUNT = text(
    """
    INSERT INTO patient_account (patient_id, name, name_hash, born_hash, mobile, mobile_hash, place)
    VALUES (:patient, :name, :name_hash, :born_hash, :number, :mobile,
            (SELECT coalesce(max(place), 0) + 1 FROM patient_account WHERE mobile_hash = :mobile))
    RETURNING id
    """
)
_RENAME = text(
    "UPDATE patient_account SET name = :name, name_hash = :name_hash, born_hash = :born_hash"
    " WHERE id = :id"
)


def register(
    session: Session, known: Known, most: int, at: datetime, *, is_demo: bool = False
) -> tuple[int, int]:
    """(patient, account): found or made. At most so many patients under one mobile.

    One mobile at a time, and the mobile before the patient: nobody waits in a circle.
    Raises Refused mobile_limit.
    """
    session.execute(_LOCK_MOBILE, {"mobile": known.mobile_hash})
    patient = _patient(session, known, at, is_demo)
    rows = session.execute(_ACCOUNTS, {"mobile": known.mobile_hash}).all()
    accounts = {row.patient_id: row.id for row in rows}
    if patient in accounts:
        return patient, accounts[patient]
    if len(accounts) >= most:
        raise Refused(
            "mobile_limit", f"这个手机号已为 {most} 人预约过，不能再增加，请换一个手机号。", 409
        )
    given = {
        "patient": patient,
        "name": security.encrypt("patient_account.name", known.name),
        "number": security.encrypt("patient_account.mobile", known.mobile),
        "mobile": known.mobile_hash,
    } | people.hashes(known.name, known.identity.born_on)
    return patient, session.execute(_ACCOUNT, given).scalar_one()


def _patient(session: Session, known: Known, at: datetime, is_demo: bool) -> int:
    guardian = _patient(session, known.guardian, at, is_demo) if known.guardian else None
    given = {
        "document": known.identity.document.value,
        "id_number": security.encrypt("patient.id_number", known.identity.number),
        "id_hash": known.id_hash,
        "guardian": guardian,
        "at": at,
        "demo": is_demo,
    }
    return int(session.execute(_PATIENT, given).scalar_one())


def rename(session: Session, account_id: int, known: Known) -> None:
    """The name as it was said last."""
    sealed = security.encrypt("patient_account.name", known.name)
    found = people.hashes(known.name, known.identity.born_on)
    session.execute(_RENAME, {"id": account_id, "name": sealed} | found)
