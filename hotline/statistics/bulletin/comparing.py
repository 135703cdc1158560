"""Month-on-month and year-on-year: only where both months mean the same by it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hotline.booking.month_layouts import layout_of
from hotline.booking.rules import Column
from hotline.classification.vocabulary import Category, set_version
from hotline.statistics.bulletin import names
from hotline.statistics.bulletin.layouts import wording_of

REDEFINED = "口径变化"
UNKNOWN = "未关账"


@dataclass(frozen=True)
class Compared:
    """One figure beside an earlier month's. ``earlier`` and ``change`` are None where there is
    nothing to compare with; ``note`` says why."""

    key: str
    label: str
    value: int
    earlier: int | None
    change: float | None
    note: str = ""

    @property
    def as_json(self) -> dict[str, Any]:
        """As the snapshot keeps it."""
        return dict(self.__dict__)


def earlier_months(month: str) -> tuple[str, str]:
    """(the month before, the same month a year before)."""
    year, number = int(month[:4]), int(month[5:])
    before = f"{year - 1:04}-12" if number == 1 else f"{year:04}-{number - 1:02}"
    return before, f"{year - 1:04}-{month[5:]}"


def compare(now: dict[str, Any], then: dict[str, Any] | None, other: str) -> list[dict[str, Any]]:
    """The figures of a snapshot beside those of another month's; ``then`` None: not closed."""
    return [_one(now["month"], key, value, then, other).as_json for key, value in figures(now)]


def figures(snapshot: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """What is compared: the headline, the orders, the columns of the booking table."""
    for code, number in snapshot["headline"].items():
        yield f"headline/{code}", number
    says_own = wording_of(snapshot["month"]).has_self_orders
    for by, number in snapshot["orders"].items():
        if number is not None and (by != "self" or says_own):
            yield f"orders/{by}", number
    table = snapshot["tables"].get("booking_by_hospital")
    if table:
        for one, cell in zip(table["fields"], table["totals"], strict=True):
            if one["holds"] == "count":
                yield f"booking/{one['key']}", cell


def _one(month: str, key: str, value: int, then: dict[str, Any] | None, other: str) -> Compared:
    label = _label(key)
    if not same_definition(key, month, other):
        return Compared(key, label, value, None, None, REDEFINED)
    if then is None:
        return Compared(key, label, value, None, None, UNKNOWN)
    earlier = dict(figures(then)).get(key)
    if earlier is None:
        return Compared(key, label, value, None, None, "没有这项数据")
    change = round((value - earlier) / earlier, 6) if earlier else None
    return Compared(key, label, value, earlier, change, "" if earlier else "上期为 0")


def says_anything(compared: dict[str, Any]) -> bool:
    """Whether a snapshot's comparison says more than that no earlier month is closed."""
    both = (one for name in ("before", "year") for one in compared[name]["figures"])
    return any(one["note"] != UNKNOWN for one in both)


def same_definition(key: str, month: str, other: str) -> bool:
    """Whether a figure means the same in both months.

    With the category set every category changes: what one of them loses another gains. The total
    and the orders stay what they are. A column of bookings is the same when the same channels
    count in it.
    """
    first, _, code = key.partition("/")
    if first == "headline" and code != "total":
        return set_version(month) == set_version(other)
    if first == "booking" and code != "total":
        return _counts_in(month, code) == _counts_in(other, code)
    return True


def _counts_in(month: str, column: str) -> tuple[Column, ...]:
    for printed in layout_of(month).columns:
        if printed.column.value == column:
            return printed.counts
    return ()


def _label(key: str) -> str:
    first, _, code = key.partition("/")
    if first == "orders":
        return names.ORDERS[code]
    if first == "booking":
        found = Column.known(code)
        return f"预约 · {found.label}" if found else "预约合计"
    category = Category.known(code)
    return category.label if category else "受理咨询电话"
