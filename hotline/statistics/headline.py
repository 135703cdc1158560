"""The month's headline: inbound calls by category of the month's set, and what is kept apart.

Every inbound call that began in the month stands in exactly one figure: under a published
category, with the non-business calls, ``outside`` (a category that the month's set does not
have), ``unfiled`` (somebody or the voice line served it and nobody has sorted it) or
``unanswered`` (it never reached anybody and nobody has sorted it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Session

from hotline.classification.vocabulary import Category, published_categories, set_version
from hotline.clock import month_bounds

RULE = "headline-1"


@dataclass(frozen=True)
class Headline:
    """``categories`` has every published category of the month by code, in the bulletin's order,
    those without a call too. ``late`` counts among all of them calls of which something was told
    more than a day after it happened."""

    month: str
    version: str
    categories: dict[str, int]
    non_business: int
    outside: int
    unfiled: int
    unanswered: int
    late: int
    rule: str = RULE

    @property
    def total(self) -> int:
        """What the bulletin calls 受理咨询电话: the published categories together."""
        return sum(self.categories.values())

    @property
    def calls(self) -> int:
        """Every inbound call."""
        return self.total + self.non_business + self.outside + self.unfiled + self.unanswered


_SUMS = "sum(calls)::bigint AS calls, sum(served)::bigint AS served, sum(late)::bigint AS late"
_KEPT = text(
    f"SELECT category, {_SUMS} FROM call_tally_now"  # noqa: S608 - names of ours only
    " WHERE hour >= :start AND hour < :end GROUP BY 1"
)
_SCANNED = text(
    f"SELECT category, {_SUMS} FROM call_share"  # noqa: S608
    " WHERE started_at >= :start AND started_at < :end GROUP BY 1"
)


def counted(session: Session, month: str) -> Headline:
    """The figures of a Shanghai month ``YYYY-MM`` as they are now, from the tallies. Raises
    ValueError."""
    return counted_between(session, month, *month_bounds(month))


def counted_between(session: Session, month: str, start: datetime, end: datetime) -> Headline:
    """The same of a part of the month, from a full hour up to a full hour."""
    return _from(session, _KEPT, month, start, end)


def scanned(session: Session, month: str) -> Headline:
    """The same, read from the calls themselves: what ``counted`` has to equal."""
    return _from(session, _SCANNED, month, *month_bounds(month))


def _from(
    session: Session, source: TextClause, month: str, start: datetime, end: datetime
) -> Headline:
    rows = session.execute(source, {"start": start, "end": end}).mappings()
    return of_rows(month, [dict(row) for row in rows])


def of_rows(month: str, rows: list[dict[str, Any]]) -> Headline:
    """A headline from ``category`` ('' for none), ``calls``, ``served`` and ``late`` of each."""
    wanted = published_categories(month)
    by_code = {row["category"]: row["calls"] for row in rows}
    published = {each.value: by_code.get(each.value, 0) for each in Category if each in wanted}
    kept_apart = by_code.get(Category.NON_BUSINESS.value, 0)
    unsorted = by_code.get("", 0)
    served = sum(row["served"] for row in rows if not row["category"])
    return Headline(
        month,
        set_version(month),
        published,
        non_business=kept_apart,
        outside=sum(by_code.values()) - sum(published.values()) - kept_apart - unsorted,
        unfiled=served,
        unanswered=unsorted - served,
        late=sum(row["late"] for row in rows),
    )
