"""What a call has done to the database, deed by deed. Each is one transaction.

A refusal comes back as its code; anything else that goes wrong is the session's to handle.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit
from hotline.booking import changing, name_checks, service
from hotline.booking.finding import Booker
from hotline.booking.patients import Applicant
from hotline.booking.rules import ClinicKind, HalfDay
from hotline.clock import local, now
from hotline.db import transaction
from hotline.errors import Refused
from hotline.knowledge import articles
from ivr import callers, offers
from ivr.dialogue.events import Deed, Did, Do
from ivr.dialogue.facts import Booked, Claim, Offered, Person, Slots, Standing
from ivr.media.transport import CallInfo

BY = Booker("voice", sees_all=True)
CANCELLED_BECAUSE = "来电人在语音线路退号"
_MINE = text(
    """
    SELECT b.booking_no, s.id, b.hospital_id, b.department_id, h.name AS hospital,
           d.name AS department, o.name AS doctor, o.title, s.clinic_kind, s.day, s.half_day,
           s.starts_at
    FROM booking b JOIN slot s ON s.id = b.slot_id JOIN hospital h ON h.id = b.hospital_id
    JOIN department d ON d.id = b.department_id JOIN resource r ON r.id = s.resource_id
    LEFT JOIN doctor o ON o.id = r.doctor_id
    WHERE b.patient_id = :patient AND b.state = 'confirmed' AND b.day >= :today
    ORDER BY b.day, b.id
    """
)


class Deeds:
    """The deeds of one call. It holds at most one slot, and ``close`` gives that back."""

    def __init__(self, info: CallInfo, clock: Callable[[], datetime] = now) -> None:
        self._info = info
        self._clock = clock
        self._hold_id: str | None = None

    def do(self, doing: Do) -> Did:
        """Do it."""
        try:
            with transaction() as session:
                result = _DEEDS[doing.deed](self, session, doing.given)
        except Refused as refusal:
            return Did(doing.deed, refused=refusal.code)
        return Did(doing.deed, result)

    def close(self) -> None:
        """No held slot outlives its call."""
        if self._hold_id is not None:
            # a hold that is not there needs no giving back
            with suppress(Refused), transaction() as session:
                self._let_go(session, None)

    def _who_calls(self, session: Session, _given: None) -> tuple[Person, ...]:
        return callers.known(session, self._info.caller, local(self._clock()).date())

    def _search(self, session: Session, slots: Slots) -> Any:
        return offers.find(session, slots, self._clock())

    def _check(self, session: Session, given: tuple[Person, str]) -> bool:
        return callers.proves(session, *given)

    def _hold(self, session: Session, claim: Claim) -> str:
        if self._hold_id is not None:
            self._let_go(session, None)
        applicant, is_heard = self._applicant(session, claim)
        held = service.hold(
            session, claim.slot_id, applicant, offers.CHANNEL, BY,
            at=self._clock(), call_uid=self._info.uuid,
        )  # fmt: skip
        if is_heard:
            name_checks.ask(session, held.booking_id, applicant.name, self._clock())
        self._hold_id = held.hold_id
        return held.hold_id

    def _applicant(self, session: Session, claim: Claim) -> tuple[Applicant, bool]:
        """For whom, and whether nobody but us knows how the name is written."""
        if claim.person is not None:
            return callers.applicant(session, claim.person), False
        mobile = claim.mobile or callers.mobile_of(self._info.caller) or ""
        said = Applicant(claim.name, claim.id_number, mobile)
        name = name_checks.written(session, said, self._clock())
        return (replace(said, name=name), False) if name else (said, True)

    def _confirm(self, session: Session, _given: None) -> Booked:
        booking = service.confirm(session, self._hold_id or "", BY, at=self._clock())
        audit.record(session, audit.Action.RECORD_CHANGED, booking.subject,
                     person_name="语音线路", detail={"state": booking.state.value})  # fmt: skip
        self._hold_id = None
        return Booked(booking.booking_no or "", booking.pick_up_by)

    def _let_go(self, session: Session, _given: None) -> None:
        if self._hold_id is not None:
            service.release(session, self._hold_id, BY, at=self._clock())
            self._hold_id = None

    def _mine(self, session: Session, person: Person) -> tuple[Standing, ...]:
        given = {
            "patient": callers.patient_id(session, person),
            "today": local(self._clock()).date(),
        }
        return tuple(_standing(row) for row in session.execute(_MINE, given))

    def _cancel(self, session: Session, booking_no: str) -> None:
        changing.cancel(session, booking_no, CANCELLED_BECAUSE, BY, at=self._clock())

    def _answer(self, _session: Session, question: str) -> str | None:
        article = articles.find(question, by_sound=True)
        return article.id if article else None


def _standing(row: Any) -> Standing:
    offered = Offered(
        row.id, row.hospital_id, row.department_id, row.hospital, row.department, row.doctor,
        row.title, ClinicKind.known(row.clinic_kind), row.day, HalfDay(row.half_day),
        row.starts_at,
    )  # fmt: skip
    return Standing(row.booking_no, offered)


_DEEDS: dict[Deed, Callable[[Deeds, Session, Any], Any]] = {
    Deed.WHO_CALLS: Deeds._who_calls,
    Deed.SEARCH: Deeds._search,
    Deed.CHECK: Deeds._check,
    Deed.HOLD: Deeds._hold,
    Deed.CONFIRM: Deeds._confirm,
    Deed.LET_GO: Deeds._let_go,
    Deed.MINE: Deeds._mine,
    Deed.CANCEL: Deeds._cancel,
    Deed.ANSWER: Deeds._answer,
}
