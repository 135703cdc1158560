"""The pool as a few lines of plain Python: what the real one is held against."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

UNITS = {"held", "offered", "confirmed"}
HOLD, OFFER = timedelta(minutes=5), timedelta(minutes=30)


class No(Exception):
    """The model refuses, with a code."""


@dataclass
class Claim:
    """One patient's claim on a slot."""

    patient: int
    slot: int
    state: str
    expires: datetime | None = None
    numbered: bool = False


@dataclass
class Model:
    """Slots by capacity and department; claims in the order they came."""

    capacity: list[int]
    department: list[int]
    at: datetime
    claims: list[Claim] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)

    def do(self, act: str, *arguments: int) -> str:
        """ "ok" or the code of the refusal, which leaves nothing behind."""
        before = copy.deepcopy((self.claims, self.stopped))
        try:
            getattr(self, act)(*arguments)
        except No as no:
            self.claims, self.stopped = before
            return str(no)
        return "ok"

    def units(self, slot: int) -> int:
        """How many claims have one of the slot's units."""
        return sum(claim.slot == slot and claim.state in UNITS for claim in self.claims)

    def hold(self, slot: int, patient: int) -> None:
        stale = self._bookable(slot, patient)
        for each in sorted({slot, stale.slot}) if stale else ():
            self.clear(each)
        if self.units(slot) >= self.capacity[slot]:
            self.clear(slot)
        if self.units(slot) >= self.capacity[slot]:
            raise No("slot_taken")
        self.claims.append(Claim(patient, slot, "held", self.at + HOLD))

    def wait(self, slot: int, patient: int) -> None:
        self._bookable(slot, patient)
        self.clear(slot)
        if self.units(slot) < self.capacity[slot]:
            raise No("slot_free")
        for claim in self.claims:
            if (claim.slot, claim.patient) == (slot, patient) and claim.state in (
                "waiting", "offered",
            ):  # fmt: skip
                raise No("duplicate_booking")
        self.claims.append(Claim(patient, slot, "waiting"))

    def confirm(self, number: int) -> None:
        claim = self.claims[number]
        if claim.numbered:
            return
        if claim.state in ("waiting", "stopped"):
            raise No("not_offered" if claim.state == "waiting" else "slot_closed")
        if claim.state not in ("held", "offered") or claim.expires <= self.at:
            raise No("hold_expired")
        self._require_no_other(claim)
        claim.state, claim.numbered = "confirmed", True

    def release(self, number: int) -> None:
        claim = self.claims[number]
        if claim.state in ("held", "offered", "waiting"):
            had, claim.state = claim.state != "waiting", "released"
            self._pass_on(claim.slot, int(had))

    def cancel(self, number: int) -> None:
        claim = self.claims[number]
        if claim.state == "cancelled":
            return
        self._require_confirmed(claim)
        claim.state = "cancelled"
        self._pass_on(claim.slot, 1)

    def change(self, number: int, slot: int) -> None:
        claim = self.claims[number]
        self._require_confirmed(claim)
        if claim.slot == slot:
            return
        stale = self._bookable(slot, claim.patient, but=claim)
        if stale:
            self.clear(stale.slot)
        if self.units(slot) >= self.capacity[slot]:
            self.clear(slot)
        if self.units(slot) >= self.capacity[slot]:
            raise No("slot_taken")
        before, claim.slot = claim.slot, slot
        self._pass_on(before, 1)

    def stop(self, slot: int) -> None:
        self.stopped.add(slot)
        for claim in self.claims:
            if claim.slot == slot and claim.state in UNITS | {"waiting"}:
                claim.state = "stopped"

    def sweep(self, slot: int) -> None:
        self.clear(slot)

    def clear(self, slot: int) -> None:
        ended = [
            claim
            for claim in self.claims
            if claim.slot == slot and claim.state in ("held", "offered")
            and claim.expires <= self.at
        ]  # fmt: skip
        for claim in ended:
            claim.state = "expired"
        self._pass_on(slot, len(ended))

    def _pass_on(self, slot: int, units: int) -> None:
        waiting = [claim for claim in self.claims if (claim.slot, claim.state) == (slot, "waiting")]
        for claim in waiting[:units]:
            claim.state, claim.expires = "offered", self.at + OFFER

    def _bookable(self, slot: int, patient: int, but: Claim | None = None) -> Claim | None:
        """The patient's own hold there that has run out, if any."""
        if slot in self.stopped:
            raise No("slot_closed")
        other = self._other(slot, patient, but)
        if other and (other.state == "confirmed" or other.expires > self.at):
            raise No("duplicate_booking")
        return other

    def _other(self, slot: int, patient: int, but: Claim | None) -> Claim | None:
        wanted = self.department[slot]
        return next(
            (
                claim
                for claim in self.claims
                if claim is not but and claim.patient == patient
                and claim.state in ("held", "confirmed") and self.department[claim.slot] == wanted
            ),
            None,
        )  # fmt: skip

    def _require_no_other(self, claim: Claim) -> None:
        if claim.state == "offered" and (other := self._other(claim.slot, claim.patient, claim)):
            if other.state == "confirmed" or other.expires > self.at:
                raise No("duplicate_booking")
            self.clear(other.slot)

    def _require_confirmed(self, claim: Claim) -> None:
        if claim.state != "confirmed":
            raise No("cancel_not_allowed" if claim.numbered else "booking_unknown")
