"""Names the voice line has heard: until somebody has listened, nobody knows how they are written.

A name that was read or typed is never overwritten by one that was heard.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit, security
from hotline.booking import id_numbers, names, patients, people
from hotline.booking.models import Patient, PatientAccount
from hotline.booking.name_models import NameCheck, NameVerdict
from hotline.clock import now, today
from hotline.errors import Refused

_WRITTEN = text(
    """
    SELECT a.name FROM patient p JOIN patient_account a ON a.patient_id = p.id
    WHERE p.id_hash = :document AND a.mobile_hash = :mobile
      AND NOT EXISTS (SELECT FROM name_check n WHERE n.account_id = a.id AND n.verdict IS NULL)
    """
)
_ASK = text(
    """
    INSERT INTO name_check (account_id, call_uid, heard, heard_at)
    SELECT account_id, call_uid, :heard, :at FROM booking WHERE id = :booking
    ON CONFLICT (account_id) WHERE verdict IS NULL
    DO UPDATE SET call_uid = excluded.call_uid, heard = excluded.heard,
                  heard_at = excluded.heard_at, unclear_at = NULL
    """
)


def written(session: Session, said: patients.Applicant, at: datetime) -> str | None:
    """The name this patient has under this mobile, unless it too was only heard.

    Raises Refused as ``patients.read`` does.
    """
    known = patients.read(said, at)
    given = {"document": known.id_hash, "mobile": known.mobile_hash}
    sealed = session.execute(_WRITTEN, given).scalar()
    return security.decrypt("patient_account.name", sealed) if sealed else None


def ask(session: Session, booking_id: int, heard: str, at: datetime) -> None:
    """Somebody is to listen to the name of this booking's patient, as it was heard last."""
    sealed = security.encrypt("name_check.heard", names.clean(heard))
    session.execute(_ASK, {"booking": booking_id, "heard": sealed, "at": at})


def get(session: Session, check_id: int, *, lock: bool = False) -> tuple[NameCheck, PatientAccount]:
    """A name and whose it is. Raises Refused 404."""
    check = session.get(NameCheck, check_id, with_for_update=lock)
    account = session.get(PatientAccount, check.account_id) if check else None
    if check is None or account is None:
        raise Refused("name_unknown", "没有这条待核的姓名。", 404)
    return check, account


def settle(
    session: Session, check_id: int, name: str, by: int, *, again: bool = False
) -> NameVerdict:
    """The name is written so. ``again`` changes an earlier word.

    Raises Refused: 404, name_invalid, 409 when a colleague was quicker.
    """
    check, account = _to_settle(session, check_id, again=again)
    try:
        right = names.clean(name)
    except Refused as refusal:
        raise Refused(refusal.code, refusal.message, fields={"name": refusal.message}) from None
    check.verdict = NameVerdict.RIGHT if right == check.heard else NameVerdict.CORRECTED
    check.checked_by, check.checked_at = by, now()
    _rename(session, account, right)
    _tell(session, account, check.verdict)
    return check.verdict


def cannot_tell(session: Session, check_id: int, by: int) -> None:
    """Listening did not help: the patient is to be asked. Raises Refused 404, 409."""
    check, account = _to_settle(session, check_id, again=False)
    check.unclear_at, check.checked_by = now(), by
    _tell(session, account, NameVerdict.UNCLEAR)


def _to_settle(session: Session, check_id: int, *, again: bool) -> tuple[NameCheck, PatientAccount]:
    check, account = get(session, check_id, lock=True)
    if check.verdict is not None and not again:
        raise Refused("name_checked", "这个姓名刚被同事核对过，已转到下一个。", 409)
    return check, account


def _rename(session: Session, account: PatientAccount, name: str) -> None:
    patient = session.get(Patient, account.patient_id)
    try:
        born = id_numbers.read(patient.id_number if patient else "", today()).born_on
    except Refused:  # a document that tells no birth date
        born = None
    found = people.hashes(name, born)
    account.name, account.name_hash, account.born_hash = (
        name, found["name_hash"], found["born_hash"],
    )  # fmt: skip
    session.flush()


def _tell(session: Session, account: PatientAccount, verdict: NameVerdict) -> None:
    audit.record(session, audit.Action.RECORD_CHANGED, f"patient:{account.patient_id}",
                 detail={"name_check": verdict.value})  # fmt: skip
