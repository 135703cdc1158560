"""What an imported sheet says about sorting and settling; a person's own word stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlmodel import Session, select

from hotline.calls.rows import as_json, record_set
from hotline.classification.models import SubcategoryRow
from hotline.classification.service import require_choice
from hotline.classification.vocabulary import Category, set_version
from hotline.telephony.files import Settlement

Choice = tuple[str, str | None, str]


@dataclass
class Vocabulary:
    """Categories by code or label, asked for once a month and name."""

    session: Session
    _known: dict[tuple[str, str, str | None], Choice] = field(default_factory=dict)

    def choice(self, month: str, settlement: Settlement) -> Choice | None:
        """(category, subcategory, version of the set); None without one. Raises Refused."""
        if settlement.category is None:
            return None
        asked = (month, settlement.category, settlement.subcategory)
        if asked not in self._known:
            self._known[asked] = self._look_up(*asked)
        return self._known[asked]

    def _look_up(self, month: str, category: str, subcategory: str | None) -> Choice:
        code = next((each.value for each in Category if category in (each, each.label)), category)
        found, leaf = require_choice(self.session, month, code, self._leaf(code, subcategory))
        return found.value, leaf, set_version(month)

    def _leaf(self, category: str, subcategory: str | None) -> str | None:
        """The code of a level-2 label within its category."""
        wanted = select(SubcategoryRow.code).where(
            SubcategoryRow.category == category, SubcategoryRow.label == subcategory
        )
        if subcategory is None or Category.known(category) is None:
            return subcategory
        return self.session.exec(wanted).first() or subcategory


_COLUMNS = {
    "call_uid": "text",
    "category": "text",
    "subcategory": "text",
    "category_set": "text",
    "disposition": "text",
}
_APPLY = text(
    "UPDATE call SET category = given.category, subcategory = given.subcategory,"  # noqa: S608
    " category_set = given.category_set, disposition = given.disposition,"
    " wrapped_up_at = CASE WHEN given.disposition IS NOT NULL THEN call.ended_at END,"
    " state = CASE WHEN state = 'wrap_up' THEN 'closed' ELSE state END"
    f" FROM {record_set(_COLUMNS)}"
    " WHERE call.call_uid = given.call_uid"
    " AND call.wrapped_up_at IS NULL AND call.category IS NULL AND call.ended_at IS NOT NULL"
)


def apply(session: Session, settled: Sequence[tuple[Settlement, Choice | None]]) -> None:
    """Write categories and dispositions over calls that have none."""
    rows = [
        {
            "call_uid": settlement.call_uid,
            "category": choice[0] if choice else None,
            "subcategory": choice[1] if choice else None,
            "category_set": choice[2] if choice else None,
            "disposition": settlement.disposition,
        }
        for settlement, choice in settled
    ]
    if rows:
        session.execute(_APPLY, {"rows": as_json(rows)})
