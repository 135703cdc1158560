"""Slots as a caller hears of them: what is left, and why one cannot be booked now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline.booking.naming import item_of
from hotline.booking.policy import Place, Policy, Rule, resolve
from hotline.booking.rules import ClinicKind, HalfDay, ResourceKind
from hotline.booking.windows import When, refusal
from hotline.clock import local


@dataclass(slots=True)
class Offer:
    """A slot as a caller hears of it. ``closed`` is the code of why it cannot be booked now."""

    slot_id: int
    hospital_id: int
    hospital: str
    campus: str | None
    department_id: int
    department: str
    doctor: str | None
    title: str | None
    kind: ClinicKind | None
    date: date
    half_day: HalfDay
    starts_at: time | None
    ends_at: time | None
    capacity: int
    free: int
    fee: Decimal | None
    closed: str | None
    category: ResourceKind = ResourceKind.CLINIC
    item: str | None = None
    city: str = ""


_RULES = text(
    "SELECT name, value, effective_on, city, hospital_id, channel, clinic_kind FROM booking_rule"
    " WHERE hospital_id IS NULL OR CAST(:hospital AS bigint) IS NULL OR hospital_id = :hospital"
)


def _rules(session: Session, hospital: int | None) -> list[Rule]:
    return [Rule(*row) for row in session.execute(_RULES, {"hospital": hospital})]


_KINDS: dict[str | None, ClinicKind] = {each.value: each for each in ClinicKind}
_CATEGORIES = {each.value: each for each in ResourceKind}
_HALVES = {each.value: each for each in HalfDay}


class Judge:
    """Tells of each slot whether it can be booked now.

    A search answers hundreds of slots under a few policies: each policy is resolved once, and
    where the same day is not booked a whole day has one answer.
    """

    def __init__(
        self, session: Session, hospital: int | None, channel: str | None, at: datetime
    ) -> None:
        self.rules, self.channel, self.at = _rules(session, hospital), channel, at
        self.today = local(at).date()
        self.policies: dict[tuple[str, int, str | None], Policy] = {}
        self.verdicts: dict[tuple[int, object], str | None] = {}
        # percent by slot, where the channel may not have all of it
        self.shares: dict[int, int] = {}

    def offer(self, row: RowMapping) -> Offer:
        """A row of the search, judged."""
        kind, half = _KINDS.get(row["clinic_kind"]), _HALVES[row["half_day"]]
        when = When(row["day"], half, row["starts_at"], row["ends_at"])
        policy = self._policy(row, kind)
        if policy.quota_percent < 100:
            self.shares[row["id"]] = policy.quota_percent
        closed = "slot_closed" if row["is_stopped"] else self._closed(policy, when)
        return Offer(
            row["id"], row["hospital_id"], row["hospital"], row["campus"], row["department_id"],
            row["department"], row["doctor"], row["title"], kind, when.day, half, when.starts_at,
            when.ends_at, row["capacity"], row["free"], row["fee"],
            closed or (None if row["free"] > 0 else "slot_taken"),
            _CATEGORIES[row["category"]], item_of(row["category"], row["item"]),
            row["city"],
        )  # fmt: skip

    def _policy(self, row: RowMapping, kind: ClinicKind | None) -> Policy:
        key = (row["city"], row["hospital_id"], row["clinic_kind"])
        if key not in self.policies:
            place = Place(row["city"], row["hospital_id"], self.channel, kind)
            found = resolve(self.rules, place, self.today)
            same = next((each for each in self.policies.values() if each == found), found)
            self.policies[key] = same
        return self.policies[key]

    def _closed(self, policy: Policy, when: When) -> str | None:
        key = (id(policy), when if policy.same_day else when.day)
        if key not in self.verdicts:
            against = refusal(policy, when, self.at)
            self.verdicts[key] = against.code if against else None
        return self.verdicts[key]
